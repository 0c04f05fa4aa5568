import { describe, expect, it } from "@effect/vitest"
import {
  Array,
  Chunk,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Ref,
  Scope,
  Stream,
  TestClock,
} from "effect"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import type { Finding } from "../../src/domain/Finding.ts"
import { applyDelta, type ProblemsFrame } from "../../src/domain/FindingsDelta.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { MemoryFiles } from "../support/MemoryDisk.ts"
import { until } from "../support/world.ts"
import { audited, brief, memoryLab, plant, plantDirectory, plantLab, project, root, run } from "./lab.ts"

const byTheClock: PartialSettings = {
  audit: { enabled: true, intervalSeconds: 30, fullIntervalSeconds: 3600 },
}

/** A lab with one fault, that only a look into contents would miss, and a watch that isn't started yet. */
const inLab = <A, E>(
  settings: PartialSettings,
  body: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof memoryLab>> | Scope.Scope>,
) =>
  Effect.zipRight(plantLab, Effect.zipRight(TestClock.adjust("1 minute"), body)).pipe(
    Effect.provide(memoryLab(settings)),
    Effect.scoped,
  )

const start = Effect.map(Layer.build(ProblemWatch.layer), (context) =>
  context.pipe((found) => Effect.provide(ProblemWatch, found)),
).pipe(Effect.flatten)

const passes = (watch: typeof ProblemWatch.Service, pass: number) =>
  until(
    `pass ${pass}`,
    Effect.map(watch.board, (board) => board.pass >= pass),
  )

/** Every pass begins by asking where the root is. */
const atBeginnings = (effect: (pass: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { arm } = yield* DiskFaults
    const begun = yield* Ref.make(0)
    yield* arm(({ name, paths }) =>
      name === "realPath" && paths[0] === root
        ? Action.RunBefore({
            effect: Effect.flatMap(
              Ref.updateAndGet(begun, (n) => n + 1),
              effect,
            ),
          })
        : Action.Pass(),
    )
    return { begun: Ref.get(begun) }
  })

/** The n-th pass waits at its beginning until it is let go. */
const holding = (n: number) =>
  Effect.gen(function* () {
    const hold = yield* Deferred.make<void>()
    const { begun } = yield* atBeginnings((pass) => (pass === n ? Deferred.await(hold) : Effect.void))
    return {
      begun,
      letGo: Deferred.succeed(hold, undefined),
      isHeld: Effect.map(begun, (count) => count === n),
    }
  })

const fault = plant(run, { "a:b": "" })
const found = "illegal_filesystem_character DEMO_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00/a:b :"

describe("passes by the clock", () => {
  it.effect("leave ten times their own length between them: a huge tree doesn't keep a computer busy", () =>
    inLab(
      byTheClock,
      Effect.gen(function* () {
        const { begun } = yield* atBeginnings((pass) =>
          pass === 1 ? Effect.sleep("20 seconds") : Effect.void,
        )
        const watch = yield* start
        yield* until(
          "the first has begun",
          Effect.map(begun, (count) => count === 1),
        )
        yield* TestClock.adjust("20 seconds")
        yield* passes(watch, 1)
        yield* TestClock.adjust("199 seconds")
        expect(yield* begun).toBe(1)
        yield* TestClock.adjust("1 second")
        yield* passes(watch, 2)
        yield* TestClock.adjust("30 seconds")
        yield* passes(watch, 3)
      }),
    ),
  )

  it.effect("begin at once, then every half a minute, and look at contents every hour", () =>
    inLab(
      byTheClock,
      Effect.gen(function* () {
        yield* plantDirectory(run, { rendered: ["a.txt"] }, { "a.txt": "(ab)" })
        yield* TestClock.adjust("1 minute")
        const { begun } = yield* atBeginnings(() => Effect.void)
        const watch = yield* start
        yield* passes(watch, 1)
        expect(yield* watch.board).toMatchObject({
          pass: 1,
          findings: [],
          directories: 3,
          examined: 3,
          problem: null,
        })
        const { overwrite } = yield* MemoryFiles
        yield* overwrite(`${run}/a.txt`, "<ab>")
        yield* TestClock.adjust("29 seconds")
        expect(yield* begun).toBe(1)
        yield* TestClock.adjust("1 second")
        yield* passes(watch, 2)
        expect(yield* watch.board).toMatchObject({ pass: 2, findings: [], examined: 0 })
        for (let pass = 3; pass <= 120; pass += 1) {
          yield* TestClock.adjust("30 seconds")
          yield* passes(watch, pass)
        }
        expect((yield* watch.board).findings).toEqual([])
        yield* TestClock.adjust("30 seconds")
        yield* passes(watch, 121)
        expect(yield* watch.board).toMatchObject({
          pass: 121,
          findings: [{ matchedToken: "<ab>" }],
          examined: 1,
        })
        expect(yield* begun).toBe(121)
      }),
    ),
  )

  it.effect("are skipped while one is running", () =>
    inLab(
      byTheClock,
      Effect.gen(function* () {
        const { begun, isHeld, letGo } = yield* holding(2)
        const watch = yield* start
        yield* passes(watch, 1)
        yield* TestClock.adjust("30 seconds")
        yield* until("the second pass is held", isHeld)
        yield* TestClock.adjust("10 minutes")
        expect(yield* begun).toBe(2)
        yield* letGo
        yield* passes(watch, 2)
        yield* TestClock.adjust("99 minutes")
        expect(yield* begun).toBe(2)
        yield* TestClock.adjust("1 minute")
        yield* passes(watch, 3)
      }),
    ),
  )

  it.effect("aren't made where the settings have none, until somebody asks", () =>
    inLab(
      {},
      Effect.gen(function* () {
        const { begun } = yield* atBeginnings(() => Effect.void)
        const watch = yield* start
        yield* TestClock.adjust("2 hours")
        expect(yield* begun).toBe(0)
        expect(yield* watch.board).toMatchObject({ pass: 0, findings: [], problem: null })
        yield* fault
        expect((yield* watch.refresh("quick")).findings.map(brief)).toEqual([found])
        expect(yield* begun).toBe(1)
      }),
    ),
  )
})

