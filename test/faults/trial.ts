import { Effect } from "effect"
import { AbandonedAreas } from "../../layers/workspace/AbandonedAreas.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import type { Scenario } from "./creation.ts"
import { type Disturbance, mayLeave } from "./disturbances.ts"
import { service } from "./service.ts"
import { damage, heldLocks, litter, openFiles, type Picture, pictureOf, restore } from "./surroundings.ts"
import type { Problems } from "./verdict.ts"

/** What was cleared when a service started. */
export const started = Effect.flatMap(AbandonedAreas, ({ cleared }) => cleared)

/** A temporary file that couldn't be removed: nobody died, so no start looks for it. */
const isForNextWriter = (problem: string): boolean =>
  /\/\.exlab-wizard\/\.tmp-[0-9a-f]+ is left$/.test(problem)

/** A place for one attempt after the other. */
export interface Ground {
  readonly root: string
  readonly before: Picture
}

/**
 * An attempt by a service, from its start to its end, and what is wrong in the root after it. A service may
 * leave something to the next one when its disk was gone, or broke. Afterwards the root is as it was before.
 */
export const trial = <E, R>(
  scenario: Scenario,
  { before, root }: Ground,
  disturbance: Disturbance,
  attempt: Effect.Effect<Problems, E, R>,
) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const problems = yield* attempt
    const gone = mayLeave(disturbance)
    if (gone) yield* Effect.provide(started, service(root))
    const now = pictureOf(root, before)
    const surroundings = [
      ...damage(before, now),
      ...litter(before, now, scenario.destination).filter((problem) => !(gone && isForNextWriter(problem))),
      ...(yield* heldLocks(disk, root, now)),
      ...openFiles(root),
    ]
    restore(root, before, now)
    return [...problems, ...surroundings].map((problem) => problem.replaceAll(`${root}/`, ""))
  })

/** Roots that are used at the same time: they share the disk with its locks, and nothing else. */
const lanes = 6

/** Every case, one after the other in several roots. */
export const inLanes = <Case, E, R>(
  copyTo: (root: string) => Effect.Effect<void>,
  cases: ReadonlyArray<Case>,
  run: (tried: Case, ground: Ground) => Effect.Effect<Problems, E, R>,
) =>
  Effect.gen(function* () {
    const roots = yield* Effect.replicateEffect(Effect.tap(fastTemporaryDirectory, copyTo), lanes)
    const problems = yield* Effect.forEach(
      roots,
      (root, lane) => {
        const ground = { root, before: pictureOf(root) }
        const share = cases.filter((_, n) => n % lanes === lane)
        return Effect.forEach(share, (tried) => run(tried, ground))
      },
      { concurrency: "unbounded" },
    )
    return problems.flat(2)
  })
