import { existsSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { forkProgram } from "../../support/childProcess.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { leftInStaging, until } from "../../support/world.ts"
import { call, framesOf, post } from "./calls.ts"

const program = new URL("./programs/server.ts", import.meta.url)

const project = (shortId: string) => ({
  kind: "project",
  equipment_id: "DEMO_01",
  template_path: "imaging_project",
  lims_project: { uid: "", short_id: shortId, name_at_creation: "Try-out", source: "live" },
  variables: { principal_investigator: "R. Levi", species: "Yeast" },
  label: "Try-out",
  operator: "asmith",
  objective: "See what comes out",
})

const run = (shortId: string) => ({
  kind: "run",
  equipment_id: "DEMO_01",
  template_path: "plate_reader_run",
  run_kind: "experimental",
  project_short_id: shortId,
  variables: { assay: "IL-6 ELISA", wavelength_nm: 450, reads: 2 },
  label: "Plate 1",
  operator: "asmith",
  objective: "Read it",
})

/** The service as a process of its own, on its defaults below a temporary folder. */
const startProcess = Effect.gen(function* () {
  const dataDir = yield* temporaryDirectory
  const variables = { EXLAB_DATA_DIR: dataDir, EXLAB_HTTP__PORT: "0" }
  const child = yield* forkProgram(program, [], { variables })
  const url = String(yield* child.next)
  return { child, dataDir, url, api: `${url}/api/v1` }
})

it.scopedLive("every endpoint of the running process answers as the contract says", () =>
  Effect.gen(function* () {
    const { api, dataDir } = yield* startProcess
    const created = yield* post(`${api}/sessions`, project("PROJ-1"))
    expect(created.status).toBe(201)
    const session = `${api}/sessions/${String(created.json["session_id"])}`
    expect(framesOf((yield* call(`${session}/events`)).text).at(-1)?.event).toBe("done")
    expect((yield* call(session)).json).toMatchObject({ state: "done" })
    const place = join(dataDir, "local", "DEMO_01", "PROJ-1")
    expect(yield* Effect.promise(() => readdir(place))).toContain("README.md")
    expect((yield* post(`${session}/heartbeat`, {})).status).toBe(204)
    expect((yield* post(`${session}/resume`, { extra_inputs: {} })).json["code"]).toBe(
      "session_already_completed",
    )
    expect((yield* post(`${session}/cancel`, {})).json["code"]).toBe("session_already_completed")
    const listed = yield* call(`${api}/sessions?state=done&kind=project&limit=1`)
    expect(listed.json).toMatchObject({ sessions: [{ destination: place }], next_cursor: null })
    expect((yield* call(`${api}/operations`)).json).toMatchObject({ sessions: [] })
    const isVerified = Effect.map(call(`${api}/sync/jobs?state=verified`), ({ text }) => text.includes(place))
    yield* until("the copy on the NAS", isVerified)
    expect((yield* post(`${api}/sync/verify`, { path: place })).json).toMatchObject({ ok: true })
    expect((yield* call(`${api}/operations`)).json).toEqual({ sessions: [], sync_jobs: [] })
    const templates = yield* call(`${api}/templates`)
    expect(templates.text).toContain('"name":"imaging_project"')
    expect((yield* call(`${api}/templates/imaging_project`)).json).toMatchObject({
      questions_schema: { type: "object", required: ["principal_investigator", "species"] },
    })
    expect((yield* call(`${api}/equipment`)).text).toContain("DEMO_01")
    expect((yield* call(`${api}/plugins`)).json).toMatchObject({ excluded: [] })
    expect((yield* call(`${api}/health`)).json).toMatchObject({ status: "ok", version: "0.1.0" })
    expect(yield* call(`${api}/ready`)).toMatchObject({ status: 200, json: { status: "ready" } })
    const { text: metrics } = yield* call(`${api}/metrics`)
    expect(metrics).toContain('exlab_sessions{state="done"} 1\n')
    expect(metrics).toContain('exlab_sessions_ended_total{state="done"} 1\n')
    expect(metrics).toContain('exlab_session_step_seconds_count{state="rendering"} 1\n')
    expect(metrics).toContain('exlab_http_requests_total{method="POST",status="201"} 1\n')
    expect((yield* call(`${api}/openapi.json`)).json).toMatchObject({ openapi: "3.1.0" })
    const docs = yield* call(`${api}/docs`)
    expect(docs.headers.get("content-security-policy")).toContain("connect-src 'self'")
    expect(docs.text).toContain("/api/v1/sessions/{id}/events")
    expect(docs.text).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/)
  }),
)

it.scopedLive("a signal ends what waits, tells those who follow, and leaves no process and no rest", () =>
  Effect.gen(function* () {
    const { api, child, dataDir, url } = yield* startProcess
    const first = yield* post(`${api}/sessions`, project("PROJ-1"))
    yield* call(`${api}/sessions/${String(first.json["session_id"])}/events`)
    const { json } = yield* post(`${api}/sessions`, run("PROJ-1"))
    const session = `${api}/sessions/${String(json["session_id"])}`
    yield* until(
      "the prompt",
      Effect.map(call(session), (answer) => answer.json["state"] === "input_required"),
    )
    const following = yield* Effect.fork(call(`${session}/events`))
    yield* until(
      "the reader",
      Effect.map(call(`${api}/metrics`), ({ text }) => text.includes("exlab_event_subscribers 1\n")),
    )
    yield* child.signal("SIGTERM")
    const last = framesOf((yield* following).text).at(-1)
    expect(last).toMatchObject({ event: "aborted", data: { result: { code: "shutdown", discarded: true } } })
    expect(yield* child.ended).toEqual({ code: 0, signal: null })
    expect(yield* leftInStaging(join(dataDir, "local"))).toEqual([])
    expect(existsSync(join(dataDir, "local", "DEMO_01", "PROJ-1", "README.md"))).toBe(true)
    expect(
      yield* Effect.promise(() =>
        fetch(url).then(
          () => "answered",
          () => "refused",
        ),
      ),
    ).toBe("refused")
  }),
)
