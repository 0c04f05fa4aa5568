// Packs what would be published and looks at it as those who install it will: publint and attw.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, tool } from "./paths.mjs"

const run = (command, ...args) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8" })
  console.log(`${stdout ?? ""}${stderr ?? ""}${error === undefined ? "" : error.message}`.trimEnd())
  return status === 0
}

const folder = mkdtempSync(join(tmpdir(), "exlab-wizard-pack-"))
try {
  const packed = run("npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder)
  const tarball = join(folder, readdirSync(folder)[0] ?? "nothing.tgz")
  const sound =
    packed &&
    [
      run(tool("publint"), "run", tarball, "--strict"),
      run(tool("attw"), tarball, "--profile", "esm-only", "--no-definitely-typed", "--format", "ascii"),
    ].every(Boolean)
  process.exitCode = sound ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
