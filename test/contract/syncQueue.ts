import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, type Layer, Option, Scope, TestClock } from "effect"
import type { SyncJobState } from "../../src/domain/SyncJob.ts"
import {
  type Claim,
  type ClaimWish,
  type JobFacts,
  type LeaseLost,
  type QueueUnavailable,
  SyncQueue,
} from "../../src/ports/SyncQueue.ts"

export const leaseSeconds = 60

export const target = (n: number, equipmentId = "SCOPE_01") => ({
  path: `/data/run-${n}`,
  level: "run" as const,
  equipmentId,
})

export const wish = (some: Partial<ClaimWish> = {}): ClaimWish => ({
  states: ["queued"],
  perEquipment: null,
  except: [],
  ...some,
})

/** Claims in a scope of its own, which the second part closes. */
const claimOpen = (some: Partial<ClaimWish> = {}) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const scope = yield* Scope.make()
    const claim = yield* Scope.extend(queue.claim(wish(some)), scope)
    return { claim: Option.getOrThrow(claim), close: Scope.close(scope, Exit.void) }
  })

const claimOne = (some: Partial<ClaimWish> = {}) =>
  Effect.flatMap(SyncQueue, (queue) => Effect.map(queue.claim(wish(some)), Option.getOrThrow))

const tryClaim = (some: Partial<ClaimWish> = {}) =>
  Effect.flatMap(SyncQueue, (queue) =>
    Effect.scoped(
      Effect.map(
        queue.claim(wish(some)),
        Option.map(({ job }) => job.path),
      ),
    ),
  )

const enqueue = (n: number, equipmentId?: string, state: "queued" | "waiting_for_data" = "queued") =>
  Effect.flatMap(SyncQueue, (queue) => queue.enqueue(target(n, equipmentId), state, "created"))

/** Through these states, in one claim. */
const drive = (claim: Claim, ...states: ReadonlyArray<SyncJobState>) =>
  Effect.flatMap(SyncQueue, (queue) => Effect.reduce(states, claim, (held, state) => queue.move(held, state)))

/** Enqueued, and left where these states lead to. */
const jobIn = (n: number, ...states: readonly [...Array<SyncJobState>, SyncJobState]) =>
  Effect.scoped(
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      const { id } = yield* enqueue(n)
      const claim = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
      const held = yield* drive(claim, ...states)
      return yield* queue.release(held, held.job.state)
    }),
  )

const lost = (jobId: string) => ({ _tag: "LeaseLost", jobId })

