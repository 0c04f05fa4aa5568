import { existsSync } from "node:fs"
import { join } from "node:path"
import { Array, Effect } from "effect"
import { AbandonedAreas } from "../../layers/workspace/AbandonedAreas.ts"
import type { SessionState } from "../../src/domain/SessionState.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { forkProgram } from "../support/childProcess.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { create, type Scenario, scenarios } from "./creation.ts"
import { prepare } from "./prepared.ts"
import { service } from "./service.ts"
import {
  damage,
  heldLocks,
  litter,
  openFiles,
  leftInStaging,
  type Picture,
  pictureOf,
} from "./surroundings.ts"
import { observe } from "./sweep.ts"
import { wholenessProblems } from "./wholeness.ts"

const victim = new URL("./victim.ts", import.meta.url)

/** Processes at a time. */
const atATime = 3

/** When a process is killed. */
interface Moment {
  readonly scenario: Scenario
  readonly state: SessionState
  readonly k: number
  readonly when: "before" | "after"
  /** Whether the directory is published by then. */
  readonly published: boolean
  readonly what: string
}

/** Every moment of an undisturbed creation: before and after each of its operations. */
const momentsOf = (scenario: Scenario, root: string) =>
  Effect.map(observe(scenario, root), ({ operations, publishing, states }) =>
    operations.flatMap(({ name, paths }, k) =>
      (["before", "after"] as const).map((when): Moment => ({
        scenario,
        state: states[k] ?? "pending",
        k,
        when,
        published: k > publishing || (k === publishing && when === "after"),
        what: `${when} ${name} ${paths.at(-1)?.replace(`${root}/`, "")}`,
      })),
    ),
  )

/** So many of them, the distances as even as can be. */
const spread = <A>(all: ReadonlyArray<A>, count: number): ReadonlyArray<A> =>
  count >= all.length
    ? all
    : all.filter((_, n) => Math.floor(((n + 1) * count) / all.length) > Math.floor((n * count) / all.length))

/** In each state its share, and not less than five; in the gate, which writes nothing, a tenth of its share. */
const choose = (all: ReadonlyArray<Moment>, wanted: number): ReadonlyArray<Moment> =>
  Object.entries(Array.groupBy(all, ({ state }) => state)).flatMap(([state, moments]) => {
    const share = Math.ceil((wanted * moments.length) / all.length)
    return spread(moments, state === "validating" ? Math.ceil(share / 10) : Math.max(6, share))
  })

const problem = (holds: boolean, text: string): ReadonlyArray<string> => (holds ? [] : [text])

/** What a killed process may have left: the directory whole or not at all, and all else as it was. */
const afterTheKill = (
  { published, scenario }: Moment,
  root: string,
  before: Picture,
): ReadonlyArray<string> => {
  const destination = join(root, scenario.destination)
  return [
    ...(published
      ? wholenessProblems(destination, scenario.syncStatus)
      : problem(!existsSync(destination), "there is something at the destination")),
    ...damage(before, pictureOf(root)),
  ]
}

/** A service starts over it, clears it, and is asked for the same. */
const theNextStart = ({ published, scenario }: Moment, root: string, before: Picture) =>
  Effect.gen(function* () {
    const { cleared } = yield* AbandonedAreas
    const { problems } = yield* cleared
    const left = [...leftInStaging(root), ...litter(before, pictureOf(root), scenario.destination)]
    const { session } = yield* create(scenario)
    const destination = join(root, scenario.destination)
    const outcome = published
      ? problem(session.error?.code === "destination_exists", `asked again it is ${session.state}`)
      : problem(session.state === "done", `asked again it is ${session.state}: ${session.error?.message}`)
    return [
      ...problems.map(({ message }) => `the start could not clear: ${message}`),
      ...left,
      ...outcome,
      ...wholenessProblems(destination, scenario.syncStatus),
    ]
  }).pipe(Effect.provide(service(root)))

const kill = (moment: Moment, copyTo: (root: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const root = yield* Effect.tap(fastTemporaryDirectory, copyTo)
    const before = pictureOf(root)
    const { k, scenario, what, when } = moment
    const process = yield* forkProgram(victim, [root, scenario.name, String(k), when])
    const { signal } = yield* process.ended
    const somethingLeft = leftInStaging(root).length > 0
    const problems = [
      ...problem(signal === "SIGKILL", "it wasn't killed"),
      ...afterTheKill(moment, root, before),
      ...(yield* theNextStart(moment, root, before)),
    ]
    const now = pictureOf(root)
    const atTheEnd = [
      ...damage(before, now),
      ...litter(before, now, scenario.destination),
      ...(yield* heldLocks(disk, root, now)),
      ...openFiles(root),
    ]
    const texts = [...problems, ...atTheEnd].map(
      (text) => `${scenario.name}, ${what}: ${text.replaceAll(`${root}/`, "")}`,
    )
    return { moment, problems: texts, somethingLeft }
  }).pipe(Effect.scoped)

/** Kills a process at about so many moments of creations, spread over all that they do on the disk. */
export const killEverywhere = (wanted: number) =>
  Effect.gen(function* () {
    const copyTo = yield* prepare
    const all = yield* Effect.forEach(scenarios, (scenario) =>
      Effect.flatMap(Effect.tap(fastTemporaryDirectory, copyTo), (root) => momentsOf(scenario, root)),
    )
    const moments = choose(all.flat(), wanted)
    return yield* Effect.forEach(moments, (moment) => kill(moment, copyTo), { concurrency: atATime })
  })
