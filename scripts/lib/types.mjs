// Types, with Effect's diagnostics as errors; and a proof that these are there at all.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fingerprint, inRoot, readJson, root, tool } from "./paths.mjs"

const tsc = (project) =>
  spawnSync(tool("tsc"), ["-p", project, "--pretty", "false"], { cwd: root, encoding: "utf8" })

/** The incremental state outlives a patch and a change of severities: it is then dropped. */
const dropStaleState = () => {
  const stamp = inRoot("node_modules", ".cache", "types.json")
  const state = fingerprint([inRoot("node_modules", "typescript", "lib", "_tsc.js")])
    .concat(" ")
    .concat(readFileSync(inRoot("tsconfig.json"), "utf8"))
  if (readJson(stamp) === state) return
  rmSync(inRoot("node_modules", ".cache", "check.tsbuildinfo"), { force: true })
  mkdirSync(inRoot("node_modules", ".cache"), { recursive: true })
  writeFileSync(stamp, JSON.stringify(state))
}

const fixture = tsc("test/structure/floating")
if (!fixture.stdout.includes("effect(floatingEffect)")) {
  console.log(
    "TypeScript doesn't report a floating Effect: the Effect language service is not patched in.",
    "Run `npx effect-language-service patch`.",
  )
  console.log(fixture.stdout)
  process.exit(1)
}

dropStaleState()
const project = tsc("tsconfig.json")
console.log(project.stdout + project.stderr)
process.exitCode = project.status ?? 1
