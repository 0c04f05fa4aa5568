import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted, Schema, Stream } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { catchCode } from "../../src/client/ClientErrors.ts"
import { WizardClient, type WizardClientOptions } from "../../src/client/WizardClient.ts"
import { SessionId } from "../../src/domain/Session.ts"
import { type ServiceOptions, startService } from "../layers/http/service.ts"
import { projectRequest } from "../support/requests.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const ask = { do: "ask", reason: "why", fields: [{ id: "plate", label: "Plate", type: "string" }] } as const

const plugins: PluginScripts = {
  asks: { moves: [ask] },
  breaks: { moves: [{ do: "crash", reason: "no" }] },
}

const clientOf = (options: WizardClientOptions) =>
  Effect.provide(WizardClient, Layer.provide(WizardClient.layer(options), FetchHttpClient.layer))

const started = (options: ServiceOptions = {}) =>
  Effect.flatMap(startService({ plugins, ...options }), (service) =>
    Effect.map(clientOf({ url: service.url }), (client) => ({ ...service, client })),
  )

const project = (over: Parameters<typeof projectRequest>[0] = {}) => ({
  kind: "project" as const,
  ...projectRequest(over),
})

const unknown = Schema.decodeSync(SessionId)("7f1dbe2a-4c1f-4d8e-9d57-0b3f6c1a2e4d")

