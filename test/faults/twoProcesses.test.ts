import { expect, it } from "@effect/vitest"
import { Array, Effect, type Scope } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { prepare } from "./prepared.ts"
import { createWhole, goOn, type Report, type Rival, rival, standAt, stops, verdict } from "./rivalry.ts"
import { litter, pictureOf } from "./surroundings.ts"

/** A test with so many processes on one root; at the end they leave it in order. */
const withRivals = (
  name: string,
  count: number,
  test: (rivals: ReadonlyArray<Rival>, root: string) => Effect.Effect<void, never, Scope.Scope>,
) =>
  it.scopedLive(name, (): Effect.Effect<void, never, Scope.Scope> =>
    Effect.gen(function* () {
      const root = yield* Effect.flatMap(prepare, (copyTo) => Effect.tap(fastTemporaryDirectory, copyTo))
      const before = pictureOf(root)
      const rivals = yield* Effect.replicateEffect(rival(root), count)
      yield* test(rivals, root)
      yield* Effect.forEach(rivals, ({ tell }) => tell({ _tag: "End" }))
      const ends = yield* Effect.forEach(rivals, ({ child }) => child.ended)
      expect(ends).toEqual(rivals.map(() => ({ code: 0, signal: null })))
      expect(litter(before, pictureOf(root), "local/FRESH_01")).toEqual([])
    }).pipe(Effect.provide(NodeDisk.layer), Effect.orDie),
  )

const inTurns = ([one, two]: ReadonlyArray<Rival>): ReadonlyArray<readonly [Rival, Rival]> =>
  one === undefined || two === undefined
    ? []
    : [
        [one, two],
        [two, one],
      ]

const rounds = 5

/** In both orders and several times, each time with a project of its own. */
const inBothOrders = (
  name: string,
  round: (first: Rival, second: Rival, shortId: string) => Effect.Effect<ReadonlyArray<Report>>,
) =>
  withRivals(name, 2, (rivals, root) =>
    Effect.gen(function* () {
      for (const n of Array.range(1, rounds)) {
        for (const [order, [first, second]] of inTurns(rivals).entries()) {
          const shortId = `P-${n}-${order}`
          expect(yield* verdict(root, shortId, yield* round(first, second, shortId))).toEqual([])
        }
      }
    }),
  )

inBothOrders("who has claimed gets it, however late it publishes", (first, second, shortId) =>
  Effect.gen(function* () {
    yield* standAt(first, shortId, stops.hasClaimed(shortId))
    const refused = yield* createWhole(second, shortId)
    return [yield* goOn(first), refused]
  }),
)

inBothOrders("also when it stands just before its publication", (first, second, shortId) =>
  Effect.gen(function* () {
    yield* standAt(first, shortId, stops.isAboutToPublish(shortId))
    const refused = yield* createWhole(second, shortId)
    return [yield* goOn(first), refused]
  }),
)

inBothOrders("who comes to claim what was published meanwhile finds it", (first, second, shortId) =>
  Effect.gen(function* () {
    yield* standAt(second, shortId, stops.isAboutToClaim(shortId))
    const done = yield* createWhole(first, shortId)
    return [done, yield* goOn(second)]
  }),
)

inBothOrders("also when the claim of the other hasn't ended", (first, second, shortId) =>
  Effect.gen(function* () {
    yield* standAt(second, shortId, stops.isAboutToClaim(shortId))
    yield* standAt(first, shortId, stops.hasPublished(shortId))
    const refused = yield* goOn(second)
    return [yield* goOn(first), refused]
  }),
)

for (const count of [2, 4]) {
  withRivals(`${count} processes that are let go at their claims: one makes it`, count, (rivals, root) =>
    Effect.gen(function* () {
      for (const n of Array.range(1, rounds)) {
        const shortId = `P-${n}`
        yield* Effect.forEach(rivals, (one) => standAt(one, shortId, stops.isAboutToClaim(shortId)))
        const reports = yield* Effect.forEach(rivals, goOn, { concurrency: "unbounded" })
        expect(yield* verdict(root, shortId, reports)).toEqual([])
      }
    }),
  )

  withRivals(`${count} processes that are asked at once: one makes it`, count, (rivals, root) =>
    Effect.gen(function* () {
      for (const n of Array.range(1, 2 * rounds)) {
        const ask = Effect.forEach(rivals, (one) => createWhole(one, `P-${n}`), { concurrency: "unbounded" })
        expect(yield* verdict(root, `P-${n}`, yield* ask)).toEqual([])
      }
    }),
  )
}

withRivals("what a killed process had claimed is the next one's", 1, ([survivor], root) =>
  Effect.gen(function* () {
    for (const stop of [stops.isAboutToClaim, stops.hasClaimed, stops.isAboutToPublish]) {
      const shortId = `P-${stop.name}`
      const victim = yield* rival(root)
      yield* standAt(victim, shortId, stop(shortId))
      yield* victim.child.signal("SIGKILL")
      yield* victim.child.ended
      if (survivor === undefined) return yield* Effect.dieMessage("nobody is left")
      const report = yield* createWhole(survivor, shortId)
      const left = yield* verdict(root, shortId, [report])
      // A draft is cleared by the next start: it is in nobody's way.
      expect(left.filter((text) => !text.includes("/.claim-"))).toEqual([])
    }
    const last = yield* rival(root)
    yield* last.tell({ _tag: "End" })
    yield* last.child.ended
  }),
)