describe("a refresh", () => {
  it.effect("is served by a pass that begins after it, one for all who ask meanwhile", () =>
    inLab(
      {},
      Effect.gen(function* () {
        const { begun, isHeld, letGo } = yield* holding(1)
        const watch = yield* start
        const first = yield* Effect.fork(watch.refresh("quick"))
        yield* until("the first pass is held", isHeld)
        const others = yield* Effect.forEach(Array.range(1, 50), (n) =>
          Effect.fork(watch.refresh(n === 25 ? "full" : "quick")),
        )
        yield* TestClock.adjust("1 second")
        expect(yield* begun).toBe(1)
        yield* letGo
        expect((yield* Fiber.join(first)).pass).toBe(1)
        const boards = yield* Fiber.join(Fiber.all(others))
        expect(new Set(boards.map(({ pass }) => pass))).toEqual(new Set([2]))
        expect(yield* begun).toBe(2)
      }),
    ),
  )

  it.effect("that is given up stops nothing", () =>
    inLab(
      {},
      Effect.gen(function* () {
        const { isHeld, letGo } = yield* holding(1)
        const watch = yield* start
        const asked = yield* Effect.fork(watch.refresh("quick"))
        yield* until("the pass is held", isHeld)
        yield* Fiber.interrupt(asked)
        yield* letGo
        yield* passes(watch, 1)
        expect((yield* watch.refresh("quick")).pass).toBe(2)
      }),
    ),
  )
})

describe("a pass that breaks off", () => {
  it.effect.each([
    { how: "a defect", effect: Effect.dieMessage("out of order") },
    { how: "an interruption from within", effect: Effect.interrupt },
  ])("by $how is told, and the next one is made all the same", ({ effect }) =>
    inLab(
      byTheClock,
      Effect.gen(function* () {
        yield* fault
        const { begun } = yield* atBeginnings((pass) => (pass === 2 || pass === 3 ? effect : Effect.void))
        const watch = yield* start
        yield* passes(watch, 1)
        const broken = yield* watch.refresh("full")
        expect(broken.problem).toContain("broke off")
        expect(broken).toMatchObject({ pass: 1, findings: [{}] })
        yield* TestClock.adjust("30 seconds")
        yield* until(
          "the third pass begins",
          Effect.map(begun, (n) => n >= 3),
        )
        yield* until(
          "it is told",
          Effect.map(watch.board, ({ problem }) => problem !== null),
        )
        yield* TestClock.adjust("30 seconds")
        yield* passes(watch, 2)
        expect(yield* watch.board).toMatchObject({ pass: 2, problem: null, findings: [{}] })
      }),
    ),
  )

  it.effect("takes nobody's full pass from him: the next one makes up for it", () =>
    inLab(
      {},
      Effect.gen(function* () {
        yield* plantDirectory(run, { rendered: ["a.txt"] }, { "a.txt": "(ab)" })
        yield* TestClock.adjust("1 minute")
        yield* atBeginnings((pass) => (pass === 2 ? Effect.dieMessage("out of order") : Effect.void))
        const watch = yield* start
        yield* watch.refresh("full")
        const { overwrite } = yield* MemoryFiles
        yield* overwrite(`${run}/a.txt`, "<ab>")
        yield* TestClock.adjust("2 hours")
        expect((yield* watch.refresh("quick")).problem).not.toBe(null)
        expect((yield* watch.refresh("quick")).findings.length).toBe(1)
      }),
    ),
  )
})

const folded = (frames: ReadonlyArray<ProblemsFrame>): ReadonlyArray<Finding> =>
  frames.reduce<ReadonlyArray<Finding>>(
    (list, frame) => (frame.kind === "snapshot" ? frame.findings : applyDelta(list, frame)),
    [],
  )