describe("the client's calls", () => {
  it.effect.each(["two words", "line\nbreak", "sécrèt€", ""])(
    "aren't made with a token that no header holds",
    (text) =>
      Effect.gen(function* () {
        const refused = yield* Effect.flip(clientOf({ url: "http://service", token: Redacted.make(text) }))
        expect(refused._tag).toBe("TokenInvalid")
        expect(text !== "" && refused.message.includes(text)).toBe(false)
      }),
  )

  it.scopedLive("a project is looked at before, then made, a run in it, and both are listed", () =>
    Effect.gen(function* () {
      const { client, localRoot } = yield* started()
      const preview = { payload: project(), urlParams: { text: "notes.txt" } }
      const { destination, text } = yield* client.sessions.preview(preview)
      expect(text).toBe("Mitochondria in motion by asmith\n")
      const { sessionId } = yield* client.sessions.create({ payload: project({ requestId: "r-1" }) })
      const { path } = yield* client.awaitResult(sessionId)
      expect(path).toBe(destination)
      expect(path).toBe(join(localRoot, "DEMO_01", "PROJ-0042"))
      expect((yield* client.sessions.create({ payload: project({ requestId: "r-1" }) })).sessionId).toBe(
        sessionId,
      )
      const { limsProject: _, ...common } = projectRequest({ templatePath: "plain_run" })
      const run = yield* client.sessions.create({
        payload: { kind: "run", ...common, projectShortId: "PROJ-0042", runKind: "experimental" },
      })
      expect((yield* client.awaitResult(run.sessionId)).path).toContain(path)
      const first = yield* client.sessions.list({ urlParams: { limit: 1, state: "done" } })
      const second = yield* client.sessions.list({ urlParams: { limit: 1, cursor: first.nextCursor ?? "" } })
      expect([...first.sessions, ...second.sessions].map((it) => it.sessionId)).toEqual([
        run.sessionId,
        sessionId,
      ])
      const session = yield* client.sessions.get({ path: { id: sessionId } })
      expect(session.state).toBe("done")
      expect(session.request["template_path"]).toBe("plain_project")
    }),
  )

  it.scopedLive("a question is answered, another session cancelled, a third breaks", () =>
    Effect.gen(function* () {
      const { client } = yield* started()
      const open = (shortId: string, templatePath: string) => {
        const limsProject = { ...projectRequest().limsProject, shortId }
        return Effect.map(
          client.sessions.create({ payload: project({ templatePath, limsProject }) }),
          (it) => it.sessionId,
        )
      }
      const asked = (id: SessionId) =>
        Stream.runHead(Stream.filter(client.events(id), ({ kind }) => kind === "input_required"))
      const answered = yield* open("PROJ-1", "asks_project")
      yield* asked(answered)
      yield* client.sessions.heartbeat({ path: { id: answered } })
      const operations = yield* client.system.operations()
      expect(operations.sessions.map(({ state }) => state)).toEqual(["input_required"])
      const answer = {
        path: { id: answered },
        payload: { extraInputs: { plate: "P-1" }, answeredBy: "jdoe" },
      }
      yield* client.sessions.resume(answer)
      expect((yield* client.awaitResult(answered)).blocked).toBe(false)
      expect(yield* Effect.flip(client.sessions.resume(answer))).toMatchObject({
        code: "session_already_completed",
      })
      const cancelled = yield* open("PROJ-2", "asks_project")
      yield* asked(cancelled)
      const end = yield* client.sessions.cancel({ path: { id: cancelled }, payload: { discardFiles: true } })
      expect(end).toMatchObject({ code: "cancelled", discarded: true })
      const aborted = yield* Effect.flip(client.awaitResult(cancelled))
      expect(aborted).toMatchObject({ _tag: "SessionAborted", result: end })
      const failed = yield* Effect.flip(client.awaitResult(yield* open("PROJ-3", "breaks_project")))
      expect(failed).toMatchObject({ _tag: "SessionFailed", envelope: { code: "internal_error" } })
    }),
  )

  it.scopedLive("the sync is asked for what it has, and says why it takes nothing", () =>
    Effect.gen(function* () {
      const { client } = yield* started()
      const { sessionId } = yield* client.sessions.create({ payload: project() })
      const { path } = yield* client.awaitResult(sessionId)
      expect(yield* client.sync.jobs({ urlParams: { state: "failed" } })).toEqual({
        jobs: [],
        nextCursor: null,
      })
      const refused = yield* Effect.flip(client.sync.enqueue({ payload: { path } }))
      expect(refused).toMatchObject({ code: "validation_failed", details: { path } })
      const absent = yield* Effect.flip(client.sync.job({ path: { id: "job_none" } }))
      expect(absent).toMatchObject({ code: "job_not_found" })
      expect((yield* client.sync.revalidate({ payload: { path } })).blocked).toBe(false)
    }),
  )

  it.scopedLive("the catalogue, and the service itself", () =>
    Effect.gen(function* () {
      const { client } = yield* started()
      const templates = yield* client.catalog.templates({ urlParams: {} })
      expect(templates.map(({ name }) => name)).toContain("asks_project")
      const template = yield* client.catalog.template({ path: { name: "plain_run" }, urlParams: {} })
      expect(template.manifest.type).toBe("run")
      expect((yield* client.catalog.equipment()).map(({ id }) => id)).toContain("DEMO_01")
      expect((yield* client.catalog.plugins()).excluded).toEqual([])
      expect((yield* client.system.health()).status).toBe("ok")
      yield* client.system.ready()
      expect(yield* client.system.metrics()).toContain("exlab_http_requests_total")
    }),
  )
})

