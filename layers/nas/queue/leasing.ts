import { Clock, Duration, Effect, ExecutionStrategy, Exit, HashMap, Option, Ref, Scope } from "effect"
import { syncEdges, type SyncJobState } from "../../../src/domain/SyncJob.ts"
import { type Claim, type JobFacts, LeaseLost } from "../../../src/ports/SyncQueue.ts"
import { type Entry, toJob } from "./Entry.ts"
import type { JobLocks } from "./JobLocks.ts"
import type { JobTable, Selection } from "./JobTable.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { claimed, givenBack, isHeldBy, moved, released, type Step } from "./steps.ts"
import type { Wakeups } from "./Wakeups.ts"

export interface Parts {
  readonly table: JobTable
  readonly locks: JobLocks
  readonly wakeups: Wakeups
  readonly lease: Duration.Duration
}

const keyOf = ({ fence, job }: Claim): string => `${job.id}/${fence}`

const leads = (from: SyncJobState, to: SyncJobState): boolean => from === to || syncEdges[from].includes(to)

const brokenOff = "its worker broke off"
const gone = "its worker is gone"

/** Claims, and what may be done with them. */
export const make = ({ lease, locks, table, wakeups }: Parts) =>
  Effect.gen(function* () {
    const open = yield* Ref.make(HashMap.empty<string, Scope.CloseableScope>())
    const leaseMillis = Math.ceil(Duration.toMillis(lease))

    /** In good order the claim is over by now, and this does nothing. */
    const giveBack = (id: string, holder: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        table.decide({ id }, (entry) => ({
          result: undefined,
          step: Option.match(entry, {
            onNone: () => null,
            onSome: (entry) => (entry.holder === holder ? givenBack(entry, brokenOff, now) : null),
          }),
        })),
      ).pipe(
        Effect.catchAll((error) =>
          Effect.logWarning("a sync job could not be given back; its lease will run out", { id, error }),
        ),
      )

    const register = (own: Scope.CloseableScope, entry: Entry) => {
      const claim: Claim = { job: toJob(entry), fence: entry.fence }
      const key = keyOf(claim)
      return Ref.update(open, HashMap.set(key, own)).pipe(
        Effect.zipRight(Scope.addFinalizer(own, Ref.update(open, HashMap.remove(key)))),
        Effect.as(claim),
      )
    }

    const takeLocked = Effect.fnUntraced(function* (selection: Selection, id: string) {
      const holder = yield* Effect.sync(() => crypto.randomUUID())
      yield* Effect.addFinalizer(() => giveBack(id, holder))
      const now = yield* Clock.currentTimeMillis
      const until = (yield* twoClocks).latest + leaseMillis
      return yield* table.take(selection, id, now, (entry) => claimed(entry, holder, until))
    })

    /** The lock comes before the lease, and goes after it: a lease without a lock is a dead process's. */
    const tryTake = (scope: Scope.Scope, selection: Selection, id: string) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
          const isOurs = yield* Ref.make(false)
          yield* Scope.addFinalizer(own, Effect.whenEffect(wakeups.notify, Ref.get(isOurs)))
          const attempt = Effect.if(locks.take(id), {
            onTrue: () => restore(takeLocked(selection, id)),
            onFalse: () => Effect.as(wakeups.blocked, Option.none<Entry>()),
          })
          const taken = yield* attempt.pipe(
            Scope.extend(own),
            Effect.onExit((exit) =>
              Exit.isSuccess(exit) && Option.isSome(exit.value) ? Effect.void : Scope.close(own, exit),
            ),
          )
          yield* Ref.set(isOurs, Option.isSome(taken))
          return yield* Effect.transposeMapOption(taken, (entry) => register(own, entry))
        }),
      )

    const claimFrom = Effect.fnUntraced(function* (
      selectionWithout: (tried: ReadonlyArray<string>) => Selection,
    ) {
      const scope = yield* Effect.scope
      yield* wakeups.look
      for (let tried: ReadonlyArray<string> = []; ;) {
        const selection = selectionWithout(tried)
        const id = yield* table.pick(selection, yield* Clock.currentTimeMillis)
        if (Option.isNone(id)) return Option.none<Claim>()
        const claim = yield* tryTake(scope, selection, id.value)
        if (Option.isSome(claim) || selection._tag === "Named") return claim
        tried = [...tried, id.value]
      }
    })

    const changeHeld = (claim: Claim, to: SyncJobState | null, step: (entry: Entry, now: number) => Step) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const { after, before } = yield* table.decide({ id: claim.job.id }, (found) => {
          const before = Option.getOrNull(Option.filter(found, (entry) => isHeldBy(entry, claim)))
          const isAllowed = before !== null && (to === null || leads(before.state, to))
          const after = isAllowed ? step(before, now) : null
          return { result: { before, after }, step: after }
        })
        if (before === null) return yield* new LeaseLost({ jobId: claim.job.id })
        if (after === null) return yield* Effect.dieMessage(`no sync job goes from ${before.state} to ${to}`)
        return { job: toJob(after.entry), fence: claim.fence }
      })

    /** Only now may another claim follow: with its lock the job is free for others. */
    const close = (claim: Claim) =>
      Effect.flatMap(Ref.get(open), (scopes) =>
        Option.match(HashMap.get(scopes, keyOf(claim)), {
          onNone: () => Effect.void,
          onSome: (own) => Scope.close(own, Exit.void),
        }),
      )

    return {
      claimFrom,
      renew: (claim: Claim) =>
        Effect.flatMap(twoClocks, ({ latest }) =>
          Effect.asVoid(
            changeHeld(claim, null, (entry) => ({
              entry: { ...entry, leaseUntil: latest + leaseMillis },
              change: null,
            })),
          ),
        ),
      move: (claim: Claim, to: SyncJobState, facts: JobFacts = {}) =>
        changeHeld(claim, to, (entry, now) => moved(entry, to, facts, now)),
      release: (claim: Claim, to: SyncJobState, facts: JobFacts = {}) =>
        changeHeld(claim, to, (entry, now) => released(moved(entry, to, facts, now))).pipe(
          Effect.zipLeft(close(claim)),
          Effect.map(({ job }) => job),
          Effect.uninterruptible,
        ),
      /** Whether the holder of a job, as it was just seen, is gone: nobody has its lock, or its time is up. */
      free: (seen: Entry) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const expired = seen.leaseUntil !== null && seen.leaseUntil <= (yield* twoClocks).earliest
          if (!expired && !(yield* Effect.scoped(locks.take(seen.id)))) return false
          return yield* table.decide({ id: seen.id }, (found) => {
            const same = Option.filter(
              found,
              ({ holder, leaseUntil }) => holder === seen.holder && leaseUntil === seen.leaseUntil,
            )
            return {
              result: Option.isSome(same),
              step: Option.getOrNull(Option.map(same, (entry) => givenBack(entry, gone, now))),
            }
          })
        }),
    }
  })
