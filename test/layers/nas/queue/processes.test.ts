import { expect, it } from "@effect/vitest"
import { Array, Context, Effect, Exit, Layer, Option, Scope } from "effect"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { target, wish } from "../../../contract/syncQueue.ts"
import { type Child, type ChildEnded, forkProgram } from "../../../support/childProcess.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { until } from "../../../support/world.ts"
import { ownerIn } from "./support.ts"

const start = (stateDir: string, mode: "drain" | "enqueue" | "obey" | "steps", lease = 3600) =>
  Effect.tap(
    forkProgram(new URL("./programs/worker.ts", import.meta.url), [stateDir, mode, String(lease)]),
    (child) => Effect.map(child.next, (word) => expect(word).toBe("ready")),
  )

const tell = (child: Child, word: string) => Effect.zipRight(child.send(word), child.next)

const kill = (child: Child) => Effect.zipRight(child.signal("SIGKILL"), child.ended)

const queueIn = (stateDir: string, lease = 3600) =>
  Effect.map(Layer.build(ownerIn(stateDir, lease)), (context) => Context.get(context, SyncQueue))

const enqueue = (queue: typeof SyncQueue.Service, count: number) =>
  Effect.forEach(Array.range(1, count), (n) => queue.enqueue(target(n), "queued", "created"), {
    discard: true,
  })

/** What a worker names until the queue is empty. */
const worked = (child: Child): Effect.Effect<ReadonlyArray<unknown>, ChildEnded> =>
  Effect.iterate([] as ReadonlyArray<unknown>, {
    while: (words) => words.at(-1) !== "empty",
    body: (words) => Effect.map(child.next, (word) => [...words, word]),
  }).pipe(Effect.map((words) => words.slice(0, -1)))

const statesOf = (queue: typeof SyncQueue.Service, id: string) =>
  Effect.map(queue.history(id), (rows) => rows.map(({ to }) => to))

it.scopedLive("two processes work off 500 jobs, each exactly once", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const queue = yield* queueIn(root)
    yield* enqueue(queue, 500)
    const children = yield* Effect.all([start(root, "drain"), start(root, "drain")], {
      concurrency: "unbounded",
    })
    yield* Effect.forEach(children, (child) => child.send("go"))
    const done = yield* Effect.forEach(children, worked, { concurrency: "unbounded" })
    expect(done.map(({ length }) => length > 0)).toEqual([true, true])
    expect(done.flat().sort()).toEqual(Array.makeBy(500, (n) => target(n + 1).path).sort())
    for (const { id } of yield* queue.list({})) {
      expect(yield* statesOf(queue, id)).toEqual(["queued", "running", "awaiting_verify", "verified"])
    }
  }),
)

it.scopedLive(
  "workers that are killed lose no job and do none twice that they have told of",
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const queue = yield* queueIn(root)
      yield* enqueue(queue, 60)
      const told: Array<unknown> = []
      for (const after of [1, 4, 9, 2]) {
        const pair = [start(root, "steps"), start(root, "steps")] as const
        const [victim, other] = yield* Effect.all(pair, { concurrency: "unbounded" })
        // It is killed at work, and can't have worked off everything before, however late that is.
        yield* Effect.replicateEffect(victim.send("go"), after + 3)
        told.push(...(yield* Effect.replicateEffect(victim.next, after)))
        yield* other.send("go")
        yield* kill(victim)
        told.push(yield* other.next)
        yield* kill(other)
        yield* queue.recover
      }
      const last = yield* start(root, "drain")
      yield* last.send("go")
      told.push(...(yield* worked(last)))
      expect(new Set(told).size).toBe(told.length)
      expect(yield* queue.counts).toMatchObject({ verified: 60, queued: 0, running: 0, awaiting_verify: 0 })
      for (const { id } of yield* queue.list({})) {
        const states = yield* statesOf(queue, id)
        expect(states.filter((state) => state === "verified")).toHaveLength(1)
      }
    }),
  120_000,
)

