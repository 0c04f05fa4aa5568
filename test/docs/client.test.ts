import { execFile } from "node:child_process"
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { bundledTemplates } from "../../layers/EmbeddedSettings.ts"
import { startService } from "../layers/http/service.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const run = promisify(execFile)
const root = resolve(import.meta.dirname, "../..")
const client = join(root, "src", "Client.ts")

const listing = async (url: string): Promise<string> => {
  const readme = await readFile(join(root, "README.md"), "utf8")
  const [, code = ""] = /```ts client\n([\s\S]*?)```/.exec(readme) ?? []
  return code.replace("http://127.0.0.1:8420", url)
}

const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: ["node"],
  skipLibCheck: true,
  paths: { "exlab-wizard/client": [client] },
}

/** A program's folder with the listing in it, beside the libraries that it asks for. */
const layOut = async (folder: string, url: string) => {
  await mkdir(join(folder, "node_modules"))
  for (const name of ["effect", "@effect", "@types"]) {
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name))
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["client.ts"] }))
  await writeFile(join(folder, "client.ts"), await listing(url))
}

const compile = async (folder: string) => {
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder })
  await build({
    entryPoints: [join(folder, "client.ts")],
    outfile: join(folder, "client.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "exlab-wizard/client": client },
    external: ["effect", "@effect/*"],
    logLevel: "silent",
  })
}

const start = (folder: string) => run(process.execPath, ["client.js"], { cwd: folder })

it.scopedLive(
  "the README's client compiles as it stands, makes its project, and is told when it is there",
  () =>
    Effect.gen(function* () {
      const settings = { paths: { templatesDir: bundledTemplates } }
      const { localRoot, url } = yield* startService({ settings })
      const folder = yield* temporaryDirectory
      yield* Effect.promise(() => layOut(folder, url).then(() => compile(folder)))
      const first = yield* Effect.promise(() => start(folder))
      expect(first.stdout).toMatch(/^1 phase$/m)
      expect(first.stdout).toMatch(/^\d+ done$/m)
      expect(first.stdout).toContain(`created ${join(localRoot, "DEMO_01", "PROJ-0043")}`)
      const second = yield* Effect.promise(() => start(folder))
      expect(second.stdout).toContain("PROJ-0043")
      expect(second.stdout).not.toContain("created")
    }),
  120_000,
)
