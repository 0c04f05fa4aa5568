import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FC from "effect/FastCheck"
import { call, post, projectBody } from "./calls.ts"
import { type Generated, generatedRequests } from "./generated.ts"
import { startService } from "./service.ts"

const amount = 10_000

interface Outcome {
  readonly status: number
  /** What is wrong with the answer, in words; null when it is one of the contract's. */
  readonly fault: string | null
}

/** Changes of problems have no last one. */
const isEndless = (path: string): boolean => path.startsWith("/api/v1/problems/events")

const outcomeOf = (url: string, { body, headers, method, path }: Generated) =>
  Effect.promise(async (): Promise<Outcome> => {
    const carries = method !== "GET" && body !== undefined
    const response = await fetch(url + path, {
      method,
      headers,
      ...(carries ? { body } : {}),
      signal: AbortSignal.timeout(30_000),
    })
    const { status } = response
    if (status < 400 && isEndless(path)) {
      await response.body?.cancel()
      return { status, fault: null }
    }
    const text = await response.text()
    const trace = response.headers.get("x-trace-id")
    const shown = `${method} ${path} ${body ?? ""} → ${response.status} ${text.slice(0, 300)}`
    if (status >= 500) return { status, fault: shown }
    if (status < 400) return { status, fault: null }
    const envelope = JSON.parse(text) as Record<string, unknown>
    const sound = typeof envelope["code"] === "string" && typeof envelope["message"] === "string"
    return { status, fault: sound && envelope["trace_id"] === trace ? null : shown }
  })

it.scopedLive(
  "ten thousand requests, right, nearly right and nonsense, get an answer or the envelope, and none a 5xx",
  () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const { json } = yield* post(`${url}/api/v1/sessions`, projectBody)
      const id = String(json["session_id"])
      yield* call(`${url}/api/v1/sessions/${id}/events`)
      const requests = FC.sample(generatedRequests([id, "00000000-0000-4000-8000-000000000000", "job_0"]), {
        numRuns: amount,
        seed: 4711,
      })
      expect(requests.length).toBe(amount)
      const outcomes = yield* Effect.forEach(requests, (request) => outcomeOf(url, request), {
        concurrency: 16,
      })
      expect(outcomes.flatMap(({ fault }) => (fault === null ? [] : [fault])).slice(0, 10)).toEqual([])
      const statuses = new Set(outcomes.map(({ status }) => status))
      expect([...statuses].toSorted()).toEqual([200, 204, 400, 404, 405, 409, 422])
      expect((yield* call(`${url}/api/v1/health`)).json).toMatchObject({ status: "ok" })
    }),
  300_000,
)
