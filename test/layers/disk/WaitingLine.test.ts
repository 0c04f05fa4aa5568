import { expect, it } from "@effect/vitest"
import { Array, Deferred, Duration, Effect, Exit, FastCheck as fc, Fiber, TestClock } from "effect"
import * as WaitingLine from "../../../layers/disk/WaitingLine.ts"

const key = "key"

/** One who wants the key, stays until sent home, and leaves. */
interface Visitor {
  readonly fiber: Fiber.RuntimeFiber<boolean>
  readonly goHome: Deferred.Deferred<void>
  readonly deadline: number
}

type Ending = "left" | "late" | "interrupted"

const endingOf = (exit: Exit.Exit<boolean>): Ending =>
  Exit.isInterrupted(exit) ? "interrupted" : Exit.isSuccess(exit) && exit.value ? "left" : "late"

const enter = (line: WaitingLine.WaitingLine, patience: number, stay: Effect.Effect<void>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(line.enter(key, Duration.millis(patience), restore), (came) =>
      came ? Effect.as(Effect.ensuring(restore(stay), line.leave(key)), true) : Effect.succeed(false),
    ),
  )

const settle = Effect.repeatN(Effect.yieldNow(), 20)

/** The line as it must behave, step by step beside the real one. */
class Model {
  now = 0
  inside: Visitor | undefined
  waiting: ReadonlyArray<Visitor> = []
  readonly ended = new Map<Visitor, Ending>()

  get all(): ReadonlyArray<Visitor> {
    return this.inside === undefined ? this.waiting : [this.inside, ...this.waiting]
  }
  enter(visitor: Visitor): void {
    if (this.inside === undefined) this.inside = visitor
    else this.waiting = [...this.waiting, visitor]
  }
  end(visitor: Visitor, ending: Ending): void {
    this.ended.set(visitor, ending)
    const [first, ...rest] = this.all.filter((other) => other !== visitor)
    this.inside = first
    this.waiting = rest
  }
  wait(millis: number): void {
    this.now += millis
    for (const visitor of this.waiting) if (visitor.deadline <= this.now) this.end(visitor, "late")
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant("enter" as const), n: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constantFrom("leave" as const, "interrupt" as const), n: fc.nat() }),
  fc.record({ kind: fc.constant("wait" as const), n: fc.integer({ min: 1, max: 30 }) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const take = (line: WaitingLine.WaitingLine, model: Model, log: Array<string>, { kind, n }: Step) =>
  Effect.gen(function* () {
    if (kind === "wait") {
      model.wait(n)
      return yield* TestClock.adjust(Duration.millis(n))
    }
    if (kind === "enter") {
      const goHome = yield* Deferred.make<void>()
      const name = String(model.ended.size + model.all.length)
      const stay = Effect.acquireUseRelease(
        Effect.sync(() => log.push(name)),
        () => Deferred.await(goHome),
        () => Effect.sync(() => log.push(name)),
      )
      const fiber = yield* Effect.fork(enter(line, n, stay))
      return model.enter({ fiber, goHome, deadline: model.now + n })
    }
    const visitor = kind === "leave" ? model.inside : model.all[n % Math.max(model.all.length, 1)]
    if (visitor === undefined) return
    model.end(visitor, kind === "leave" ? "left" : "interrupted")
    yield* kind === "leave" ? Deferred.succeed(visitor.goHome, undefined) : Fiber.interrupt(visitor.fiber)
  })

it.effect.prop(
  "whoever leaves, is late or is interrupted, in whatever order: one inside, the next in line follows",
  [fc.array(step, { maxLength: 40 })],
  ([steps]) =>
    Effect.gen(function* () {
      const line = yield* WaitingLine.make
      const model = new Model()
      const log: Array<string> = []
      yield* Effect.forEach(steps, (current) => Effect.zipRight(take(line, model, log, current), settle))
      for (const [visitor, ending] of model.ended) {
        expect(endingOf(yield* Fiber.await(visitor.fiber))).toBe(ending)
      }
      for (const visitor of model.all) {
        yield* Deferred.succeed(visitor.goHome, undefined)
        expect(yield* Fiber.join(visitor.fiber)).toBe(true)
      }
      expect(Array.chunksOf(log, 2).filter(([came, went]) => came !== went)).toEqual([])
      expect(yield* line.enterNow(key)).toBe(true)
    }),
  { fastCheck: { numRuns: 100 } },
)

it.effect("a waiter that is interrupted in the moment its turn comes passes it on", () =>
  Effect.gen(function* () {
    const line = yield* WaitingLine.make
    expect(yield* line.enterNow(key)).toBe(true)
    const unlucky = yield* Effect.fork(enter(line, 1_000, Effect.never))
    const next = yield* Effect.fork(enter(line, 1_000, Effect.void))
    yield* settle
    yield* line.leave(key)
    unlucky.unsafeInterruptAsFork(unlucky.id())
    expect(endingOf(yield* Fiber.await(unlucky))).toBe("interrupted")
    expect(yield* Fiber.join(next)).toBe(true)
    expect(yield* line.enterNow(key)).toBe(true)
  }),
)

it.effect("a waiter whose turn comes in the moment its patience ends keeps nobody waiting", () =>
  Effect.gen(function* () {
    const line = yield* WaitingLine.make
    expect(yield* line.enterNow(key)).toBe(true)
    const impatient = yield* Effect.fork(enter(line, 10, Effect.void))
    const next = yield* Effect.fork(enter(line, 1_000, Effect.void))
    yield* settle
    const leaving = yield* Effect.fork(Effect.delay(line.leave(key), "10 millis"))
    yield* TestClock.adjust("10 millis")
    yield* Fiber.join(leaving)
    yield* Fiber.join(impatient)
    expect(yield* Fiber.join(next)).toBe(true)
    expect(yield* line.enterNow(key)).toBe(true)
  }),
)

it.effect("keys don't wait for each other", () =>
  Effect.gen(function* () {
    const line = yield* WaitingLine.make
    expect(yield* line.enterNow("a")).toBe(true)
    expect(yield* line.enterNow("b")).toBe(true)
    expect(yield* line.enterNow("a")).toBe(false)
  }),
)
