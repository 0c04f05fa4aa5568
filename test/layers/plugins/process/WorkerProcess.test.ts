import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { disk, runScript } from "./support.ts"

it.live("lines arrive in order, the input is one line, and the exit code is data", () =>
  Effect.gen(function* () {
    const script = `process.stdin.on("data", (d) => console.log(JSON.stringify(String(d)))).on("end", () => {
      console.error("bye"); process.exitCode = 3 })`
    const report = yield* runScript(script, { stdin: '{"v":1}' })
    expect(report).toMatchObject({
      end: { _tag: "Exited", code: 3 },
      lines: ['"{\\"v\\":1}\\n"'],
      stderr: "bye\n",
    })
    expect(report.peakMemoryMb).toBeGreaterThan(10)
  }).pipe(Effect.provide(disk)),
)
