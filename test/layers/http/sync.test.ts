import { appendFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { until } from "../../support/world.ts"
import { projectNamed } from "./calls.ts"
import { type Service, startService } from "./service.ts"
import { ask, get, makeProject, path, refusal } from "./syncing.ts"

type Job = Readonly<Record<string, unknown>>

const jobsOf = (service: Service, query = "") =>
  Effect.map(get(service, `/sync/jobs${query}`), ({ json }) => (json["jobs"] ?? []) as ReadonlyArray<Job>)

/** Waits until the project's job is in a state; its id. */
const untilState = (service: Service, state: string) =>
  Effect.gen(function* () {
    yield* until(
      `a job ${state}`,
      Effect.map(jobsOf(service, `?state=${state}`), ({ length }) => length > 0),
    )
    return String((yield* jobsOf(service))[0]?.["id"])
  })

const withNas = (isMarked: boolean) =>
  Effect.tap(startService({ withNas: true }), ({ sync }) =>
    isMarked ? sync.initTarget("DEMO_01") : Effect.void,
  )
const withProject = (isMarked: boolean) => Effect.tap(withNas(isMarked), makeProject)

const figure = (text: string, name: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1] ?? 0,
  )

const figures = (service: Service) => Effect.map(get(service, "/metrics"), ({ text }) => text)

const componentOf = (service: Service) =>
  Effect.map(
    get(service, "/health"),
    ({ json }) => (json["components"] as Record<string, unknown>)["nas_sync"],
  )

const inProject = ({ localRoot }: Service, file: string) => join(localRoot, path, file)

const write = (file: string, text: string) => Effect.promise(() => writeFile(file, text))

