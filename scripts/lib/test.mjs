// All checks and all tests; with arguments only tests, and the arguments are vitest's. Its last line is
// always `N passed, N failed`: a test counts one, and so does a check, a file that doesn't load, an error
// outside of tests, and a test runner that breaks down.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runChecks } from "./check.mjs"
import { plainOutput, readJson, root, tool } from "./paths.mjs"

const runTests = (args) => {
  const folder = mkdtempSync(join(tmpdir(), "exlab-wizard-test-"))
  const report = join(folder, "report.json")
  try {
    const { status, error } = spawnSync(
      tool("vitest"),
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
      {
        cwd: root,
        stdio: ["ignore", "inherit", "inherit"],
        env: process.stdout.isTTY ? process.env : plainOutput,
      },
    )
    if (error !== undefined) console.log(`vitest: ${error.message}`)
    return { ok: status === 0, report: readJson(report) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const countTests = ({ ok, report }) => {
  const files = report?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const count = (status) => tests.filter((test) => test.status === status).length
  const unloaded = files.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  )
  const passed = count("passed")
  const failed = count("failed") + unloaded.length
  if (passed + failed === 0) console.log("no test was run")
  // vitest has more reasons to fail than tests: errors nobody awaited, a worker that died.
  return { passed, failed: failed === 0 && (!ok || passed === 0) ? 1 : failed }
}

const args = process.argv.slice(2)
const checks = args.length === 0 ? await runChecks() : { passed: 0, failed: 0 }
const tests = countTests(runTests(args))
const failed = checks.failed + tests.failed
process.exitCode = failed === 0 ? 0 : 1
console.log(`${checks.passed + tests.passed} passed, ${failed} failed`)
