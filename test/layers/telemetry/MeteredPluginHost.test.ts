import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, framesOf, post, projectNamed } from "../http/calls.ts"
import { startService } from "../http/service.ts"

it.scopedLive("each plugin's outcome is counted once, also when a person was asked in between", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({
      plugins: {
        counted: {
          moves: [
            { do: "ask", reason: "which?", fields: [{ id: "a", label: "A", type: "string" }] },
            { do: "write", path: "made.txt", content: "x" },
          ],
        },
        failing: { moves: [{ do: "fail", reason: "no" }] },
      },
    })
    const api = `${url}/api/v1`
    const outcomes = Effect.map(call(`${api}/metrics`), ({ text }) =>
      text.split("\n").filter((line) => line.startsWith("exlab_plugin_outcomes_total{")),
    )
    // A process counts for all its services, also for those that were there before.
    const before = yield* outcomes
    for (const template_path of ["counted_project", "failing_project"]) {
      const { json } = yield* post(`${api}/sessions`, projectNamed(template_path, { template_path }))
      const session = `${api}/sessions/${String(json["session_id"])}`
      const events = yield* Effect.fork(call(`${session}/events`))
      if (template_path === "counted_project") {
        const answer = post(`${session}/resume`, { extra_inputs: { a: "1" } })
        yield* Effect.repeat(answer, { until: ({ status }) => status === 200 })
      }
      expect(framesOf((yield* events).text).at(-1)?.event).toBe("done")
    }
    expect((yield* outcomes).filter((line) => !before.includes(line)).toSorted()).toEqual([
      'exlab_plugin_outcomes_total{plugin="counted",status="success"} 1',
      'exlab_plugin_outcomes_total{plugin="failing",status="failed"} 1',
    ])
  }),
)
