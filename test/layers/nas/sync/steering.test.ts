import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option, Ref, Stream, TestClock } from "effect"
import * as QueuedNasSync from "../../../../layers/nas/QueuedNasSync.ts"
import {
  Behaviour,
  type Script,
  TransportScript,
} from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { SyncGate } from "../../../../src/audit/SyncGate.ts"
import { CreationWriter } from "../../../../src/ports/CreationWriter.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { until } from "../../../support/world.ts"
import {
  inSyncWorld,
  inSyncWorlds,
  jobOf,
  makeProject,
  makeRun,
  recordOf,
  targetFiles,
  untilState,
} from "./world.ts"

const setAway = (away: boolean) => Effect.flatMap(TransportScript, ({ isAway }) => Ref.set(isAway, away))

describe("the sync, steered by people", () => {
  it.scopedLive("leaves a target alone that is away, says why, and goes on when it is back", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const { initTarget, standing } = yield* SyncService
        yield* setAway(true)
        const project = yield* makeProject
        yield* until(
          "a pause",
          Effect.map(standing, ({ pausedTargets }) => pausedTargets.length === 1),
        )
        const [pause] = (yield* standing).pausedTargets
        expect(pause).toMatchObject({ equipmentId: "DEMO_01" })
        expect(pause?.reason).toBe("the script says so")
        yield* untilState(project, "queued")
        expect((yield* jobOf(project)).attempt).toBe(0)
        expect((yield* targetFiles).size).toBe(0)
        yield* setAway(false)
        yield* initTarget("DEMO_01")
        const { retry } = yield* SyncService
        yield* Effect.ignore(retry((yield* jobOf(project)).id))
        yield* untilState(project, "verified")
      }),
    ),
  )

  it.scoped("looks for what is missing once a minute, whoever asks how it is", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const { calls } = yield* TransportScript
        const { standing } = yield* SyncService
        const checks = Effect.map(
          Ref.get(calls),
          (all) => all.filter(({ method }) => method === "check").length,
        )
        const before = yield* checks
        yield* Effect.replicateEffect(standing, 20, { concurrency: "unbounded" })
        expect(yield* checks).toBe(before + 1)
        yield* TestClock.adjust("1 minute")
        yield* setAway(true)
        expect((yield* standing).problems).toEqual(["DEMO_01: the script says so"])
        expect(yield* checks).toBe(before + 2)
      }),
    ),
  )

  it.scopedLive("writes nothing to another target than the one it knows", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { standing } = yield* SyncService
        yield* queue.rememberTarget("DEMO_01", "target-of-yesterday")
        yield* makeProject
        yield* until(
          "a pause",
          Effect.map(standing, ({ pausedTargets }) => pausedTargets.length === 1),
        )
        expect((yield* standing).pausedTargets[0]?.reason).toContain("is another one")
        expect((yield* targetFiles).size).toBe(0)
      }),
    ),
  )

  it.scopedLive("pauses a job that works, and lets it go on where it was", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const { calls, script } = yield* TransportScript
        const { pause, resume } = yield* SyncService
        yield* Ref.set(script, ({ method }) => (method === "send" ? Behaviour.Hangs() : Behaviour.Works()))
        const project = yield* makeProject
        yield* until(
          "it sends",
          Effect.map(Ref.get(calls), (all) => all.some(({ method }) => method === "send")),
        )
        const { id } = yield* jobOf(project)
        expect((yield* pause(id)).state).toBe("paused")
        expect(yield* Effect.flip(pause(id))).toMatchObject({ _tag: "SyncRefused" })
        yield* Ref.set(script, () => Behaviour.Works())
        expect((yield* resume(id)).state).toBe("queued")
        yield* untilState(project, "verified")
        expect(yield* Effect.flip(pause("job_none"))).toMatchObject({ code: "job_not_found" })
      }),
    ),
  )

  it.scopedLive("tells of every state, in order, and of how far it is", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const { events } = yield* SyncService
        const listening = yield* Deferred.make<void>()
        const seen = yield* events.pipe(
          Stream.onStart(Deferred.succeed(listening, undefined)),
          Stream.takeUntil((event) => event.kind === "job" && event.job.state === "verified"),
          Stream.runCollect,
          Effect.fork,
        )
        yield* Deferred.await(listening)
        yield* Effect.yieldNow()
        yield* makeProject
        const all = [...(yield* Fiber.join(seen))]
        const states = all.flatMap((event) => (event.kind === "job" ? [event.job.state] : []))
        expect(states).toEqual(["queued", "running", "awaiting_verify", "verified"])
        const steps = new Set(
          all.flatMap((event) => (event.kind === "progress" ? [event.progress.step] : [])),
        )
        expect([...steps]).toEqual(["hashing", "transferring", "verifying"])
      }),
    ),
  )
})

