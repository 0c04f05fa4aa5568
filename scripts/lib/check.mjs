// Runs every `check:…` script of package.json, two at a time, and prints each one's output when it ends.
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { delimiter } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"
import { inRoot, plainOutput, readJson, root } from "./paths.mjs"

const prefix = "check:"

const runStep = (name, command) =>
  new Promise((resolve) => {
    const started = performance.now()
    const output = []
    const child = spawn(command, {
      cwd: root,
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...plainOutput, PATH: `${inRoot("node_modules", ".bin")}${delimiter}${env.PATH}` },
    })
    const end = (ok, reason) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      const text = Buffer.concat(output).toString().trimEnd()
      console.log(`${ok ? "✓" : "✗"} ${name} (${seconds} s)${reason}`)
      if (!ok && text !== "") console.log(`${text}\n`)
      resolve(ok)
    }
    child.stdout.on("data", (chunk) => output.push(chunk))
    child.stderr.on("data", (chunk) => output.push(chunk))
    child.on("error", (error) => end(false, `: ${error.message}`))
    child.on("close", (status, signal) => end(status === 0, signal === null ? "" : `: ended by ${signal}`))
  })

/** Runs all steps to their end, whatever the others say, and counts them. */
export const runChecks = async () => {
  const steps = Object.entries(readJson(inRoot("package.json")).scripts).filter(([name]) =>
    name.startsWith(prefix),
  )
  const counts = { passed: 0, failed: 0 }
  const worker = async () => {
    for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
      const ok = await runStep(step[0].slice(prefix.length), step[1])
      counts[ok ? "passed" : "failed"] += 1
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))
  return counts
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runChecks()
  console.log(`\n${passed} checks passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