it.scopedLive("what a killed process was told is in the queue is there, once", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    for (const after of [1, 7, 30]) {
      const [one, two] = yield* Effect.all([start(root, "enqueue"), start(root, "enqueue")])
      yield* Effect.forEach([one, two], (child) => child.send("go"))
      const told = [
        ...(yield* Effect.replicateEffect(one.next, after)),
        ...(yield* Effect.replicateEffect(two.next, after)),
      ]
      yield* Effect.forEach([one, two], kill)
      const queue = yield* queueIn(root)
      const there = (yield* queue.list({})).map(({ path }) => path)
      expect(told.filter((path) => !there.some((one) => one === path))).toEqual([])
      expect(new Set(there).size).toBe(there.length)
    }
  }),
)

it.scopedLive("what a killed process held is freed at once, long before its lease ends", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const queue = yield* queueIn(root)
    yield* enqueue(queue, 1)
    const victim = yield* start(root, "obey")
    expect(yield* tell(victim, "claim")).toBe("done")
    expect(yield* tell(victim, "move")).toBe("done")
    expect(yield* queue.recover).toBe(0)
    yield* kill(victim)
    expect(yield* queue.recover).toBe(1)
    expect(yield* queue.counts).toMatchObject({ queued: 1, running: 0 })
    expect(Option.isSome(yield* queue.claim(wish()))).toBe(true)
  }),
)

it.scopedLive(
  "a process that was stopped beyond its lease has lost its job, and nobody works beside it",
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const queue = yield* queueIn(root)
      yield* enqueue(queue, 1)
      const sleeper = yield* start(root, "obey", 1)
      expect(yield* tell(sleeper, "claim")).toBe("done")
      expect(yield* tell(sleeper, "move")).toBe("done")
      yield* sleeper.signal("SIGSTOP")
      yield* until(
        "the lease ran out",
        Effect.map(queue.recover, (freed) => freed === 1),
      )
      expect(yield* queue.claim(wish())).toEqual(Option.none())
      yield* sleeper.signal("SIGCONT")
      expect(yield* tell(sleeper, "renew")).toBe("LeaseLost")
      expect(yield* sleeper.next).toBe("done")
      expect(yield* tell(sleeper, "move")).toBe("LeaseLost")
      expect(yield* sleeper.next).toBe("done")
      expect(yield* queue.claim(wish())).toEqual(Option.none())
      expect(yield* tell(sleeper, "close")).toBe("done")
      expect(Option.isSome(yield* queue.claim(wish()))).toBe(true)
    }),
)

it.scopedLive("what another process enqueues, and gives back, wakes this one", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const queue = yield* queueIn(root)
    expect(yield* queue.claim(wish())).toEqual(Option.none())
    const other = yield* start(root, "enqueue")
    yield* other.send("go")
    yield* queue.awaitWork
    yield* kill(other)
    const [job] = yield* queue.list({ limit: 1 })
    const holder = yield* start(root, "obey")
    expect(yield* tell(holder, "claim")).toBe("done")
    yield* queue.intervene(job?.id ?? "", "pause", "wait")
    yield* queue.intervene(job?.id ?? "", "resume", "go on")
    const wanted = Effect.scoped(queue.claimJob(job?.id ?? "", ["queued"]))
    expect(yield* wanted).toEqual(Option.none())
    yield* holder.signal("SIGKILL")
    yield* Effect.repeat(Effect.zipRight(queue.awaitWork, wanted), { until: Option.isSome })
  }),
)

it.scopedLive("processes that open a new queue at once all have it", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    for (const round of [1, 2, 3]) {
      const scope = yield* Scope.make()
      const four = Array.makeBy(4, () => start(`${root}/${round}`, "obey"))
      const children = yield* Effect.all(four, { concurrency: "unbounded" }).pipe(Scope.extend(scope))
      expect(yield* Effect.forEach(children, (child) => tell(child, "claim"))).toEqual(
        Array.replicate("nothing", 4),
      )
      yield* Scope.close(scope, Exit.void)
    }
  }),
)
