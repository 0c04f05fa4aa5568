import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref, Stream } from "effect"
import * as MemorySyncLedger from "../../../../layers/nas/cleanup/MemorySyncLedger.ts"
import * as MemorySyncQueue from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import { Behaviour, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { Audit } from "../../../../src/audit/Audit.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { inSyncWorlds, jobOf, makeProject, makeRun, recordOf, untilState } from "./world.ts"

const initTarget = Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01"))

/** A service whose queue is a new one, as after its file was removed. */
const withoutQueue = <A, E, R>(start: Layer.Layer<A, E, R>) =>
  Layer.provide(start, Layer.merge(MemorySyncQueue.layerMemory, MemorySyncLedger.layerMemory))

const failedCopies = (path: string) =>
  Effect.gen(function* () {
    const { audit, scopeOf } = yield* Audit
    const events = yield* Stream.runCollect(audit(yield* scopeOf(path)))
    return [...events].flatMap((event) => (event.kind === "finding" ? [event.finding.rule] : []))
  })

describe("a queue that was lost", () => {
  it.scopedLive("has what failed tried anew, and what is wrong told again", () =>
    inSyncWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const { script } = yield* TransportScript
        const { project, run } = yield* Effect.gen(function* () {
          const { retry } = yield* SyncService
          yield* initTarget
          const project = yield* makeProject
          yield* untilState(project, "verified")
          yield* Ref.set(script, ({ method }) =>
            method === "send" ? Behaviour.Fails({ class: "permanent" }) : Behaviour.Works(),
          )
          const run = yield* makeRun
          yield* untilState(run, "failed")
          expect(yield* failedCopies(run)).toEqual(["nas_sync_failed"])
          yield* Ref.set(script, ({ method }) => (method === "send" ? Behaviour.Hangs() : Behaviour.Works()))
          yield* retry((yield* jobOf(run)).id)
          // The record goes on saying so, and the job is under way.
          expect(recordOf(run)["sync_status"]).toBe("failed")
          expect(yield* failedCopies(run)).toEqual([])
          return { project, run }
        }).pipe(Effect.provide(start))
        yield* Ref.set(script, () => Behaviour.Works())
        yield* Effect.gen(function* () {
          yield* initTarget
          yield* untilState(run, "verified")
          expect(recordOf(run)["sync_status"]).toBe("synced")
          expect(yield* Effect.flip(jobOf(project))).toMatchObject({ _tag: "JobNotFound" })
        }).pipe(Effect.provide(withoutQueue(start)))
      }),
    ),
  )
})
