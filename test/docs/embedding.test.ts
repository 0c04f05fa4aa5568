import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"

const run = promisify(execFile)
const root = resolve(import.meta.dirname, "../..")
// Below the package's folder, so that the snippet imports it by its name; `dist/` isn't under version control.
const folder = join(root, "dist", "readme")

const snippet = async (): Promise<string> => {
  const readme = await readFile(join(root, "README.md"), "utf8")
  const [, code = ""] = /```ts embed\n([\s\S]*?)```/.exec(readme) ?? []
  return code
}

const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  types: ["node"],
  skipLibCheck: true,
  outDir: ".",
}

beforeAll(async () => {
  await run("npm", ["run", "--silent", "build"], { cwd: root })
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

it("the README's example has at most 25 lines", async () => {
  const lines = (await snippet()).trimEnd().split("\n")
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.length).toBeLessThanOrEqual(25)
})

it("compiles as it stands, runs, and makes the directory that it names", async () => {
  await writeFile(join(folder, "embed.ts"), await snippet())
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["embed.ts"] }))
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder })
  const { stdout } = await run(process.execPath, ["embed.js"], { cwd: folder })
  const made = join(folder, "lab-data", "DEMO_01", "PROJ-0042")
  expect(stdout).toContain(`to be copied: ${made}`)
  expect(stdout).toContain(`created ${made}`)
  expect(existsSync(join(made, ".exlab-wizard", "creation.json"))).toBe(true)
}, 120_000)
