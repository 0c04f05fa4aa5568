import { basename, join } from "node:path"
import { Array, Effect } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionState } from "../../src/domain/SessionState.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { create, type Scenario } from "./creation.ts"
import { type Disturbance, mayLeave, planOf } from "./disturbances.ts"
import { prepare } from "./prepared.ts"
import { service } from "./service.ts"
import { leftInStaging } from "./surroundings.ts"
import { inLanes, started, trial } from "./trial.ts"
import { type Attempt, judge, judgeAgain, type Reference } from "./verdict.ts"

interface Case {
  readonly k: number
  readonly disturbance: Disturbance
}

/** An undisturbed creation: its operations, each with the state in which it happens. */
export const observe = (scenario: Scenario, root: string) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const faults = yield* DiskFaults
    const states: Array<SessionState> = []
    const note = Effect.map(controller.list({ limit: 1 }), ({ sessions }) => {
      for (const { state } of sessions) states.push(state)
    })
    yield* started
    yield* faults.arm(() => Action.RunBefore({ effect: note }))
    const { session } = yield* create(scenario)
    const operations = [...(yield* faults.disarm)]
    const destination = join(root, scenario.destination)
    const publishing = operations.findIndex(
      ({ name, paths }) => name === "renameNew" && paths[1] === destination,
    )
    const reference: Reference = { destination, states, operations, publishing }
    const understood = session.state === "done" && publishing > 0 && states.length === operations.length
    return understood
      ? reference
      : yield* Effect.dieMessage("an undisturbed creation isn't what it should be")
  }).pipe(Effect.provide(service(root)))

/** One creation, disturbed at one operation, and then the same one undisturbed, by one service. */
const attempt = (scenario: Scenario, reference: Reference, root: string, { disturbance, k }: Case) =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    yield* started
    const { cancelled, plan } = yield* planOf(disturbance, k)
    yield* faults.arm(plan)
    const outcome = yield* create(scenario)
    const operations = [...(yield* faults.disarm)]
    const made: Attempt = {
      ...outcome,
      scenario,
      root,
      k,
      disturbance,
      operations,
      cancelled: yield* cancelled,
    }
    const left = mayLeave(disturbance) ? [] : leftInStaging(root)
    const problems = judge(made, reference)
    const again = yield* create(scenario)
    return [...problems, ...left, ...judgeAgain(scenario, root, made.session, again)]
  }).pipe(Effect.provide(service(root)))

const describe = ({ operations, states }: Reference, { disturbance, k }: Case): string => {
  const { name = "", paths = [] } = operations[k] ?? {}
  return `operation ${k}, ${states[k]}, ${name} ${paths.map((path) => basename(path)).join(" ")}, ${disturbance}`
}

/** One whole creation, disturbed at every operation in each of these ways. */
export const sweep = (scenario: Scenario, disturbances: ReadonlyArray<Disturbance>) =>
  Effect.gen(function* () {
    const copyTo = yield* prepare
    const reference = yield* Effect.flatMap(Effect.tap(fastTemporaryDirectory, copyTo), (root) =>
      observe(scenario, root),
    )
    const cases = reference.operations.flatMap((_, k): ReadonlyArray<Case> =>
      disturbances.map((disturbance) => ({ k, disturbance })),
    )
    const problems = yield* inLanes(copyTo, cases, (tried, ground) =>
      trial(scenario, ground, tried.disturbance, attempt(scenario, reference, ground.root, tried)).pipe(
        Effect.map(Array.map((problem) => `${describe(reference, tried)}: ${problem}`)),
      ),
    )
    return { problems, operations: reference.operations.length, tried: cases.length }
  })
