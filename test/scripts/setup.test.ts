import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const scripts = fileURLToPath(new URL("../../scripts/lib", import.meta.url))

/** A checkout in which everything that is wanted is installed, by what the set-up looks at. */
const checkout = Effect.map(temporaryDirectory, (root) => {
  const files = {
    "package-lock.json": '{ "packages": { "": {}, "node_modules/a": { "version": "1" } } }',
    "node_modules/.package-lock.json": '{ "packages": { "node_modules/a": { "version": "1" } } }',
    "node_modules/typescript/lib/_tsc.js": "// @effect-lsp-patch",
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  cpSync(scripts, join(root, "scripts", "lib"), { recursive: true })
  return root
})

const nobody = 65534

/** As somebody who may only read: the superuser may write everywhere. */
const setUpAsReader = (root: string) => {
  chmodSync(root, 0o555)
  chmodSync(join(root, "node_modules"), 0o555)
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/lib/setup.mjs"), "deps"], {
    ...asNobody,
    encoding: "utf8",
  })
  chmodSync(root, 0o755)
  chmodSync(join(root, "node_modules"), 0o755)
  return { status, stderr }
}

describe("a checkout that is only there to be read", () => {
  it.scopedLive("needs no set-up when everything is ready, not even a lock", () =>
    Effect.gen(function* () {
      const root = yield* checkout
      expect(setUpAsReader(root)).toEqual({ status: 0, stderr: "" })
      expect(existsSync(join(root, ".setup.lock"))).toBe(false)
    }),
  )

  it.scopedLive("can't be set up when something is missing", () =>
    Effect.gen(function* () {
      const root = yield* checkout
      writeFileSync(join(root, "node_modules/.package-lock.json"), '{ "packages": {} }')
      expect(setUpAsReader(root)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("EACCES") as string,
      })
    }),
  )
})
