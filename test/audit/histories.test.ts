import { afterAll, expect, it } from "@effect/vitest"
import { Effect, FastCheck as FC, Layer, type Option, Ref, Stream } from "effect"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import type { PassKind } from "../../src/audit/passes.ts"
import type { Finding } from "../../src/domain/Finding.ts"
import { applyDelta, type ProblemsFrame } from "../../src/domain/FindingsDelta.ts"
import * as SteeredClock from "../support/SteeredClock.ts"
import { change, type Change, type Hidden, isShown, make, plantBeginning } from "./changes.ts"
import { audited, memoryLab } from "./lab.ts"

const histories = Number(process.env["EXLAB_AUDIT_HISTORIES"] ?? "200")

type Step = Change | { readonly do: "pass"; readonly kind: PassKind; readonly isRead: boolean }

const step: FC.Arbitrary<Step> = FC.oneof(
  { weight: 3, arbitrary: change },
  FC.record({
    do: FC.constant("pass" as const),
    kind: FC.constantFrom("quick" as const, "quick" as const, "full" as const),
    isRead: FC.boolean(),
  }),
)

const seen = new Map<string, number>()
const counted = ({ rule }: Finding): void => void seen.set(rule, (seen.get(rule) ?? 0) + 1)

const inVain = Effect.async<never>((resume) => {
  const timer = setTimeout(
    () => resume(Effect.dieMessage("a subscriber waits for what nobody tells")),
    20_000,
  )
  return Effect.sync(() => clearTimeout(timer))
})

/** Somebody who puts together what a stream of problems says. */
const makeReader = Effect.gen(function* () {
  const { changes } = yield* ProblemWatch
  const pull = yield* Stream.toPull(changes)
  const list = yield* Ref.make<ReadonlyArray<Finding>>([])
  const take = (frame: ProblemsFrame) =>
    Ref.updateAndGet(list, (before) =>
      frame.kind === "snapshot" ? frame.findings : applyDelta(before, frame),
    )
  /** Reads on until it knows that. */
  const learns = (findings: ReadonlyArray<Finding>): Effect.Effect<void, Option.Option<never>> =>
    Effect.flatMap(Ref.get(list), (known) =>
      JSON.stringify(known) === JSON.stringify(findings)
        ? Effect.void
        : Effect.zipRight(
            Effect.flatMap(pull, Effect.forEach(take, { discard: true })),
            Effect.suspend(() => learns(findings)),
          ),
    )
  return { learns: (findings: ReadonlyArray<Finding>) => Effect.raceFirst(learns(findings), inVain) }
})

/** Nothing here waits for anything real: the test's own housekeeping has its turn between. */
const breath = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const live = (steps: ReadonlyArray<Step>, grainMillis: number) =>
  Effect.gen(function* () {
    yield* plantBeginning
    const hidden: Hidden = { paths: new Set() }
    const { refresh } = yield* ProblemWatch
    const reader = yield* makeReader
    const slow = yield* makeReader
    yield* breath
    let last = yield* refresh("full")
    for (const one of [...steps, ...lastPasses]) {
      if (one.do !== "pass") {
        yield* make(one, hidden)
        continue
      }
      const board = yield* refresh(one.kind)
      const fresh = yield* audited()
      if (one.kind === "full") hidden.paths.clear()
      const shown = (findings: ReadonlyArray<Finding>) => findings.filter(isShown(hidden))
      expect(board.problem).toBe(null)
      expect(shown(board.findings)).toEqual(shown(fresh))
      if (one.isRead) yield* reader.learns(board.findings)
      last = board
      board.findings.forEach(counted)
    }
    yield* slow.learns(last.findings)
  }).pipe(
    Effect.provide(
      ProblemWatch.layer.pipe(
        Layer.provideMerge(memoryLab({}, grainMillis)),
        Layer.provideMerge(SteeredClock.layer(new Date("2026-04-17T14:32:00Z"))),
      ),
    ),
    Effect.scoped,
    Effect.withTracerEnabled(false),
  )

const lastPasses: ReadonlyArray<Step> = [
  { do: "pass", kind: "quick", isRead: true },
  { do: "pass", kind: "full", isRead: true },
]

it.effect.prop(
  "what passes know is what a fresh audit finds, and what subscribers were told",
  [FC.array(step, { minLength: 5, maxLength: 15, size: "max" }), FC.constantFrom(1, 10, 1000, 2000)],
  ([steps, grainMillis]) => live(steps, grainMillis),
  { fastCheck: { numRuns: histories, endOnFailure: true }, timeout: 10 * 60_000 },
)

afterAll(() => {
  // A history in which nothing ever goes wrong shows nothing.
  if (histories >= 200) expect(seen.size).toBeGreaterThan(10)
})
