import { existsSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import type { Session } from "../../src/domain/Session.ts"
import type { SessionState } from "../../src/domain/SessionState.ts"
import { isTerminalEvent } from "../../src/domain/SessionEvent.ts"
import type { Operation } from "../support/FaultDisk.ts"
import type { Outcome, Scenario } from "./creation.ts"
import { type CancelOutcome, comesBefore, type Disturbance } from "./disturbances.ts"
import { orphanProblems, wholenessProblems } from "./wholeness.ts"

/** The undisturbed creation to which others are held. */
export interface Reference {
  readonly destination: string
  readonly operations: ReadonlyArray<Operation>
  /** In which each operation happens. */
  readonly states: ReadonlyArray<SessionState>
  /** The index of the rename that publishes. */
  readonly publishing: number
}

export interface Attempt extends Outcome {
  readonly scenario: Scenario
  readonly root: string
  readonly k: number
  readonly disturbance: Disturbance
  readonly operations: ReadonlyArray<Operation>
  readonly cancelled: CancelOutcome
}

export type Problems = ReadonlyArray<string>

export const unless = (holds: boolean, problem: string): Problems => (holds ? [] : [problem])

type Expected = "failed" | "aborted" | "done" | "done, warned"

const isCancel = ({ disturbance }: Attempt): boolean => disturbance.startsWith("cancelled")

/** A claim that was reported as failed and had succeeded: the service looks, and goes on. */
const isClaim = ({ destination }: Reference, { name, paths }: Operation): boolean =>
  name === "rename" &&
  paths[1] === join(dirname(destination), ".exlab-wizard", "staging", basename(destination))

const expectedOf = (made: Attempt, reference: Reference): Expected => {
  const { disturbance, k } = made
  const { operations, publishing, states } = reference
  if (disturbance.startsWith("interrupted") || isCancel(made)) {
    return states[k] === "sync_queued" ? "done" : "aborted"
  }
  if (k > publishing || (k === publishing && disturbance === "fails after")) return "done, warned"
  return disturbance === "fails after" &&
    operations.slice(k, k + 1).some((operation) => isClaim(reference, operation))
    ? "done"
    : "failed"
}

export const streamProblems = ({ events, session }: Outcome): Problems => [
  ...unless(
    events.every(({ seq }, n) => seq === n + 1),
    "its events aren't numbered without a gap",
  ),
  ...unless(events.filter(isTerminalEvent).length === 1, "it has not exactly one last event"),
  ...unless(events.at(-1)?.kind === session.state, `its last event isn't ${session.state}`),
]

/** As many operations may be under way on the files of a tree. */
const sideBySide = 4

/** Those that may be told: of a disk that is gone, also one that was under way beside the first that failed. */
const failedOperations = ({ disturbance, k, operations }: Attempt): ReadonlyArray<Operation> =>
  operations.slice(k, k + (disturbance === "the disk is gone" ? sideBySide : 1))

/** An error that says which operation on which file went wrong. */
const errorProblems = (made: Attempt): Problems => {
  const { error } = made.session
  if (error === null) return ["it has no error"]
  const { code, details, message } = error
  if (made.disturbance === "breaks") return unless(code === "internal_error", `its code is ${code}`)
  const told = failedOperations(made).some(({ name, paths }) =>
    code === "io_error"
      ? details?.op === name && paths.some((path) => details.path === path)
      : code === "template_load_error" && message.includes(`${paths[0]}: EIO`),
  )
  return unless(told, `its error is ${code}: ${message}`)
}

/** A warning that names the file, unless it was a bug. Of a disk that is gone, the last of several tries may be told instead of the first. */
const warningProblems = ({ disturbance, events, k, operations }: Attempt): Problems => {
  const failed = disturbance === "the disk is gone" ? operations.slice(k) : operations.slice(k, k + 1)
  const paths = failed.flatMap((operation) => operation.paths)
  const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []))
  const told = disturbance === "breaks" || paths.some((path) => warnings.some((text) => text.includes(path)))
  return unless(warnings.length > 0 && told, `no warning names its file, only: ${warnings.join("; ")}`)
}