describe("the client's errors have the service's codes", () => {
  it.scopedLive("404, 409 and 422 of calls, with all that the service says", () =>
    Effect.gen(function* () {
      const { client } = yield* started()
      const absent = yield* Effect.flip(client.sessions.get({ path: { id: unknown } }))
      const orNull = client.sessions
        .get({ path: { id: unknown } })
        .pipe(catchCode("session_not_found", () => Effect.succeed(null)))
      expect(yield* orNull).toBe(null)
      expect(absent).toMatchObject({ code: "session_not_found", traceId: expect.any(String) as unknown })
      expect(
        yield* Effect.flip(client.catalog.template({ path: { name: "nothing" }, urlParams: {} })),
      ).toMatchObject({ code: "template_not_found" })
      const { sessionId } = yield* client.sessions.create({ payload: project() })
      yield* client.awaitResult(sessionId)
      const taken = yield* Effect.flip(client.sessions.create({ payload: project() }))
      expect(taken).toMatchObject({
        code: "destination_exists",
        details: { session_id: expect.any(String) as unknown },
      })
      const refused = yield* Effect.flip(client.sessions.create({ payload: project({ label: "" }) }))
      expect(refused).toMatchObject({ code: "validation_failed" })
    }),
  )

  it.scopedLive("of streams, which don't try again", () =>
    Effect.gen(function* () {
      const { client } = yield* started()
      const error = yield* Effect.flip(Stream.runDrain(client.events(unknown)))
      expect(error).toMatchObject({ code: "session_not_found", traceId: expect.any(String) as unknown })
      expect(yield* Effect.flip(client.awaitResult(unknown))).toMatchObject({ code: "session_not_found" })
    }),
  )

  it.scopedLive("401 without the token, which is sent with everything", () =>
    Effect.gen(function* () {
      const tokenFile = join(yield* temporaryDirectory, "token")
      yield* Effect.promise(() => writeFile(tokenFile, "a-word-that-is-long\n", { mode: 0o600 }))
      const { client, url } = yield* started({ http: { tokenFile } })
      expect(yield* Effect.flip(client.catalog.equipment())).toMatchObject({ code: "unauthorized" })
      expect(yield* Effect.flip(Stream.runDrain(client.events(unknown)))).toMatchObject({
        code: "unauthorized",
      })
      const trusted = yield* clientOf({ url, token: Redacted.make("a-word-that-is-long") })
      const { sessionId } = yield* trusted.sessions.create({ payload: project() })
      expect((yield* trusted.awaitResult(sessionId)).syncStatus).toBeDefined()
    }),
  )

  it.scopedLive("403 under a name that the service doesn't have", () =>
    Effect.gen(function* () {
      const { url } = yield* started()
      const elsewhere = yield* clientOf({ url: url.replace("127.0.0.1", "0.0.0.0") })
      expect(yield* Effect.flip(elsewhere.catalog.equipment())).toMatchObject({ code: "forbidden_host" })
      expect(yield* Effect.flip(Stream.runDrain(elsewhere.events(unknown)))).toMatchObject({
        code: "forbidden_host",
      })
    }),
  )

  it.scopedLive("nobody there: calls fail at once", () =>
    Effect.gen(function* () {
      const nobody = yield* clientOf({ url: "http://127.0.0.1:9" })
      expect(yield* Effect.flip(nobody.system.ready())).toMatchObject({ _tag: "RequestError" })
    }),
  )

  it.scopedLive("the URL of a service must be one", () =>
    Effect.gen(function* () {
      const lost = yield* clientOf({ url: "no url" })
      expect(yield* Effect.flip(Stream.runDrain(lost.events(unknown)))).toMatchObject({
        reason: "InvalidUrl",
      })
    }),
  )
})

describe("catchCode", () => {
  const failing = (code: "a" | "b"): Effect.Effect<never, { readonly code: "a" | "b" } | "other"> =>
    Effect.fail({ code })

  it.effect("goes on after its code, and leaves the others, in types as well", () =>
    Effect.gen(function* () {
      const caught = (code: "a" | "b") =>
        Effect.either(
          failing(code).pipe(catchCode("a", (error): Effect.Effect<"a"> => Effect.succeed(error.code))),
        )
      const left: Either.Either<"a", { readonly code: "b" } | "other"> = yield* caught("a")
      expect(left).toEqual(Either.right("a"))
      expect(yield* caught("b")).toEqual(Either.left({ code: "b" }))
      expect(yield* catchCode(failing("b"), "b", () => Effect.succeed(1))).toBe(1)
      const plain = Effect.fail("other") as Effect.Effect<never, { readonly code: "a" } | "other">
      expect(yield* Effect.flip(catchCode(plain, "a", () => Effect.void))).toBe("other")
    }),
  )
})
