import { join } from "node:path"
import { Array, Effect, Layer, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../layers/Embedded.ts"
import { type PartialSettings, withDefaults } from "../../layers/EmbeddedSettings.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { leafName } from "../../src/domain/Destination.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as BareProgram from "./BareProgram.ts"
import type { Benchmark } from "./Benchmark.ts"
import { compare, costOf, perUnit } from "./figures.ts"
import { fileSystemOf } from "./machine.ts"
import { planOf } from "./operations.ts"
import { DiskRecorder, layer as recordingDisk } from "./RecordingDisk.ts"
import { projectRequest, runRequest } from "./requests.ts"
import { folderOnDisk } from "./workplace.ts"

const creationsOfARound = 40
const atATime = 8

const settingsBelow = (root: string): PartialSettings => ({
  paths: { localRoot: join(root, "local") },
  sessions: { maxWorking: atATime },
})

const project = projectRequest("imaging_project", 1, {
  principal_investigator: "R. Franklin",
  species: "Cell lines only",
})

const acquisition: JsonObject = {
  sample_id: "MT-017",
  sample_type: "Live cell",
  channel_2: "GFP",
  z_slices: 20,
}

const createProject = Effect.gen(function* () {
  const controller = yield* CreationController
  const { sessionId } = yield* controller.createProject(project)
  yield* controller.awaitResult(sessionId)
})

/** Every run has a number of its own. */
const counter = Effect.map(Ref.make(0), (runs) => Ref.updateAndGet(runs, (n) => n + 1))

/** A whole creation, from the request to the published directory. */
const createRun = (n: number) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const request = runRequest("confocal_run", project.limsProject.shortId, n, acquisition)
    const { sessionId } = yield* controller.createRun(request)
    return yield* controller.awaitResult(sessionId)
  })

/** The file operations of one creation among many: its template is known, the records above it are there. */
const recordedPlan = (root: string, next: Effect.Effect<number>) =>
  Effect.gen(function* () {
    const recorder = yield* DiskRecorder
    yield* createProject
    yield* Effect.replicateEffect(Effect.flatMap(next, createRun), 5)
    const leaf = yield* Ref.make("")
    const operations = yield* recorder.operationsOf(
      Effect.flatMap(Effect.flatMap(next, createRun), ({ path }) => Ref.set(leaf, leafName(path))),
    )
    return planOf(operations, yield* Ref.get(leaf))
  }).pipe(
    Effect.provide(
      CreationController.layer.pipe(
        Layer.provide(Embedded.ports),
        Layer.provideMerge(recordingDisk),
        Layer.provide(Layer.merge(NodeDisk.layer, Settings.layer(withDefaults(settingsBelow(root))))),
      ),
    ),
  )

/** Until the compiler has seen enough of it. */
const warmUp = (next: Effect.Effect<number>) =>
  Effect.forEach(Array.range(1, 400), () => Effect.flatMap(next, createRun), {
    concurrency: atATime,
    discard: true,
  })

const contest = (bare: BareProgram.BareProgram, next: Effect.Effect<number>, concurrency: number) =>
  compare({
    subject: Effect.forEach(Array.range(1, creationsOfARound), () => Effect.flatMap(next, createRun), {
      concurrency,
      discard: true,
    }).pipe(
      costOf,
      Effect.map((cost) => perUnit(cost, creationsOfARound)),
    ),
    baseline: Effect.map(bare.perform({ creations: creationsOfARound, concurrency }), (cost) =>
      perUnit(cost, creationsOfARound),
    ),
    rounds: 15,
    within: "1 minute",
  })

const measure = Effect.gen(function* () {
  const root = yield* folderOnDisk
  const next = yield* counter
  const plan = yield* recordedPlan(root, next)
  const bare = yield* BareProgram.make(plan)
  const figures = yield* Effect.gen(function* () {
    yield* warmUp(next)
    return {
      one_after_the_other: yield* contest(bare, next, 1),
      eight_at_a_time: yield* contest(bare, next, atATime),
    }
  }).pipe(Effect.provide(Embedded.layer(settingsBelow(root))))
  return {
    file_system: yield* fileSystemOf(root),
    file_operations: plan.length,
    creations_a_round: creationsOfARound,
    ...figures,
  }
}).pipe(Effect.scoped)

export const creation: Benchmark = {
  name: "creation",
  measures: "whole creations against a bare Node program that does the same file operations",
  run: measure,
}