describe("subscribers", () => {
  it.effect(
    "get a snapshot, then what changes; a slow one several passes at once, and nobody is held up",
    () =>
      inLab(
        {},
        Effect.gen(function* () {
          const watch = yield* start
          const pull = yield* Stream.toPull(watch.changes)
          expect([...(yield* pull)]).toEqual([{ kind: "snapshot", at: null, pass: 0, findings: [] }])
          const quick = yield* Effect.forEach(Array.range(1, 200), () =>
            Effect.gen(function* () {
              const frames = yield* Ref.make<ReadonlyArray<ProblemsFrame>>([])
              yield* Effect.forkScoped(
                Stream.runForEach(watch.changes, (frame) => Ref.update(frames, (all) => [...all, frame])),
              )
              return frames
            }),
          )
          yield* watch.refresh("quick")
          for (const name of ["a:b", "c:d", "e:f"]) {
            yield* plant(run, { [name]: "" })
            yield* watch.refresh("quick")
          }
          yield* watch.refresh("quick")
          const now = yield* audited()
          expect(now.length).toBe(3)
          for (const frames of quick) {
            yield* until(
              "all is told",
              Effect.map(Ref.get(frames), (all) => folded(all).length === 3),
            )
            const all = yield* Ref.get(frames)
            expect(folded(all)).toEqual(now)
            expect(all.filter(({ kind }) => kind === "snapshot").length).toBe(1)
          }
          const late = yield* Stream.runHead(watch.changes)
          expect(Option.getOrThrow(late)).toMatchObject({ kind: "snapshot", pass: 5, findings: now })
          // What it hasn't taken since came in fewer frames than there were passes.
          const taken: Array<ProblemsFrame> = []
          while (folded(taken).length < 3) taken.push(...(yield* pull))
          expect(folded(taken)).toEqual(now)
          expect(taken.length).toBeLessThan(4)
        }),
      ),
  )

  it.effect("who come during a pass get what was known before, and then what it found", () =>
    inLab(
      {},
      Effect.gen(function* () {
        yield* fault
        const { isHeld, letGo } = yield* holding(2)
        const watch = yield* start
        yield* watch.refresh("full")
        yield* plant(project, { "c:d": "" })
        const asked = yield* Effect.fork(watch.refresh("quick"))
        yield* until("the pass is held", isHeld)
        const pull = yield* Stream.toPull(watch.changes)
        const [snapshot] = [...(yield* pull)]
        expect(snapshot).toMatchObject({ kind: "snapshot", pass: 1, findings: [{}] })
        yield* letGo
        yield* Fiber.join(asked)
        expect([...(yield* pull)]).toMatchObject([
          { kind: "delta", pass: 2, added: [{ matchedToken: ":" }], removed: [], changed: [] },
        ])
      }),
    ),
  )

  it.effect("are told that the first pass is over, also when it found nothing, and of no other such", () =>
    inLab(
      {},
      Effect.gen(function* () {
        const watch = yield* start
        const pull = yield* Stream.toPull(watch.changes)
        yield* pull
        yield* watch.refresh("quick")
        expect([...(yield* pull)]).toMatchObject([
          { kind: "delta", pass: 1, added: [], removed: [], changed: [] },
        ])
        yield* watch.refresh("quick")
        yield* fault
        yield* watch.refresh("quick")
        expect([...(yield* pull)]).toMatchObject([{ kind: "delta", pass: 3, added: [{}] }])
      }),
    ),
  )
})

it.effect("an override that expires shows at the next quick pass, as a change", () =>
  inLab(
    byTheClock,
    Effect.gen(function* () {
      yield* fault
      const { override } = yield* Problems
      const expiresAt = "1970-01-01T00:01:45Z"
      const person = { operator: "asmith", reason: "until it is renamed" }
      yield* override({ path: run, problemClass: "illegal_filesystem_character", ...person, expiresAt })
      const watch = yield* start
      yield* passes(watch, 1)
      const pull = yield* Stream.toPull(watch.changes)
      expect([...(yield* pull)]).toMatchObject([{ kind: "snapshot", findings: [{ overrideActive: true }] }])
      yield* TestClock.adjust("30 seconds")
      yield* passes(watch, 2)
      expect((yield* watch.board).findings).toMatchObject([{ overrideActive: true }])
      yield* TestClock.adjust("30 seconds")
      expect([...(yield* pull)]).toMatchObject([
        { kind: "delta", pass: 3, added: [], removed: [], changed: [{ overrideActive: false }] },
      ])
    }),
  ),
)

it.effect("closing ends streams and refuses who waits and who comes then", () =>
  inLab(
    byTheClock,
    Effect.gen(function* () {
      const { isHeld } = yield* holding(1)
      const scope = yield* Scope.make()
      const watch = yield* Scope.extend(start, scope)
      yield* until("the first pass is held", isHeld)
      const frames = yield* Effect.fork(Stream.runCollect(watch.changes))
      const asked = yield* Effect.forEach(Array.range(1, 5), () =>
        Effect.fork(Effect.flip(watch.refresh("quick"))),
      )
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      for (const fiber of asked) expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "ShuttingDown" })
      expect(Chunk.size(yield* Fiber.join(frames))).toBe(1)
      expect(yield* Effect.flip(watch.refresh("full"))).toMatchObject({ _tag: "ShuttingDown" })
      expect(Chunk.size(yield* Stream.runCollect(watch.changes))).toBeLessThan(2)
    }),
  ),
)
