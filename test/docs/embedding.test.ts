import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"

const run = promisify(execFile)
const root = resolve(import.meta.dirname, "../..")
let folder = ""

/** A program's folder, in which this package is installed beside what it asks for. */
const install = async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "exlab-wizard-readme-")))
  await mkdir(join(folder, "node_modules"))
  await symlink(root, join(folder, "node_modules", "exlab-wizard"))
  for (const name of ["effect", "@effect", "@types"]) {
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name))
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }))
}

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
  rootDir: ".",
}

beforeAll(async () => {
  await run("npm", ["run", "--silent", "build"], { cwd: root })
  await install()
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