describe("a service that ends and starts again", () => {
  it.scopedLive("goes on with what it was sending, queues what nobody queued, fails what is gone", () =>
    inSyncWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { calls, script } = yield* TransportScript
        const queue = yield* SyncQueue
        const hangsAtSend: Script = ({ method }) =>
          method === "send" ? Behaviour.Hangs() : Behaviour.Works()
        const { project, run } = yield* Effect.gen(function* () {
          const { initTarget } = yield* SyncService
          yield* initTarget("DEMO_01")
          yield* Ref.set(script, hangsAtSend)
          const project = yield* makeProject
          yield* until(
            "it sends",
            Effect.map(Ref.get(calls), (all) => all.some(({ method }) => method === "send")),
          )
          return { project, run: yield* makeRun }
        }).pipe(Effect.provide(start))
        // The work that was broken off is in the queue again, not in anybody's hands.
        expect(yield* queue.find(project)).toMatchObject({ value: { state: "queued" } })
        const gone = `${project}-gone`
        yield* queue.enqueue({ path: gone, level: "project", equipmentId: "DEMO_01" }, "queued", "")
        cpSync(project, `${project}-copied`, { recursive: true })
        yield* Ref.set(script, () => Behaviour.Works())
        yield* Effect.gen(function* () {
          for (const path of [project, run, `${project}-copied`]) yield* untilState(path, "verified")
          yield* untilState(gone, "failed")
          expect((yield* jobOf(gone)).reason).toBe("the directory is gone")
        }).pipe(Effect.provide(start))
        expect(root).not.toBe("")
      }),
    ),
  )
})

describe("a start before the local disk is mounted", () => {
  it.scopedLive.each(["local", "local/DEMO_01"])(
    "fails no job, neither one that waits nor one that is due: %s",
    (mountPoint) =>
      inSyncWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const queue = yield* SyncQueue
          const { run } = yield* Effect.gen(function* () {
            yield* setAway(true)
            const project = yield* makeProject
            const run = yield* makeRun
            yield* untilState(project, "queued")
            return { project, run }
          }).pipe(Effect.provide(start))
          renameSync(join(root, mountPoint), join(root, "away"))
          mkdirSync(join(root, mountPoint))
          yield* setAway(false)
          yield* Effect.gen(function* () {
            const { initTarget, retry } = yield* SyncService
            yield* initTarget("DEMO_01")
            const { id } = yield* jobOf(run)
            yield* Effect.ignore(retry(id))
            yield* until(
              "it waits for its disk, or fails",
              Effect.map(
                jobOf(run),
                ({ reason, state }) => state === "failed" || reason.includes("is its disk mounted?"),
              ),
            )
            expect((yield* queue.counts).failed).toBe(0)
            rmSync(join(root, mountPoint), { recursive: true })
            renameSync(join(root, "away"), join(root, mountPoint))
            yield* Effect.ignore(retry(id))
            yield* untilState(run, "verified")
          }).pipe(Effect.provide(start))
        }),
      ),
  )
})

describe("an enqueueing at the moment at which a run is cleaned up", () => {
  it.scopedLive("doesn't have the record of a cleaned run say that it is pending", () =>
    inSyncWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const writer = yield* CreationWriter
        const run = yield* Effect.gen(function* () {
          yield* Effect.flatMap(SyncService, ({ initTarget }) => initTarget("DEMO_01"))
          yield* makeProject
          const run = yield* makeRun
          yield* untilState(run, "verified")
          return run
        }).pipe(Effect.provide(start))
        const { id } = Option.getOrThrow(yield* queue.find(run))
        const armed = yield* Ref.make(false)
        const cleaned = Effect.scoped(
          Effect.gen(function* () {
            const claim = Option.getOrThrow(yield* queue.claimJob(id, ["verified"]))
            const eligible = yield* queue.move(claim, "cleanup_eligible")
            yield* writer.update(run, () => ({ syncStatus: "cleaned" }))
            yield* queue.release(eligible, "cleaned")
          }),
        )
        const hooked = Layer.succeed(SyncQueue, {
          ...queue,
          find: (path) =>
            Effect.zipLeft(
              queue.find(path),
              Effect.whenEffect(Effect.orDie(cleaned), Ref.getAndSet(armed, false)),
            ),
        })
        yield* Effect.gen(function* () {
          const { enqueue } = yield* SyncService
          yield* Ref.set(armed, true)
          expect((yield* Effect.flip(enqueue(run))).message).toContain("it is cleaned by now")
          expect((yield* jobOf(run)).state).toBe("cleaned")
          expect(recordOf(run)["sync_status"]).toBe("cleaned")
        }).pipe(
          Effect.provide(
            Layer.provide(QueuedNasSync.layerQueueOnly, Layer.provideMerge(SyncGate.layer, hooked)),
          ),
        )
      }),
    ),
  )
})
