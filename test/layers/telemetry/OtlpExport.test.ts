import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as OtlpExport from "../../../layers/telemetry/OtlpExport.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { call, framesOf, post, projectNamed } from "../http/calls.ts"
import { attributesOf, logsIn, metricNamesIn, spansIn, startCollector } from "./collector.ts"

const program = new URL("../http/programs/server.ts", import.meta.url)

const body = projectNamed("PROJ-1", {
  template_path: "imaging_project",
  variables: { principal_investigator: "R. Levi", species: "Yeast" },
})

/** One project made by a service that exports to this address, and the service ended. */
const makeOne = Effect.fnUntraced(function* (endpoint: string) {
  const dataDir = yield* temporaryDirectory
  const variables = {
    EXLAB_DATA_DIR: dataDir,
    EXLAB_HTTP__PORT: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "x-lab=room%202, authorization=Basic a+b",
  }
  const child = yield* forkProgram(program, [], { variables })
  const api = `${String(yield* child.next)}/api/v1`
  const { json } = yield* post(`${api}/sessions`, body, { "x-trace-id": "lims-4711" })
  const id = String(json["session_id"])
  expect(framesOf((yield* call(`${api}/sessions/${id}/events`)).text).at(-1)?.event).toBe("done")
  // Sessions are counted now, and not only at the next look in half a minute.
  yield* call(`${api}/metrics`)
  yield* child.signal("SIGTERM")
  expect(yield* child.ended).toEqual({ code: 0, signal: null })
  return id
})

it.scopedLive("a creation's spans, the figures and the log reach a collector", () =>
  Effect.gen(function* () {
    const { headers, received, url } = yield* startCollector({ answers: true })
    const id = yield* makeOne(url)
    const spans = spansIn(received)
    const session = spans.find(({ name }) => name === "CreationController.session")
    expect(attributesOf(session)).toMatchObject({
      "session.id": id,
      "session.kind": "project",
      equipment: "DEMO_01",
      template: "imaging_project",
    })
    const within = new Set(
      spans.filter(({ traceId }) => traceId === session?.traceId).map(({ name }) => name),
    )
    for (const step of ["gate", "render", "plugins", "validate", "records", "publish"])
      expect(within).toContain(step)
    const request = spans.find((span) => attributesOf(span)["trace_id"] === "lims-4711")
    expect(request?.traceId).toBe(session?.traceId)
    expect(metricNamesIn(received)).toEqual(
      expect.arrayContaining(["exlab_sessions", "exlab_sessions_ended_total", "exlab_session_step_seconds"]),
    )
    expect(JSON.stringify(logsIn(received))).toContain("there is no settings file")
    expect(headers[0]).toMatchObject({ "x-lab": "room 2", authorization: "Basic a+b" })
  }),
)

it.scopedLive("a collector that never answers disturbs neither the service nor its end", () =>
  Effect.gen(function* () {
    const { received, url } = yield* startCollector({ answers: false })
    yield* makeOne(url)
    expect(received["traces"]).toBeDefined()
  }),
)

it.scopedLive("nor does a collector that is away", () =>
  Effect.gen(function* () {
    const { url } = yield* Effect.scoped(startCollector({ answers: false }))
    yield* makeOne(url)
  }),
)

it.effect("an address that is none is told by its variable", () =>
  Effect.gen(function* () {
    const layer = OtlpExport.layer({ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" })
    const { problems } = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
    expect(problems).toEqual(["OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL like http://127.0.0.1:4318"])
  }),
)
