import { Array, Console, Effect, Ref } from "effect"
import * as Embedded from "../../layers/Embedded.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { Benchmark } from "./Benchmark.ts"
import { type Contest, compare, costOf, perUnit } from "./figures.ts"
import * as HttpProgram from "./HttpProgram.ts"
import { exchange, open, settingsBelow } from "./httpRequests.ts"
import { coldStart, readers } from "./httpMeasures.ts"
import { projectRequest } from "./requests.ts"
import { folderOnDisk } from "./workplace.ts"

const creationsOfARound = 40
const readsOfARound = 4000
const atATime = 8
const readersAtATime = 16

const answers = { principal_investigator: "R. Franklin", species: "Cell lines only" }

const projectOf = (n: number) => projectRequest("imaging_project", n, answers)

/** Time by the clock: of the work's processes, one is another on each side. */
const byTheClock = <E, R, E2, R2>(contest: Contest<E, R, E2, R2>) =>
  Effect.map(compare(contest), ({ baseline_ms, ratio, rounds, subject_ms }) => ({
    rounds,
    ratio,
    subject_ms,
    baseline_ms,
  }))

const repeated = <E, R>(times: number, concurrency: number, work: Effect.Effect<unknown, E, R>) =>
  Effect.forEach(Array.range(1, times), () => work, { concurrency, discard: true }).pipe(
    costOf,
    Effect.map((cost) => perUnit(cost, times)),
  )

/** Whole creations, until the last event of each has arrived, against the same calls in this process. */
const creations = (url: string, next: Effect.Effect<number>) => {
  const overHttp = Effect.gen(function* () {
    const { session } = yield* open(url, projectOf(yield* next))
    yield* exchange(`${session}/events`)
  })
  const embedded = Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* controller.createProject(projectOf(yield* next))
    yield* controller.awaitResult(sessionId)
  })
  const warmUp = Effect.all([repeated(200, atATime, overHttp), repeated(200, atATime, embedded)])
  return Effect.zipRight(
    warmUp,
    byTheClock({
      subject: repeated(creationsOfARound, atATime, overHttp),
      baseline: repeated(creationsOfARound, atATime, embedded),
      rounds: 15,
      within: "45 seconds",
    }),
  )
}

/** A session as it is now, against a bare server that answers the same bytes. */
const reads = (url: string, next: Effect.Effect<number>) =>
  Effect.gen(function* () {
    const { session } = yield* open(url, projectOf(yield* next))
    yield* exchange(`${session}/events`)
    const bare = yield* HttpProgram.start("bare", yield* exchange(session))
    const readFrom = (from: string) => repeated(readsOfARound, readersAtATime, exchange(from))
    yield* Effect.all([readFrom(session), readFrom(bare.url)])
    const figures = yield* byTheClock({
      subject: readFrom(session),
      baseline: readFrom(bare.url),
      rounds: 9,
      within: "45 seconds",
    })
    return { ...figures, reads_per_second: Math.round(1000 / figures.subject_ms.median) }
  })

const measure = Effect.gen(function* () {
  const projects = yield* Ref.make(0)
  const next = Ref.updateAndGet(projects, (n) => n + 1)
  yield* Console.error("  creations, reads")
  const compared = yield* Effect.gen(function* () {
    const { url } = yield* HttpProgram.start("serve", yield* folderOnDisk)
    return { creations: yield* creations(url, next), reads: yield* reads(url, next) }
  }).pipe(Effect.provide(Embedded.layer(settingsBelow(yield* folderOnDisk))))
  yield* Console.error("  readers of events")
  const streams = yield* readers
  yield* Console.error("  cold starts")
  return {
    creations_a_round: creationsOfARound,
    ...compared,
    readers: streams,
    cold_start_ms: yield* coldStart,
  }
}).pipe(Effect.scoped)

export const http: Benchmark = {
  name: "http",
  measures: "creations, reads and streams of events over HTTP, and the service's cold start",
  run: measure,
}
