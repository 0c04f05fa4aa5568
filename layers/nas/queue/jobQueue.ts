import { Clock, Effect, Option } from "effect"
import type { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { toJob } from "./Entry.ts"
import * as leasing from "./leasing.ts"
import { boundStates, replaced } from "./replacing.ts"
import { begun, begunAgain, ordered } from "./steps.ts"

/** Sorts by time, roughly, and is short enough to be typed. */
const newId = Effect.map(
  Effect.zip(
    Clock.currentTimeMillis,
    Effect.sync(() => crypto.randomUUID()),
  ),
  ([now, uuid]) => `job_${now.toString(36).padStart(9, "0")}${uuid.slice(0, 8)}`,
)

/** The queue over a table of jobs: who works on what, what may follow on what, and who is told. */
export const make = (parts: leasing.Parts): Effect.Effect<typeof SyncQueue.Service> =>
  Effect.gen(function* () {
    const { table, wakeups } = parts
    const leases = yield* leasing.make(parts)
    const thenNotify = Effect.zipLeft(wakeups.notify)

    const enqueue: typeof SyncQueue.Service.enqueue = (target, state, reason) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const id = yield* newId
        return yield* table.decide({ path: target.path }, (found, next) => {
          const step = Option.match(found, {
            onNone: () => begun(target, state, reason, now, { id, ...next }),
            onSome: (entry) => begunAgain(entry, target, state, reason, now, next.turn),
          })
          const entry = step?.entry ?? Option.getOrThrow(found)
          return { result: toJob(entry), step }
        })
      })

    const intervene: typeof SyncQueue.Service.intervene = (id, order, reason) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        table.decide({ id }, (found) => {
          const step = Option.getOrNull(Option.map(found, (entry) => ordered(entry, order, reason, now)))
          return {
            result: Option.map(found, (entry) => ({
              job: toJob(step?.entry ?? entry),
              done: step !== null,
            })),
            step,
          }
        }),
      )

    const replaceTarget: typeof SyncQueue.Service.replaceTarget = (equipmentId, id, reason) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        table.replaceTarget({ equipmentId, id }, boundStates, (entries) => replaced(entries, reason, now)),
      )

    const recover = Effect.gen(function* () {
      const held = yield* table.held
      const freed = yield* Effect.filter(held, leases.free)
      return freed.length
    })

    return {
      enqueue: Effect.fn("SyncQueue.enqueue")((...args) => thenNotify(enqueue(...args))),
      claim: Effect.fn("SyncQueue.claim")((wish) =>
        leases.claimFrom((tried) => ({ _tag: "Wanted", wish, tried })),
      ),
      claimJob: Effect.fn("SyncQueue.claimJob")((id, states) =>
        leases.claimFrom(() => ({ _tag: "Named", id, states })),
      ),
      renew: Effect.fn("SyncQueue.renew")(leases.renew),
      move: Effect.fn("SyncQueue.move")((...args) => thenNotify(leases.move(...args))),
      release: Effect.fn("SyncQueue.release")((...args) => thenNotify(leases.release(...args))),
      intervene: Effect.fn("SyncQueue.intervene")((...args) => thenNotify(intervene(...args))),
      get: Effect.fn("SyncQueue.get")((id) => Effect.map(table.find({ id }), Option.map(toJob))),
      find: Effect.fn("SyncQueue.find")((path) => Effect.map(table.find({ path }), Option.map(toJob))),
      list: Effect.fn("SyncQueue.list")((filter) =>
        Effect.map(table.list(filter), (entries) => entries.map(toJob)),
      ),
      history: Effect.fn("SyncQueue.history")(table.history),
      counts: table.counts,
      oldestUnclaimed: Effect.flatMap(Clock.currentTimeMillis, table.oldestUnclaimed),
      pauseTarget: Effect.fn("SyncQueue.pauseTarget")((pause) => thenNotify(table.pauseTarget(pause))),
      resumeTarget: Effect.fn("SyncQueue.resumeTarget")((id) => thenNotify(table.resumeTarget(id))),
      pausedTargets: table.pausedTargets,
      targetId: Effect.fn("SyncQueue.targetId")(table.targetId),
      rememberTarget: Effect.fn("SyncQueue.rememberTarget")(table.rememberTarget),
      replaceTarget: Effect.fn("SyncQueue.replaceTarget")((...args) => thenNotify(replaceTarget(...args))),
      recover: thenNotify(Effect.withSpan(recover, "SyncQueue.recover")),
      awaitWork: wakeups.wait,
    }
  })
