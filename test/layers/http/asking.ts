import { Effect } from "effect"
import type { PluginScripts } from "../../../layers/plugins/ScriptedPluginHost.ts"
import { until } from "../../support/world.ts"
import { call, type Frame, framesOf, post, projectNamed } from "./calls.ts"

/** A plugin that asks one thing. */
export const asking: PluginScripts = {
  asks: {
    moves: [
      { do: "ask", reason: "what can't be known", fields: [{ id: "plate", label: "Plate", type: "string" }] },
    ],
  },
}

/** A session that waits for its answer, and the URL of it. */
export const waitingSession = Effect.fnUntraced(function* (url: string, shortId = "PROJ-7") {
  const { json } = yield* post(
    `${url}/api/v1/sessions`,
    projectNamed(shortId, { template_path: "asks_project" }),
  )
  const id = String(json["session_id"])
  const session = `${url}/api/v1/sessions/${id}`
  yield* until(
    "the prompt",
    Effect.map(call(session), (answer) => answer.json["state"] === "input_required"),
  )
  return { id, session }
})

export const answerIt = (session: string) => post(`${session}/resume`, { extra_inputs: { plate: "P-1" } })

export const numbered = (frames: ReadonlyArray<Frame>) => frames.filter((frame) => frame.id !== undefined)

/** Follows until the terminal event, and is cut after a few chunks, again and again. */
export const followCut = (events: string, cuts: () => number): Effect.Effect<ReadonlyArray<Frame>> =>
  Effect.promise(async () => {
    const seen: Array<Frame> = []
    for (;;) {
      const last = seen.at(-1)?.id
      const abort = new AbortController()
      const headers = last === undefined ? {} : { "last-event-id": last }
      const response = await fetch(events, { headers, signal: abort.signal })
      if (response.status === 204) return seen
      const reader = response.body!.getReader()
      let text = ""
      for (let chunks = cuts(); chunks > 0; chunks -= 1) {
        const { done, value } = await reader.read()
        if (done) break
        text += Buffer.from(value).toString("utf8")
      }
      abort.abort()
      seen.push(...numbered(framesOf(text.slice(0, text.lastIndexOf("\n\n") + 2))))
    }
  })
