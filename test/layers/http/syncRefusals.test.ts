import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { LockTimeout } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { startService } from "./service.ts"
import { ask, get, makeProject, path, refusal } from "./syncing.ts"

describe("what the sync over HTTP refuses", () => {
  it.scopedLive("is 404 for jobs and directories that aren't there, wherever they are named", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      for (const order of ["retry", "pause", "resume"]) {
        const answer = yield* ask(service, `/sync/jobs/job_none/${order}`)
        expect([order, ...refusal(answer)]).toEqual([order, 404, "job_not_found"])
      }
      expect(refusal(yield* get(service, "/sync/jobs/job_none"))).toEqual([404, "job_not_found"])
      const person = { reason: "because", operator: "asmith" }
      const long = `DEMO_01/${"x".repeat(256)}`
      const bodies = {
        "/sync/jobs": {},
        "/sync/verify": {},
        "/runs/revalidate": {},
        "/problems/override": { ...person, problem_class: "mode_prefix_mismatch" },
        "/problems/override/revoke": { ...person, override_id: "x" },
      }
      for (const [at, body] of Object.entries(bodies)) {
        for (const place of ["DEMO_01/NONE", "/etc", "../x", "", "a\u0000b", "DEMO_01/a\u0000b", long]) {
          const answer = yield* ask(service, at, { path: place, ...body })
          expect([at, place, ...refusal(answer)]).toEqual([at, place, 404, "run_not_found"])
        }
      }
    }),
  )

  it.scopedLive("is 400 for ids, queries and bodies that the contract doesn't have", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      const malformed = [400, "malformed_request"]
      expect(refusal(yield* get(service, "/sync/jobs/7"))).toEqual(malformed)
      expect(refusal(yield* get(service, "/sync/jobs?limit=0"))).toEqual(malformed)
      expect(refusal(yield* get(service, "/sync/jobs?state=lost"))).toEqual(malformed)
      expect(refusal(yield* get(service, "/sync/jobs?cursor=../x"))).toEqual(malformed)
      const stranger = yield* ask(service, "/sync/jobs", { path, force: true })
      expect(refusal(stranger)).toEqual(malformed)
      expect(stranger.json["message"]).toMatch(/^force: /)
      expect(refusal(yield* ask(service, "/problems/override", { path }))).toEqual(malformed)
    }),
  )

  it.scopedLive("is 422 for equipment without a NAS, and says which setting gives it one", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      yield* makeProject(service)
      const refused = yield* ask(service, "/sync/jobs", { path })
      expect(refusal(refused)).toEqual([422, "validation_failed"])
      expect(refused.json["message"]).toMatch(/`transport`/)
      expect(refusal(yield* ask(service, "/sync/verify", { path }))).toEqual([422, "validation_failed"])
    }),
  )

  it.scopedLive("is 503 while somebody else holds the record's lock", () =>
    Effect.gen(function* () {
      const isHeld = yield* Ref.make(false)
      const locked = Layer.effect(
        Disk,
        Effect.map(Disk, (disk) =>
          Disk.of({
            ...disk,
            lock: (at, options) =>
              Effect.if(Ref.get(isHeld), {
                onTrue: () => new LockTimeout({ path: at, waitedMillis: 10_000 }),
                onFalse: () => disk.lock(at, options),
              }),
          }),
        ),
      )
      const service = yield* startService({ disk: locked })
      yield* makeProject(service)
      yield* Ref.set(isHeld, true)
      const asked = { path, problem_class: "mode_prefix_mismatch", reason: "because", operator: "asmith" }
      const answer = yield* ask(service, "/problems/override", asked)
      expect(refusal(answer)).toEqual([503, "lock_timeout"])
    }),
  )

  it.scopedLive("is 500 where the queue can't be used; health says so, and the other figures are there", () =>
    Effect.gen(function* () {
      const gone = new QueueUnavailable({ path: "/state/sync/queue.db", reason: "the disk is gone" })
      const service = yield* startService({
        sync: { jobs: () => gone, enqueue: () => gone, standing: gone },
      })
      for (const answer of [
        yield* get(service, "/sync/jobs"),
        yield* get(service, "/operations"),
        yield* ask(service, "/sync/jobs", { path }),
      ]) {
        expect(refusal(answer)).toEqual([500, "io_error"])
        expect(answer.json["message"]).toMatch(/can't be used: the disk is gone/)
      }
      expect((yield* get(service, "/health")).json).toMatchObject({
        status: "error",
        components: { nas_sync: { status: "error", message: gone.message } },
      })
      expect((yield* get(service, "/metrics")).text).toContain("exlab_http_requests_total")
    }),
  )
})