const resultProblems = (
  { scenario, session }: Outcome & { readonly scenario: Scenario },
  destination: string,
): Problems => {
  const { result } = session
  if (result === null || !("syncStatus" in result)) return ["it has no result"]
  return [
    ...unless(result.path === destination, `its result names ${result.path}`),
    ...unless(result.syncStatus === scenario.syncStatus, `its result says ${result.syncStatus}`),
    ...wholenessProblems(destination, scenario.syncStatus),
  ]
}

export const absentProblems = (destination: string): Problems =>
  unless(!existsSync(destination), "there is something at the destination")

/** Whether something had been rendered when the disturbance came. */
const hadFiles = ({ disturbance, k, operations, root, scenario }: Attempt): boolean => {
  const tree = join(
    dirname(join(root, scenario.destination)),
    ".exlab-wizard",
    "staging",
    basename(scenario.destination),
    "tree/",
  )
  return operations
    .slice(0, comesBefore(disturbance, k) ? k : k + 1)
    .some(
      ({ name, paths }) => /^(make|create|copy)/.test(name) && paths.some((path) => path.startsWith(tree)),
    )
}

/** What was rendered by then is kept if that was wanted, and only then. */
const abortedProblems = (made: Attempt, destination: string, whole: string): Problems => {
  const { result } = made.session
  if (result === null || !("discarded" in result)) return ["it has no result"]
  const kept = made.disturbance === "cancelled" && hadFiles(made)
  const ends = isCancel(made) ? "aborted" : "none"
  return [
    ...unless(result.code === "cancelled", `its result says ${result.code}`),
    ...unless(made.cancelled === ends, `the cancel ended with ${made.cancelled}`),
    ...unless(
      result.discarded !== kept,
      kept ? "its files were not kept" : "files that nobody wanted were kept",
    ),
    ...unless(result.path === (kept ? destination : undefined), `its result names ${result.path}`),
    ...(kept ? orphanProblems(destination, whole) : absentProblems(destination)),
  ]
}

const doneProblems = (made: Attempt, expected: Expected, destination: string): Problems => {
  const ends = isCancel(made) ? "SessionAlreadyCompleted" : "none"
  return [
    ...resultProblems(made, destination),
    ...unless(made.cancelled === ends, `the cancel ended with ${made.cancelled}`),
    ...(expected === "done, warned" ? warningProblems(made) : []),
  ]
}

const outcomeProblems = (made: Attempt, expected: Expected, destination: string, whole: string): Problems => {
  switch (made.session.state) {
    case "failed":
      return [...errorProblems(made), ...absentProblems(destination)]
    case "aborted":
      return abortedProblems(made, destination, whole)
    default:
      return doneProblems(made, expected, destination)
  }
}

/** Whether files of an ended session stand at the destination. */
const hasPath = ({ result }: Session): boolean => result !== null && result.path !== undefined

const stateOf = (expected: Expected): SessionState => (expected === "done, warned" ? "done" : expected)

/** What is wrong with how a disturbed creation ended. */
export const judge = (made: Attempt, reference: Reference): Problems => {
  const expected = expectedOf(made, reference)
  const destination = join(made.root, made.scenario.destination)
  return [
    ...unless(made.operations.length > made.k, "it was not disturbed"),
    ...unless(made.session.state === stateOf(expected), `is ${made.session.state}, should be ${expected}`),
    ...streamProblems(made),
    ...outcomeProblems(made, expected, destination, reference.destination),
  ]
}

/** What is wrong with the same creation, tried again afterwards: it finds what the first one made, or nothing. */
export const judgeAgain = (scenario: Scenario, root: string, before: Session, again: Outcome): Problems => {
  const destination = join(root, scenario.destination)
  const { error, state } = again.session
  if (hasPath(before)) {
    return unless(error?.code === "destination_exists", `tried again it is ${state}, ${error?.code}`)
  }
  const warnings = again.events.filter(({ kind }) => kind === "warning").length
  return [
    ...unless(state === "done", `tried again it is ${state}: ${error?.message}`),
    ...streamProblems(again),
    ...resultProblems({ ...again, scenario }, destination),
    ...unless(warnings === (scenario.syncStatus === "pending" ? 0 : 1), "tried again it warns"),
  ]
}
