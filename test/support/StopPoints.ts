import { Context, Deferred, Effect, Layer, Ref } from "effect"
import { DestinationExists } from "../../src/domain/Errors.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { Transition } from "../../src/domain/SessionEntry.ts"
import type { SessionState } from "../../src/domain/SessionState.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { Workspace } from "../../src/ports/Workspace.ts"

/** What happens to one session: written into its label, so that it is known from its first step on. */
export interface Plan {
  /** Steps of the session's own fiber, counted from 0, before which it stops until it is released. */
  readonly stopBefore: ReadonlyArray<number>
  /** The step that breaks. */
  readonly dieBefore: number | null
  /** Breaks when it has begun to ask. */
  readonly dieAsking: boolean
  readonly publish: "ok" | "taken" | "interrupted"
}

export interface Stops {
  readonly plan: Plan
  /** Steps begun so far. */
  readonly steps: number
  /** Closed while the session stands before a step. */
  readonly gate: Deferred.Deferred<void> | null
}

/**
 * A session store and a workspace that stop, break and refuse at chosen steps, and count the edges that
 * sessions take.
 */
export class StopPoints extends Context.Tag("test/StopPoints")<
  StopPoints,
  {
    readonly stops: (id: SessionId) => Effect.Effect<Stops | undefined>
    /** Lets a stopped session go on; false when it isn't stopped. */
    readonly release: (id: SessionId) => Effect.Effect<boolean>
    /** Every edge that was taken, in order. */
    readonly edges: Effect.Effect<ReadonlyArray<readonly [SessionState, SessionState]>>
  }
>() {}

const fresh: Plan = { stopBefore: [], dieBefore: null, dieAsking: false, publish: "ok" }

const planOf = (label: string): Plan => (label.startsWith("{") ? (JSON.parse(label) as Plan) : fresh)

/** Steps of the session's own fiber: not the answer's commit, and not the ends. */
const isStep = (change: Transition): boolean =>
  change.to !== "failed" &&
  change.to !== "aborted" &&
  !("promptId" in change && change.promptId !== undefined)

export const layer: Layer.Layer<StopPoints | SessionStore | Workspace, never, SessionStore | Workspace> =
  Layer.effectContext(
    Effect.gen(function* () {
      const store = yield* SessionStore
      const workspace = yield* Workspace
      const stopped = yield* Ref.make(new Map<SessionId, Stops>())
      const publishing = yield* Ref.make(new Map<string, Plan["publish"]>())
      const edges = yield* Ref.make<ReadonlyArray<readonly [SessionState, SessionState]>>([])

      const set = (id: SessionId, stops: Stops) => Ref.update(stopped, (all) => new Map(all).set(id, stops))

      const step = (id: SessionId) =>
        Effect.gen(function* () {
          const now = (yield* stopped).get(id)
          if (now === undefined) return
          const gate = now.plan.stopBefore.includes(now.steps) ? yield* Deferred.make<void>() : null
          const begun = { ...now, steps: now.steps + 1 }
          yield* Effect.acquireUseRelease(
            set(id, { ...begun, gate }),
            () => (gate === null ? Effect.void : Deferred.await(gate)),
            () => set(id, { ...begun, gate: null }),
          )
          if (now.plan.dieBefore === now.steps) return yield* Effect.dieMessage("the plan says so")
        })

      const wrapped = SessionStore.of({
        ...store,
        open: (kind, request) =>
          Effect.tap(store.open(kind, request), ({ session }) =>
            set(session.sessionId, { plan: planOf(request.label), steps: 0, gate: null }),
          ),
        transition: (id, change) =>
          Effect.gen(function* () {
            if (isStep(change)) yield* step(id)
            const session = yield* Effect.uninterruptible(
              Effect.gen(function* () {
                const before = yield* Effect.option(store.get(id))
                const session = yield* store.transition(id, change)
                if (change.to === "rendering") {
                  const plan = (yield* stopped).get(id)?.plan.publish ?? "ok"
                  yield* Ref.update(publishing, (all) => new Map(all).set(change.destination, plan))
                }
                if (before._tag === "Some") {
                  const edge = [before.value.state, change.to] as const
                  yield* Ref.update(edges, (all) => [...all, edge])
                }
                return session
              }),
            )
            const breaks = change.to === "input_required" && (yield* stopped).get(id)?.plan.dieAsking === true
            return breaks ? yield* Effect.dieMessage("the plan says so") : session
          }),
      })

      const guarded = Workspace.of({
        ...workspace,
        publish: (staging) =>
          Effect.flatMap(Ref.get(publishing), (plans) => {
            switch (plans.get(staging.destination.path)) {
              case "taken":
                return new DestinationExists({ path: staging.destination.path })
              case "interrupted":
                return Effect.interrupt
              default:
                return workspace.publish(staging)
            }
          }),
      })

      const points = StopPoints.of({
        stops: (id) => Effect.map(Ref.get(stopped), (all) => all.get(id)),
        release: (id) =>
          Effect.flatMap(Ref.get(stopped), (all) => {
            const gate = all.get(id)?.gate ?? null
            return gate === null ? Effect.succeed(false) : Deferred.succeed(gate, undefined)
          }),
        edges: Ref.get(edges),
      })
      return Context.make(StopPoints, points).pipe(
        Context.add(SessionStore, wrapped),
        Context.add(Workspace, guarded),
      )
    }),
  )
