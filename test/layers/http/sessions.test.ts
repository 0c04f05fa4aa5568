import { existsSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { asking, waitingSession } from "./asking.ts"
import { call, framesOf, post, projectBody, projectNamed } from "./calls.ts"
import { request } from "./rawSocket.ts"
import { startService } from "./service.ts"

const api = (url: string) => `${url}/api/v1`

it.scopedLive("a posted project becomes a directory, and its events are read to the end", () =>
  Effect.gen(function* () {
    const { localRoot, url } = yield* startService()
    const created = yield* post(`${api(url)}/sessions`, projectBody)
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ state: "rendering", next_action: "none" })
    const id = String(created.json["session_id"])
    expect(created.headers.get("location")).toBe(`/api/v1/sessions/${id}`)
    const events = yield* call(`${api(url)}/sessions/${id}/events`)
    expect(events.headers.get("content-type")).toBe("text/event-stream; charset=utf-8")
    const frames = framesOf(events.text)
    const numbered = frames.filter((frame) => frame.id !== undefined)
    expect(numbered.map((frame) => frame.id)).toEqual(numbered.map((_, index) => String(index + 1)))
    expect(numbered.every((frame) => String(frame.data?.["seq"]) === frame.id)).toBe(true)
    expect(frames.every((frame) => frame.event === frame.data?.["kind"])).toBe(true)
    expect(frames.at(-1)?.event).toBe("done")
    expect(existsSync(join(localRoot, "DEMO_01", "PROJ-0042", ".exlab-wizard", "creation.json"))).toBe(true)
    const session = yield* call(`${api(url)}/sessions/${id}`)
    expect(session.json).toMatchObject({ state: "done", kind: "project", result: { blocked: false } })
  }),
)

it.scopedLive("a stream goes on after the number that its reader names, and is 204 after the last", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const { json } = yield* post(`${api(url)}/sessions`, projectBody)
    const events = `${api(url)}/sessions/${String(json["session_id"])}/events`
    const all = framesOf((yield* call(events)).text).filter((frame) => frame.id !== undefined)
    const last = all.at(-1)?.id ?? ""
    const rest = framesOf((yield* call(`${events}?after=3`)).text)
    expect(rest.map((frame) => frame.id)).toEqual(all.slice(3).map((frame) => frame.id))
    const byHead = yield* call(`${events}?after=1`, { headers: { "last-event-id": "3" } })
    expect(framesOf(byHead.text)).toEqual(rest)
    const over = yield* call(events, { headers: { "last-event-id": last } })
    expect([over.status, over.text]).toEqual([204, ""])
  }),
)

it.scopedLive("a refused request says every problem of shape by its wire path, and names its session", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const { equipment_id: _, ...without } = projectBody
    const refused = yield* post(`${api(url)}/sessions`, { ...without, label: 7, stranger: 1 })
    expect(refused.status).toBe(422)
    expect(refused.json).toMatchObject({
      code: "validation_failed",
      trace_id: refused.headers.get("x-trace-id"),
      details: {
        issues: expect.arrayContaining([
          expect.objectContaining({ field: "equipment_id" }),
          expect.objectContaining({ field: "label" }),
          expect.objectContaining({ field: "stranger" }),
        ]),
      },
    })
    const { session_id } = refused.json["details"] as Record<string, string>
    const session = yield* call(`${api(url)}/sessions/${session_id}`)
    expect(session.json).toMatchObject({ state: "failed", error: { code: "validation_failed" } })
  }),
)

it.scopedLive("a run's fields in a project's request are said to be a run's, however they are spelled", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const { json } = yield* post(`${api(url)}/sessions`, {
      ...projectNamed("PROJ-1", { project_short_id: "PROJ-1", runKind: "test", run_date: "2026-04-17" }),
      short_id: "PROJ-1",
    })
    const message = "belongs to a run's request, not to a project's"
    expect(json["details"]).toMatchObject({
      issues: [
        { field: "project_short_id", message },
        { field: "run_kind", message },
        { field: "run_date", message },
        { field: "short_id", message: "is no field of a project's request" },
      ],
    })
  }),
)

it.scopedLive("what is in the way is 409, and the same request id is the same session", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const body = projectNamed("PROJ-1", { request_id: "once" })
    const first = yield* post(`${api(url)}/sessions`, body)
    const again = yield* post(`${api(url)}/sessions`, body)
    expect(again.json["session_id"]).toBe(first.json["session_id"])
    yield* call(`${api(url)}/sessions/${String(first.json["session_id"])}/events`)
    const other = yield* post(`${api(url)}/sessions`, projectNamed("PROJ-1"))
    expect([other.status, other.json["code"]]).toEqual([409, "destination_exists"])
  }),
)

it.scopedLive("a session is cancelled without a body, too, whatever type it is said to have", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({ plugins: asking })
    const cancel = (session: string, headers: Record<string, string>) =>
      call(`${session}/cancel`, { method: "POST", headers })
    const { session } = yield* waitingSession(url)
    const typed = yield* post(`${session}/cancel`, "{}", { "content-type": "text/plain" })
    expect([typed.status, typed.json["code"]]).toEqual([400, "malformed_request"])
    const headers = [{}, { "content-type": "application/json" }, { "content-type": "text/plain" }]
    const [first, ...others] = yield* Effect.forEach(headers, (given) => cancel(session, given))
    expect([first?.status, first?.json]).toMatchObject([200, { code: "cancelled", discarded: false }])
    expect(others.map(({ json }) => json)).toEqual([first?.json, first?.json])
    const bare = `POST ${new URL(session).pathname}/cancel`
    expect(yield* request(url, bare, {})).toMatch(/^HTTP\/1.1 200 /)
    const discarding = (yield* waitingSession(url, "PROJ-8")).session
    expect((yield* post(`${discarding}/cancel`, { discard_files: true })).json).toMatchObject({
      discarded: true,
    })
  }),
)