describe("the sync over HTTP, to a target in the file system", () => {
  it.scopedLive("a project that was made is a job that becomes verified, with its history", () =>
    Effect.gen(function* () {
      const service = yield* withProject(true)
      const id = yield* untilState(service, "verified")
      const { json, status } = yield* get(service, `/sync/jobs/${id}`)
      expect(status).toBe(200)
      expect(json).toMatchObject({ id, level: "project", equipment_id: "DEMO_01", verify_passes: 1 })
      expect(json["progress"]).toBe(null)
      const history = json["history"] as ReadonlyArray<Record<string, unknown>>
      expect(history.map(({ from, to }) => [from, to])).toEqual([
        [null, "queued"],
        ["queued", "running"],
        ["running", "awaiting_verify"],
        ["awaiting_verify", "verified"],
      ])
      expect((yield* get(service, "/operations")).json).toEqual({ sessions: [], sync_jobs: [] })
      expect(yield* componentOf(service)).toMatchObject({ status: "ok", details: { jobs: { verified: 1 } } })
    }),
  )

  it.scopedLive("what arrived is counted once, and the jobs by their states", () =>
    Effect.gen(function* () {
      const service = yield* withNas(true)
      const bytes = Effect.map(figures(service), (text) => figure(text, "exlab_sync_bytes_total"))
      const atFirst = yield* bytes
      yield* makeProject(service)
      yield* untilState(service, "verified")
      const arrived = atFirst + Number((yield* jobsOf(service))[0]?.["bytes"])
      expect(arrived).toBeGreaterThan(atFirst)
      yield* until(
        "all bytes",
        Effect.map(bytes, (now) => now === arrived),
      )
      const text = yield* figures(service)
      expect(text).toContain('exlab_sync_jobs{state="verified"} 1\n')
      expect(figure(text, "exlab_sync_oldest_unclaimed_seconds")).toBe(0)
      expect((yield* ask(service, "/sync/verify", { path })).json["ok"]).toBe(true)
      expect(yield* bytes).toBe(arrived)
    }),
  )

  it.scopedLive(
    "a comparison finds what is other there, and a target without its marker is an io_error",
    () =>
      Effect.gen(function* () {
        const service = yield* withProject(true)
        yield* untilState(service, "verified")
        const nas = join(service.root, "nas")
        yield* Effect.promise(() => appendFile(join(nas, "PROJ-0042", "notes.txt"), "!"))
        const seen = yield* ask(service, "/sync/verify", { path })
        expect(seen.status).toBe(200)
        expect(seen.json).toMatchObject({ ok: false, missing: [], different: ["notes.txt"] })
        yield* Effect.promise(() => rm(join(nas, ".exlab-target.json")))
        const away = yield* ask(service, "/sync/verify", { path })
        expect(refusal(away)).toEqual([500, "io_error"])
        expect(away.json).toMatchObject({
          message: expect.stringMatching(/has no marker file/) as unknown,
          details: { class: "target_away" },
          trace_id: away.headers.get("x-trace-id"),
        })
      }),
  )

  it.scopedLive(
    "a job is paused, resumed and retried, unless the gate keeps it; what waits for its target is in operations and in health",
    () =>
      Effect.gen(function* () {
        const service = yield* withProject(false)
        const id = yield* untilState(service, "queued")
        yield* until(
          "a warning",
          Effect.map(componentOf(service), (found) => (found as { status: string }).status === "warn"),
        )
        expect(yield* componentOf(service)).toMatchObject({
          message: expect.stringMatching(/^DEMO_01: .*marker/) as unknown,
          details: { paused_targets: [{ equipment_id: "DEMO_01" }], jobs: { queued: 1 } },
        })
        const live = (yield* get(service, "/operations")).json["sync_jobs"]
        expect(live).toMatchObject([{ id, state: "queued", progress: null }])
        const paused = yield* ask(service, `/sync/jobs/${id}/pause`)
        expect([paused.status, paused.json["state"]]).toEqual([200, "paused"])
        expect(refusal(yield* ask(service, `/sync/jobs/${id}/pause`))).toEqual([422, "validation_failed"])
        expect((yield* ask(service, `/sync/jobs/${id}/resume`)).json["state"]).toBe("queued")
        expect(refusal(yield* ask(service, `/sync/jobs/${id}/resume`))).toEqual([422, "validation_failed"])
        yield* write(inProject(service, "a:b"), "")
        yield* service.sync.initTarget("DEMO_01")
        yield* ask(service, `/sync/jobs/${id}/retry`)
        yield* untilState(service, "failed")
        const blocked = yield* ask(service, `/sync/jobs/${id}/retry`)
        expect(refusal(blocked)).toEqual([422, "validation_failed"])
        expect(blocked.json).toEqual({
          ...(yield* ask(service, "/sync/jobs", { path })).json,
          trace_id: blocked.json["trace_id"],
        })
        yield* Effect.promise(() => rm(inProject(service, "a:b")))
        expect((yield* ask(service, `/sync/jobs/${id}/retry`)).json["state"]).toBe("queued")
        yield* untilState(service, "verified")
        expect(refusal(yield* ask(service, `/sync/jobs/${id}/retry`))).toEqual([422, "validation_failed"])
      }),
  )

  it.scopedLive(
    "what has a hard finding is refused until it is overridden, and again when that is revoked",
    () =>
      Effect.gen(function* () {
        const service = yield* withProject(true)
        yield* untilState(service, "verified")
        yield* write(inProject(service, "raw/a:b.txt"), "x")
        const blocked = yield* ask(service, "/sync/jobs", { path })
        expect(refusal(blocked)).toEqual([422, "validation_failed"])
        const rule = "illegal_filesystem_character"
        expect(blocked.json["details"]).toMatchObject({ hard_findings: 1, first: { rule } })
        expect((yield* ask(service, "/runs/revalidate", { path })).json).toMatchObject({
          blocked: true,
          // What is here isn't what was copied.
          sync_status: "blocked_by_validation",
          findings: [{ rule, synced_under_prior_policy: false }],
        })
        const asked = { path, problem_class: rule, reason: "as the instrument names it", operator: "asmith" }
        const made = yield* ask(service, "/problems/override", { ...asked, expires_at: "2999-01-01" })
        expect([made.status, made.json["verdict"]]).toMatchObject([200, { blocked: false }])
        const queued = yield* ask(service, "/sync/jobs", { path })
        expect(queued.status).toBe(201)
        expect(queued.headers.get("location")).toBe(`/api/v1/sync/jobs/${String(queued.json["id"])}`)
        yield* untilState(service, "verified")
        const { path: _, problem_class: __, ...person } = asked
        const taken = { path, override_id: made.json["id"], ...person }
        const revoked = yield* ask(service, "/problems/override/revoke", taken)
        expect([revoked.status, revoked.json["verdict"]]).toMatchObject([200, { blocked: true }])
        const again = yield* ask(service, "/problems/override/revoke", taken)
        expect(refusal(again)).toEqual([422, "validation_failed"])
        expect(again.json["message"]).toMatch(/override_id: is revoked already/)
      }),
  )

  it.scopedLive("an override says everything that is wrong with it at once", () =>
    Effect.gen(function* () {
      const service = yield* withProject(true)
      const refused = yield* ask(service, "/problems/override", {
        path,
        problem_class: "none",
        reason: " ",
        operator: "",
        expires_at: "yesterday",
      })
      expect(refusal(refused)).toEqual([422, "validation_failed"])
      const { issues } = refused.json["details"] as { readonly issues: ReadonlyArray<Record<string, string>> }
      expect(issues.map(({ field }) => field)).toEqual(["problem_class", "reason", "operator", "expires_at"])
    }),
  )

  it.scopedLive("jobs come in pages, by state and by equipment", () =>
    Effect.gen(function* () {
      const service = yield* withProject(true)
      yield* ask(service, "/sessions", projectNamed("PROJ-0043"))
      yield* until(
        "two jobs",
        Effect.map(jobsOf(service), ({ length }) => length === 2),
      )
      const ids = (yield* jobsOf(service)).map(({ id }) => id)
      const first = yield* get(service, "/sync/jobs?limit=1&equipment_id=DEMO_01")
      expect(first.json).toMatchObject({ jobs: [{ id: ids[0] }], next_cursor: ids[0] })
      const rest = yield* get(service, `/sync/jobs?limit=1&cursor=${String(ids[0])}`)
      expect(rest.json).toMatchObject({ jobs: [{ id: ids[1] }], next_cursor: null })
      expect(yield* jobsOf(service, "?equipment_id=OTHER_1")).toEqual([])
      expect(yield* jobsOf(service, "?state=failed")).toEqual([])
    }),
  )
})