/** One suite for every adapter of the port. */
export const syncQueueContract = <E>(name: string, layer: Layer.Layer<SyncQueue, E>) => {
  const test = (
    what: string,
    body: (
      queue: typeof SyncQueue.Service,
    ) => Effect.Effect<void, void | LeaseLost | QueueUnavailable, SyncQueue | Scope.Scope>,
  ) => it.scoped(`${name}: ${what}`, () => Effect.provide(Effect.flatMap(SyncQueue, body), layer))

  test("what is enqueued is a job with a first row of history", (queue) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      const job = yield* queue.enqueue(target(1), "waiting_for_data", "the run was created")
      expect(job).toEqual({
        id: job.id,
        ...target(1),
        state: "waiting_for_data",
        attempt: 0,
        enqueuedAt: "1970-01-01T01:00:00.000Z",
        changedAt: "1970-01-01T01:00:00.000Z",
        notBefore: null,
        reason: "the run was created",
        files: 0,
        bytes: 0,
        verifyPasses: 0,
        verifiedAt: null,
      })
      expect(yield* queue.get(job.id)).toEqual(Option.some(job))
      expect(yield* queue.find(job.path)).toEqual(Option.some(job))
      expect(yield* queue.history(job.id)).toEqual([
        {
          at: "1970-01-01T01:00:00.000Z",
          from: null,
          to: "waiting_for_data",
          reason: "the run was created",
          attempt: 0,
          files: 0,
          bytes: 0,
        },
      ])
      expect(yield* queue.get("job_nobody")).toEqual(Option.none())
      expect(yield* queue.find("/data/run-2")).toEqual(Option.none())
      expect(yield* queue.history("job_nobody")).toEqual([])
    }))

  test("a path has one job: a live one is returned as it is", (queue) =>
    Effect.gen(function* () {
      const first = yield* enqueue(1)
      expect(yield* queue.enqueue(target(1), "waiting_for_data", "again")).toEqual(first)
      const claim = yield* claimOne()
      yield* queue.move(claim, "running", { files: 3 })
      expect(yield* queue.enqueue(target(1), "queued", "again")).toMatchObject({ state: "running", files: 3 })
      expect(yield* queue.list({})).toHaveLength(1)
      yield* queue.renew(claim)
    }))

  test("one that has ended begins anew, behind the others, and whoever held it has lost it", (queue) =>
    Effect.gen(function* () {
      const first = yield* enqueue(1)
      yield* enqueue(2)
      const claim = yield* claimOne()
      const done = yield* drive(claim, "running", "awaiting_verify")
      yield* queue.move(done, "verified", { verifyPasses: 1, verifiedAt: 5, attempt: 4, bytes: 70 })
      yield* TestClock.adjust("1 second")
      const again = yield* queue.enqueue(target(1, "SCOPE_02"), "queued", "it changed")
      expect(again).toMatchObject({
        id: first.id,
        state: "queued",
        equipmentId: "SCOPE_02",
        enqueuedAt: "1970-01-01T00:00:01.000Z",
        attempt: 0,
        bytes: 70,
        verifyPasses: 0,
        verifiedAt: null,
      })
      expect(yield* Effect.flip(queue.renew(done))).toMatchObject(lost(first.id))
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-2"))
      expect((yield* queue.history(first.id)).map(({ from, to }) => [from, to])).toEqual([
        [null, "queued"],
        ["queued", "running"],
        ["running", "awaiting_verify"],
        ["awaiting_verify", "verified"],
        ["verified", "queued"],
      ])
    }))

  test("a cleaned one stays cleaned", (queue) =>
    Effect.gen(function* () {
      const job = yield* jobIn(1, "running", "awaiting_verify", "verified", "cleanup_eligible", "cleaned")
      expect(yield* queue.enqueue(target(1), "queued", "again")).toEqual(job)
      expect(job.state).toBe("cleaned")
    }))

  test("the oldest that is wanted is claimed first", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1, "SCOPE_01", "waiting_for_data")
      yield* enqueue(2, "SCOPE_02")
      yield* enqueue(3)
      yield* enqueue(4)
      expect(yield* tryClaim({ except: ["SCOPE_02"] })).toEqual(Option.some("/data/run-3"))
      const paths = yield* Effect.replicateEffect(claimOne(), 3)
      expect(paths.map(({ job }) => job.path)).toEqual(["/data/run-2", "/data/run-3", "/data/run-4"])
      expect(yield* tryClaim()).toEqual(Option.none())
      expect(yield* tryClaim({ states: ["waiting_for_data"] })).toEqual(Option.some("/data/run-1"))
      expect(yield* queue.counts).toMatchObject({ queued: 3, waiting_for_data: 1, running: 0 })
    }))

  test("a claim takes nothing of another level than it wishes", (queue) =>
    Effect.gen(function* () {
      yield* queue.enqueue({ ...target(1), level: "project" }, "queued", "created")
      yield* enqueue(2)
      expect(yield* tryClaim({ level: "run" })).toEqual(Option.some("/data/run-2"))
      expect(yield* tryClaim({ level: "project" })).toEqual(Option.some("/data/run-1"))
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-1"))
    }))

  test("an equipment has no more claims than the wish allows, by what it transfers and what is wished", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      yield* enqueue(2)
      yield* enqueue(3, "SCOPE_02")
      yield* enqueue(4, "SCOPE_01", "waiting_for_data")
      const one = { perEquipment: 1 }
      const first = yield* claimOne(one)
      expect(yield* tryClaim(one)).toEqual(Option.some("/data/run-3"))
      expect(yield* tryClaim({ perEquipment: 2 })).toEqual(Option.some("/data/run-2"))
      const running = yield* queue.move(first, "running")
      expect(yield* tryClaim({ ...one, except: ["SCOPE_02"] })).toEqual(Option.none())
      const verifying = yield* queue.move(running, "awaiting_verify")
      expect(yield* tryClaim({ ...one, except: ["SCOPE_02"] })).toEqual(Option.none())
      const verified = yield* queue.move(verifying, "verified")
      expect(yield* tryClaim(one)).toEqual(Option.some("/data/run-2"))
      yield* queue.release(verified, "verified")
      const waiting = yield* claimOne({ states: ["waiting_for_data"] })
      expect(yield* tryClaim(one)).toEqual(Option.some("/data/run-2"))
      yield* queue.release(waiting, "waiting_for_data")
    }))

  test("one that is put off is claimed when its time has come", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      yield* queue.release(yield* claimOne(), "queued", { notBefore: 5000 })
      expect(yield* tryClaim()).toEqual(Option.none())
      expect(Option.isSome(yield* Effect.scoped(queue.claimJob(id, ["queued"])))).toBe(true)
      yield* TestClock.adjust("4999 millis")
      expect(yield* tryClaim()).toEqual(Option.none())
      yield* TestClock.adjust("1 millis")
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-1"))
    }))

  test("a paused target's jobs wait until it is due or resumed", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      const pause = { equipmentId: "SCOPE_01", reason: "it is full", since: 0, until: 5000 }
      yield* queue.pauseTarget({ ...pause, reason: "earlier", until: 90_000 })
      yield* queue.pauseTarget(pause)
      expect(yield* queue.pausedTargets).toEqual([pause])
      expect(yield* tryClaim()).toEqual(Option.none())
      expect(yield* queue.oldestUnclaimed).toEqual(Option.none())
      yield* TestClock.adjust("5 seconds")
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-1"))
      yield* queue.pauseTarget({ ...pause, until: 90_000 })
      expect(yield* tryClaim()).toEqual(Option.none())
      yield* queue.resumeTarget("SCOPE_01")
      expect(yield* queue.pausedTargets).toEqual([])
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-1"))
    }))

  test("one job is claimed by name, from the states that are named", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      expect(yield* queue.claimJob(id, ["verified"])).toEqual(Option.none())
      expect(yield* queue.claimJob("job_nobody", ["queued"])).toEqual(Option.none())
      const claim = Option.getOrThrow(yield* queue.claimJob(id, ["verified", "queued"]))
      expect(claim.job.id).toBe(id)
      expect(yield* queue.claimJob(id, ["queued"])).toEqual(Option.none())
    }))

  test("a release gives the job back at once, with what it says", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const claim = yield* claimOne()
      const facts: JobFacts = { reason: "busy", attempt: 1, notBefore: 3000, files: 2, bytes: 9 }
      const job = yield* queue.release(yield* queue.move(claim, "running"), "queued", facts)
      expect(job).toMatchObject({
        state: "queued",
        reason: "busy",
        attempt: 1,
        notBefore: "1970-01-01T00:00:03.000Z",
        files: 2,
        bytes: 9,
      })
      expect(yield* queue.get(id)).toEqual(Option.some(job))
      expect(yield* Effect.flip(queue.renew(claim))).toMatchObject(lost(id))
      expect(yield* Effect.flip(queue.move(claim, "running"))).toMatchObject(lost(id))
      expect(yield* Effect.flip(queue.release(claim, "running"))).toMatchObject(lost(id))
      const next = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
      expect(next.fence).toBeGreaterThan(claim.fence)
    }))

  test("what isn't told stays, but with another state for its reason and the time that it was put off to", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const claim = yield* claimOne()
      const same = yield* queue.move(claim, "queued", { notBefore: 7000, files: 5, reason: "soon" })
      expect((yield* queue.move(same, "queued", { bytes: 8 })).job).toMatchObject({
        notBefore: "1970-01-01T00:00:07.000Z",
        files: 5,
        bytes: 8,
        reason: "soon",
        changedAt: same.job.enqueuedAt,
      })
      expect(yield* queue.history(id)).toHaveLength(1)
      const running = yield* queue.move(same, "running")
      expect(running.job).toMatchObject({ notBefore: null, files: 5, bytes: 8, reason: "" })
      expect((yield* queue.history(id)).at(-1)).toMatchObject({ from: "queued", to: "running", files: 5 })
    }))

  test("where no edge leads nothing goes", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const claim = yield* claimOne()
      const exit = yield* Effect.exit(queue.move(claim, "cleaned"))
      expect(Exit.isFailure(exit) && exit.cause._tag).toBe("Die")
      expect(Option.getOrThrow(yield* queue.get(id)).state).toBe("queued")
    }))

  test("a claim whose scope closes gives its job back to the last safe point", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const { claim, close } = yield* claimOpen()
      yield* queue.move(claim, "running", { files: 4 })
      yield* close
      expect(yield* queue.get(id)).toMatchObject({ value: { state: "queued", files: 4 } })
      expect((yield* queue.history(id)).at(-1)).toMatchObject({ from: "running", to: "queued" })
      const again = yield* claimOpen()
      yield* drive(again.claim, "running", "awaiting_verify")
      yield* again.close
      expect(yield* queue.get(id)).toMatchObject({ value: { state: "awaiting_verify" } })
      expect(yield* tryClaim({ states: ["awaiting_verify"] })).toEqual(Option.some("/data/run-1"))
    }))

  test("an interrupted worker gives its job back", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      const started = yield* Deferred.make<void>()
      const worker = yield* Effect.fork(
        Effect.scoped(
          Effect.zipRight(
            Effect.flatMap(claimOne(), (claim) => queue.move(claim, "running")),
            Effect.zipRight(Deferred.succeed(started, undefined), Effect.never),
          ),
        ),
      )
      yield* Deferred.await(started)
      expect(yield* tryClaim()).toEqual(Option.none())
      yield* Fiber.interrupt(worker)
      expect(yield* tryClaim()).toEqual(Option.some("/data/run-1"))
    }))

  test("a renewed lease goes on, one that has run out is lost when somebody frees the job", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const { claim, close } = yield* claimOpen()
      const running = yield* queue.move(claim, "running")
      yield* TestClock.adjust("40 seconds")
      yield* queue.renew(claim)
      yield* TestClock.adjust("59 seconds")
      expect(yield* queue.recover).toBe(0)
      yield* TestClock.adjust("1 second")
      expect(yield* queue.recover).toBe(1)
      expect(yield* queue.get(id)).toMatchObject({ value: { state: "queued" } })
      expect(yield* Effect.flip(queue.renew(claim))).toMatchObject(lost(id))
      expect(yield* Effect.flip(queue.move(running, "awaiting_verify"))).toMatchObject(lost(id))
      expect(yield* Effect.flip(queue.release(running, "queued"))).toMatchObject(lost(id))
      expect(yield* queue.recover).toBe(0)
      yield* close
      expect(yield* queue.get(id)).toMatchObject({ value: { state: "queued" } })
    }))

  test("whoever lost a lease is alone with the job until its scope closes", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const { claim, close } = yield* claimOpen()
      yield* queue.move(claim, "running")
      yield* queue.intervene(id, "pause", "wait")
      yield* queue.intervene(id, "resume", "go")
      expect(yield* Effect.flip(queue.renew(claim))).toMatchObject(lost(id))
      expect(yield* tryClaim()).toEqual(Option.none())
      expect(yield* queue.claimJob(id, ["queued"])).toEqual(Option.none())
      yield* close
      const next = yield* claimOne()
      expect(next.fence).toBe(claim.fence + 1)
    }))

  test("recovering leaves alone what is held", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      const claim = yield* claimOne()
      expect(yield* queue.recover).toBe(0)
      yield* queue.renew(claim)
    }))

  test("a person pauses and resumes what is live", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const claim = yield* claimOne()
      const paused = Option.getOrThrow(yield* queue.intervene(id, "pause", "the network is needed"))
      expect(paused).toMatchObject({ done: true, job: { state: "paused", reason: "the network is needed" } })
      expect(yield* Effect.flip(queue.renew(claim))).toMatchObject(lost(id))
      expect(yield* queue.intervene(id, "pause", "x")).toMatchObject({
        value: { done: false, job: { reason: "the network is needed" } },
      })
      expect(yield* queue.intervene(id, "resume", "go on")).toMatchObject({
        value: { done: true, job: { state: "queued", reason: "go on" } },
      })
      expect(yield* queue.intervene(id, "resume", "x")).toMatchObject({ value: { done: false } })
      expect(yield* queue.intervene("job_nobody", "pause", "x")).toEqual(Option.none())
    }))

  test("a paused job goes back to where it was, a running one to the queue", (queue) =>
    Effect.gen(function* () {
      const waiting = yield* enqueue(1, "SCOPE_01", "waiting_for_data")
      const running = yield* enqueue(2)
      yield* queue.move(yield* claimOne(), "running")
      const verifying = yield* jobIn(3, "running", "awaiting_verify")
      for (const [{ id }, state] of [
        [waiting, "waiting_for_data"],
        [running, "queued"],
        [verifying, "awaiting_verify"],
      ] as const) {
        yield* queue.intervene(id, "pause", "stop")
        expect(yield* queue.intervene(id, "resume", "go")).toMatchObject({ value: { job: { state } } })
      }
      const ended = yield* jobIn(4, "running", "awaiting_verify", "verified")
      expect(yield* queue.intervene(ended.id, "pause", "x")).toMatchObject({ value: { done: false } })
    }))

  test("a paused job that fails and is tried again still waits for its data", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1, "SCOPE_01", "waiting_for_data")
      yield* queue.intervene(id, "pause", "stop")
      const claim = Option.getOrThrow(yield* queue.claimJob(id, ["paused"]))
      yield* queue.release(claim, "failed", { reason: "the directory is gone" })
      expect(yield* queue.intervene(id, "retry", "again")).toMatchObject({
        value: { done: true, job: { state: "waiting_for_data" } },
      })
    }))

  test("a retry begins anew what failed, and ends the waiting of what was put off", (queue) =>
    Effect.gen(function* () {
      const { id } = yield* enqueue(1)
      const claim = yield* queue.move(yield* claimOne(), "running", { attempt: 5, verifyPasses: 1 })
      yield* queue.release(claim, "failed", { reason: "refused", notBefore: 9000 })
      expect(yield* queue.intervene(id, "retry", "again")).toMatchObject({
        value: { done: true, job: { state: "queued", attempt: 0, verifyPasses: 0, notBefore: null } },
      })
      expect(yield* queue.intervene(id, "retry", "again")).toMatchObject({ value: { done: false } })
      const next = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
      yield* queue.release(next, "queued", { notBefore: 9000, attempt: 2, reason: "it is full" })
      expect(yield* queue.intervene(id, "retry", "now")).toMatchObject({
        value: { done: true, job: { state: "queued", attempt: 2, notBefore: null, reason: "it is full" } },
      })
      const waiting = yield* enqueue(2, "SCOPE_01", "waiting_for_data")
      const watched = Option.getOrThrow(yield* queue.claimJob(waiting.id, ["waiting_for_data"]))
      yield* queue.release(watched, "failed")
      expect(yield* queue.intervene(waiting.id, "retry", "x")).toMatchObject({
        value: { job: { state: "waiting_for_data" } },
      })
    }))

  test("jobs are listed by what they are, page by page", (queue) =>
    Effect.gen(function* () {
      for (const n of [1, 2, 3, 4, 5]) yield* enqueue(n, n % 2 === 0 ? "SCOPE_02" : "SCOPE_01")
      yield* claimOne({ states: ["queued"] }).pipe(Effect.flatMap((claim) => queue.move(claim, "running")))
      const names = (filter: Parameters<typeof queue.list>[0]) =>
        Effect.map(queue.list(filter), (jobs) => jobs.map(({ path }) => path.slice(-1)).join(""))
      expect(yield* names({})).toBe("12345")
      expect(yield* names({ equipmentId: "SCOPE_02" })).toBe("24")
      expect(yield* names({ states: ["running"] })).toBe("1")
      expect(yield* names({ states: [] })).toBe("")
      expect(yield* names({ limit: 2 })).toBe("12")
      const second = (yield* queue.list({ limit: 2 }))[1]
      expect(yield* names({ after: second?.id ?? "" })).toBe("345")
      expect(yield* names({ after: second?.id ?? "", equipmentId: "SCOPE_02", limit: 1 })).toBe("4")
      expect(yield* names({ after: "job_nobody" })).toBe("")
    }))

  test("the oldest that could be claimed and isn't is known by its time", (queue) =>
    Effect.gen(function* () {
      expect(yield* queue.oldestUnclaimed).toEqual(Option.none())
      yield* enqueue(1)
      yield* TestClock.adjust("2 seconds")
      yield* enqueue(2)
      expect(yield* queue.oldestUnclaimed).toEqual(Option.some(0))
      const claim = yield* claimOne()
      expect(yield* queue.oldestUnclaimed).toEqual(Option.some(2000))
      yield* queue.release(claim, "queued", { notBefore: 50_000 })
      expect(yield* queue.oldestUnclaimed).toEqual(Option.some(2000))
    }))

  test("a target's id is remembered", (queue) =>
    Effect.gen(function* () {
      expect(yield* queue.targetId("SCOPE_01")).toEqual(Option.none())
      yield* queue.rememberTarget("SCOPE_01", "t-1")
      yield* queue.rememberTarget("SCOPE_01", "t-2")
      expect(yield* queue.targetId("SCOPE_01")).toEqual(Option.some("t-2"))
      expect(yield* queue.targetId("SCOPE_02")).toEqual(Option.none())
    }))

  test("a target is replaced together with all that is on the former, or not at all", (queue) =>
    Effect.gen(function* () {
      yield* queue.rememberTarget("SCOPE_01", "t-1")
      const verified = yield* jobIn(1, "running", "awaiting_verify", "verified")
      const eligible = yield* jobIn(2, "running", "awaiting_verify", "verified", "cleanup_eligible")
      const sent = yield* jobIn(3, "running", "awaiting_verify")
      const failed = yield* jobIn(4, "failed")
      yield* enqueue(5)
      const worker = yield* drive(yield* claimOne(), "running")
      const { id: elsewhere } = yield* enqueue(6, "SCOPE_02")
      const states = Effect.map(queue.list({}), (jobs) => jobs.map(({ state }) => state))
      const before = yield* states
      const replace = queue.replaceTarget("SCOPE_01", "t-2", "replaced")
      const held = yield* Effect.scoped(
        Effect.zipRight(queue.claimJob(eligible.id, ["cleanup_eligible"]), replace),
      )
      expect(held).toEqual({ held: 1, verified: [], underWay: [] })
      expect(yield* queue.targetId("SCOPE_01")).toEqual(Option.some("t-1"))
      expect(yield* states).toEqual(before)
      const done = yield* replace
      const ids = (jobs: ReadonlyArray<{ readonly id: string }>) => jobs.map(({ id }) => id)
      expect(ids(done.verified)).toEqual([verified.id, eligible.id])
      expect(ids(done.underWay)).toEqual([sent.id, worker.job.id])
      expect(done.verified[0]).toEqual(Option.getOrThrow(yield* queue.get(verified.id)))
      expect(yield* queue.targetId("SCOPE_01")).toEqual(Option.some("t-2"))
      for (const { id } of [...done.verified, ...done.underWay]) {
        expect(yield* queue.get(id)).toMatchObject({
          value: { state: "queued", reason: "replaced", attempt: 0 },
        })
        expect((yield* queue.history(id)).at(-1)).toMatchObject({ to: "queued", reason: "replaced" })
      }
      expect(yield* Effect.flip(queue.renew(worker))).toMatchObject(lost(worker.job.id))
      expect(yield* queue.get(failed.id)).toMatchObject({ value: { state: "failed" } })
      expect(yield* queue.get(elsewhere)).toMatchObject({ value: { state: "queued", reason: "created" } })
    }))

  /** What a worker does that finds nothing: looks, and waits once. */
  const lookAndWait = (looked: Deferred.Deferred<void>, mayWait: Deferred.Deferred<void>, some = {}) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      expect(yield* tryClaim(some)).toEqual(Option.none())
      yield* Deferred.succeed(looked, undefined)
      yield* Deferred.await(mayWait)
      yield* queue.awaitWork
    })

  test("what is enqueued between a look and the waiting wakes every fiber that looked", () =>
    Effect.gen(function* () {
      const [looked, also, mayWait] = yield* Effect.all([
        Deferred.make<void>(),
        Deferred.make<void>(),
        Deferred.make<void>(),
      ])
      const first = yield* Effect.fork(lookAndWait(looked, mayWait))
      const second = yield* Effect.fork(lookAndWait(also, mayWait, { states: ["verified"] }))
      yield* Deferred.await(looked)
      yield* Deferred.await(also)
      yield* enqueue(1)
      yield* Deferred.succeed(mayWait, undefined)
      yield* Fiber.join(first)
      yield* Fiber.join(second)
    }))

  const waits = (fiber: Fiber.RuntimeFiber<void, unknown>) =>
    Effect.map(Fiber.poll(fiber), (exit) => expect(exit).toEqual(Option.none()))

  test("a fiber waits until something changes, and then for the next change", (queue) =>
    Effect.gen(function* () {
      const [looked, woken] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const fiber = yield* Effect.fork(
        tryClaim().pipe(
          Effect.zipRight(Deferred.succeed(looked, undefined)),
          Effect.zipRight(queue.awaitWork),
          Effect.zipRight(Deferred.succeed(woken, undefined)),
          Effect.zipRight(queue.awaitWork),
        ),
      )
      yield* Deferred.await(looked)
      yield* TestClock.adjust("10 seconds")
      yield* waits(fiber)
      yield* enqueue(1)
      yield* Deferred.await(woken)
      yield* TestClock.adjust("10 seconds")
      yield* waits(fiber)
      yield* enqueue(2)
      yield* Fiber.join(fiber)
    }))

  test("a fiber wakes when the time has come for what was put off", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      yield* queue.release(yield* claimOne(), "queued", { notBefore: 90_500 })
      const looked = yield* Deferred.make<void>()
      const look = Effect.zipRight(tryClaim(), Deferred.succeed(looked, undefined))
      const fiber = yield* Effect.fork(Effect.zipRight(look, queue.awaitWork))
      yield* Deferred.await(looked)
      yield* TestClock.adjust("90499 millis")
      yield* waits(fiber)
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(fiber)
    }))

  test("a time that came between a look and the waiting wakes", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      yield* queue.release(yield* claimOne(), "queued", { notBefore: 5000 })
      const [looked, mayWait] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const fiber = yield* Effect.fork(lookAndWait(looked, mayWait))
      yield* Deferred.await(looked)
      yield* TestClock.adjust("5 seconds")
      yield* Deferred.succeed(mayWait, undefined)
      yield* Fiber.join(fiber)
    }))

  test("what an earlier claim's scope gives back wakes", (queue) =>
    Effect.gen(function* () {
      yield* enqueue(1)
      const { close } = yield* claimOpen()
      const [looked, mayWait] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const fiber = yield* Effect.fork(lookAndWait(looked, mayWait))
      yield* Deferred.await(looked)
      yield* close
      yield* Deferred.succeed(mayWait, undefined)
      yield* Fiber.join(fiber)
      expect(yield* queue.counts).toMatchObject({ queued: 1 })
    }))
}
