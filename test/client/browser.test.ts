import { readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
let inputs: ReadonlyArray<string> = []
let code = ""

beforeAll(async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [`${root}src/Client.ts`],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    // Nothing of Node is put in its place, and nothing is left out: what isn't there is an error.
    platform: "browser",
    format: "esm",
    target: "es2022",
    logLevel: "silent",
  })
  inputs = Object.keys(metafile.inputs)
  code = outputFiles[0]!.text
})

describe("the client in a browser", () => {
  it("is bundled without anything of Node's", () => {
    expect(code.length).toBeGreaterThan(10_000)
    const imports = [...code.matchAll(/^\s*(?:import|export)\b.*\bfrom\s*"([^"]+)"/gm)].map(
      ([, name]) => name,
    )
    expect(imports).toEqual([])
    const bare = new RegExp(`require\\("(?:node:)?(?:${builtinModules.join("|")})"\\)`)
    expect(bare.exec(code)).toBeNull()
    expect(code).not.toContain('"node:')
  })

  it("has the contract and its data, and nothing of the service", () => {
    const own = inputs.filter((path) => !path.startsWith("node_modules/"))
    expect(own).toContain("src/api/Api.ts")
    expect(own.filter((path) => !/^src\/(?:Client\.ts|(?:client|api|domain)\/)/.test(path))).toEqual([])
  })

  it("needs two libraries, of which programs that embed it have their own", () => {
    const libraries = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
    const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
      dependencies: Record<string, string>
    }
    const found = new Set(libraries)
    expect(found).toContain("effect")
    expect(found).toContain("@effect/platform")
    expect(Object.keys(dependencies).filter((name) => found.has(name))).toEqual([])
  })
})
