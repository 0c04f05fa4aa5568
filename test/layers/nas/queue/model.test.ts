import { expect, it } from "@effect/vitest"
import { type Array, Context, Effect, Either, Exit, Layer, Option, Scope, TestClock } from "effect"
import { layerMemory } from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import type { LocksUnsupported } from "../../../../src/domain/Errors.ts"
import { type Claim, type QueueUnavailable, SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import * as model from "../../../contract/syncQueueModel.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { ownerIn, settingsIn } from "./support.ts"

interface Slot {
  readonly claim: Claim
  readonly scope: Scope.CloseableScope
  readonly owner: typeof SyncQueue.Service
}

const path = (run: number) => `/data/run-${run}`

/** A queue, as its owners see it, with the model beside it. */
const play = (
  owners: Array.NonEmptyReadonlyArray<typeof SyncQueue.Service>,
  commands: ReadonlyArray<model.Command>,
) =>
  Effect.gen(function* () {
    let expected = model.start
    const slots: Array<Slot> = []
    const ownerOf = (n: number) => owners[n % owners.length] ?? owners[0]

    const idOf = (run: number) =>
      Effect.map(owners[0].find(path(run)), (job) =>
        Option.match(job, { onNone: () => "", onSome: ({ id }) => id }),
      )

    const claimed = Effect.fnUntraced(function* (
      n: number,
      claiming: (owner: typeof SyncQueue.Service) => ReturnType<typeof SyncQueue.Service.claim>,
      after: model.Model,
    ) {
      const owner = ownerOf(n)
      const scope = yield* Scope.make()
      const claim = yield* Scope.extend(claiming(owner), scope)
      const run = after.claims.length > expected.claims.length ? after.claims.at(-1)?.run : undefined
      expect(Option.map(claim, ({ job }) => job.path)).toEqual(Option.map(Option.fromNullable(run), path))
      if (Option.isSome(claim)) slots.push({ claim: claim.value, scope, owner })
      expected = after
    })

    const expectHeld = (n: number, answer: Either.Either<unknown, { readonly _tag: string }>) =>
      expect(Either.isRight(answer) ? "done" : answer.left._tag).toBe(
        model.held(expected, n) === undefined ? "LeaseLost" : "done",
      )

    const withClaim = Effect.fnUntraced(function* (
      command: Extract<model.Command, { readonly claim: number }>,
    ) {
      const n = command.claim % Math.max(1, slots.length)
      const slot = slots[n]
      if (slot === undefined) return
      if (command.kind === "close") {
        expected = model.closed(expected, n)
        return yield* Scope.close(slot.scope, Exit.void)
      }
      if (command.kind === "renew") {
        expectHeld(n, yield* Effect.either(slot.owner.renew(slot.claim)))
        expected = model.renewed(expected, n)
        return
      }
      const to = model.destination(slot.claim.job.state, command.edge)
      const dueAt = command.delay % 2 === 0 ? 0 : expected.now + command.delay
      const facts = dueAt === 0 ? {} : { notBefore: dueAt * 1000 }
      if (command.kind === "release") {
        expectHeld(n, yield* Effect.either(slot.owner.release(slot.claim, to, facts)))
        expected = model.releasedTo(expected, n, to, dueAt)
        return
      }
      const answer = yield* Effect.either(slot.owner.move(slot.claim, to, facts))
      expectHeld(n, answer)
      if (Either.isRight(answer)) slots[n] = { ...slot, claim: answer.right }
      expected = model.movedTo(expected, n, to, dueAt)
    })

    const obey = Effect.fnUntraced(function* (command: model.Command) {
      switch (command.kind) {
        case "enqueue": {
          const { run, waits } = command
          const target = { path: path(run), level: "run" as const, equipmentId: model.equipmentOf(run) }
          yield* ownerOf(run).enqueue(target, waits ? "waiting_for_data" : "queued", "asked")
          expected = model.enqueued(expected, run, waits)
          return
        }
        case "claim": {
          const wish = model.wishes[command.wish % model.wishes.length] ?? model.wishes[0]
          if (wish === undefined) return
          const after = model.claimedNext(expected, command.wish)
          return yield* claimed(command.owner, (owner) => owner.claim({ ...wish, except: [] }), after)
        }
        case "claimJob": {
          const id = yield* idOf(command.run)
          const after = model.claimedByName(expected, command.run)
          return yield* claimed(command.owner, (owner) => owner.claimJob(id, model.claimableStates), after)
        }
        case "intervene": {
          yield* ownerOf(command.run).intervene(yield* idOf(command.run), command.order, "asked")
          expected = model.intervened(expected, command.run, command.order)
          return
        }
        case "recover": {
          yield* ownerOf(command.owner).recover
          expected = model.recovered(expected)
          return
        }
        case "wait": {
          yield* TestClock.adjust(`${command.seconds} seconds`)
          expected = { ...expected, now: expected.now + command.seconds }
          return
        }
        case "pauseTarget": {
          const pausedUntil = expected.now + command.seconds
          const pause = { equipmentId: "SCOPE_01", reason: "full", since: 0, until: pausedUntil * 1000 }
          yield* owners[0].pauseTarget(pause)
          expected = { ...expected, pausedUntil }
          return
        }
        default:
          return yield* withClaim(command)
      }
    })

    const compare = Effect.gen(function* () {
      const jobs = yield* owners[0].list({})
      const seen = jobs.map((job) => ({
        path: job.path,
        state: job.state,
        dueAt: job.notBefore === null ? 0 : Date.parse(job.notBefore) / 1000,
      }))
      expect(seen).toEqual(expected.jobs.map(({ dueAt, run, state }) => ({ path: path(run), state, dueAt })))
    })

    yield* Effect.forEach(commands, (command) => Effect.zipRight(obey(command), compare), { discard: true })
    for (const job of expected.jobs) {
      const history = yield* owners[0].history(yield* idOf(job.run))
      expect(history.map(({ to }) => to)).toEqual(job.states)
      expect(history.slice(1).map(({ from }) => from)).toEqual(job.states.slice(0, -1))
    }
    yield* Effect.forEach(slots, ({ scope }) => Scope.close(scope, Exit.void), { discard: true })
  })

const built = (layer: Layer.Layer<SyncQueue, QueueUnavailable | LocksUnsupported>) =>
  Effect.map(Effect.orDie(Layer.build(layer)), (context) => Context.get(context, SyncQueue))

it.scoped.prop(
  "MemorySyncQueue does what the model does",
  { commands: model.commands },
  ({ commands }) =>
    Effect.flatMap(built(Layer.provide(Layer.fresh(layerMemory), settingsIn("/nowhere"))), (queue) =>
      play([queue], commands),
    ),
  { fastCheck: { numRuns: 300 } },
)

it.scoped.prop(
  "SqliteSyncQueue with two owners does what the model does",
  { commands: model.commands },
  ({ commands }) =>
    Effect.gen(function* () {
      const root = yield* fastTemporaryDirectory
      const owners = yield* Effect.all([built(Layer.fresh(ownerIn(root))), built(Layer.fresh(ownerIn(root)))])
      yield* play(owners, commands)
    }),
  { fastCheck: { numRuns: 300 }, timeout: 120_000 },
)
