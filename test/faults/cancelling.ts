import { basename, join } from "node:path"
import { Array, Effect } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { Action, DiskFaults, type Operation, type Plan } from "../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { create, type Outcome, type Scenario } from "./creation.ts"
import { mayLeave, planOf } from "./disturbances.ts"
import { prepare } from "./prepared.ts"
import { service } from "./service.ts"
import { leftInStaging } from "./surroundings.ts"
import { inLanes, started, trial } from "./trial.ts"
import { absentProblems, judgeAgain, type Problems, streamProblems, unless } from "./verdict.ts"
import { orphanProblems } from "./wholeness.ts"

const faults = ["fails before", "fails after", "the disk is gone"] as const

interface Case {
  readonly discardFiles: boolean
  readonly k: number
  readonly disturbance: (typeof faults)[number]
  readonly operation: Operation
}

/** A session that is cancelled when it asks; from then on the disk does what the plan says. */
const cancelled = (scenario: Scenario, discardFiles: boolean, plan: Plan) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { arm, disarm } = yield* DiskFaults
    yield* started
    const respond = (id: SessionId) => (event: SessionEvent) =>
      event.kind === "input_required"
        ? Effect.zipRight(arm(plan), Effect.forkDaemon(controller.cancel(id, { discardFiles })))
        : Effect.void
    const outcome = yield* create(scenario, respond)
    return { outcome, operations: [...(yield* disarm)] }
  })

/** Every operation of a clean-up that nothing disturbs. */
const casesOf = (scenario: Scenario, discardFiles: boolean, root: string) =>
  cancelled(scenario, discardFiles, () => Action.Pass()).pipe(
    Effect.provide(service(root)),
    Effect.map(({ operations }) =>
      operations.flatMap((operation, k) =>
        faults.map((disturbance): Case => ({ discardFiles, k, disturbance, operation })),
      ),
    ),
  )

const judge = (
  { events, session }: Outcome,
  { discardFiles, disturbance }: Case,
  destination: string,
  whole: string,
): Problems => {
  const { result, state } = session
  if (result === null || !("discarded" in result)) return [`it is ${state}`]
  const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []))
  const moved = result.path === destination
  // Files that a person wants aren't deleted because they can't be moved.
  const stranded =
    result.path?.endsWith("/tree") === true && warnings.some((text) => text.includes(result.path ?? ""))
  return [
    ...unless(result.code === "cancelled", `its result says ${result.code}`),
    ...unless(
      result.discarded === discardFiles,
      discardFiles ? "unwanted files were kept" : "its files are lost",
    ),
    ...unless(
      discardFiles || moved || (stranded && disturbance === "the disk is gone"),
      `its files are at ${result.path}`,
    ),
    ...unless(
      disturbance !== "the disk is gone" || warnings.length > 0,
      "nothing warns of a disk that is gone",
    ),
    ...(moved ? orphanProblems(destination, whole) : absentProblems(destination)),
  ]
}

/** One cancelled session whose clean-up is disturbed, and then the same creation undisturbed. */
const attempt = (scenario: Scenario, tried: Case, root: string, whole: string) =>
  Effect.gen(function* () {
    const { plan } = yield* planOf(tried.disturbance, tried.k)
    const { operations, outcome } = yield* cancelled(scenario, tried.discardFiles, plan)
    const left = mayLeave(tried.disturbance) ? [] : leftInStaging(root)
    const problems = judge(outcome, tried, join(root, scenario.destination), whole)
    const again = yield* create(scenario)
    return [
      ...unless(operations.length > tried.k, "it was not disturbed"),
      ...streamProblems(outcome),
      ...problems,
      ...left,
      ...judgeAgain(scenario, root, outcome.session, again),
    ]
  }).pipe(Effect.provide(service(root)))

const describe = ({ discardFiles, disturbance, k, operation: { name, paths } }: Case): string =>
  `operation ${k} of ${discardFiles ? "discarding" : "keeping"}, ${name} ${paths.map((path) => basename(path)).join(" ")}, ${disturbance}`

/** The clean-up of a cancelled session, with a fault at every operation. */
export const sweepCancel = (scenario: Scenario) =>
  Effect.gen(function* () {
    const copyTo = yield* prepare
    const fresh = Effect.tap(fastTemporaryDirectory, copyTo)
    const model = yield* fresh
    yield* Effect.provide(create(scenario), service(model))
    const cases = yield* Effect.forEach([true, false], (discardFiles) =>
      Effect.flatMap(fresh, (root) => casesOf(scenario, discardFiles, root)),
    )
    const problems: Problems = yield* inLanes(copyTo, cases.flat(), (tried, ground) =>
      trial(
        scenario,
        ground,
        tried.disturbance,
        attempt(scenario, tried, ground.root, join(model, scenario.destination)),
      ).pipe(Effect.map(Array.map((problem) => `${describe(tried)}: ${problem}`))),
    )
    return { problems, tried: cases.flat().length }
  })
