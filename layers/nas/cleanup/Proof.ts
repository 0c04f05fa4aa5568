import { Array, Duration, Either } from "effect"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import type { CleanupSettings } from "../../../src/domain/SyncSettings.ts"
import type { VerificationPass, VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import type { TwoClocks } from "../../sharing/twoClocks.ts"
import type { Evidence } from "./Evidence.ts"

/** How a directory differs from what was verified. Relative paths. */
export interface Difference {
  readonly changed: ReadonlyArray<string>
  readonly appeared: ReadonlyArray<string>
  readonly vanished: ReadonlyArray<string>
  /** Links and special files: they aren't on the target. */
  readonly special: ReadonlyArray<string>
}

/** All that has a say in whether a run's local data may go. */
export interface CleanupFacts {
  readonly settings: CleanupSettings
  readonly job: SyncJob
  readonly evidence: Evidence | null
  readonly difference: Difference
  /** Why the target doesn't answer right now; null: it does. */
  readonly targetProblem: string | null
  /** When overrides were revoked; null: at a time that can't be read. Milliseconds since 1970. */
  readonly revocations: ReadonlyArray<number | null>
  /** By both clocks, see `twoClocks`. */
  readonly now: TwoClocks
}

/** Whether the last verification was later than now: the clock was wrong then, and nothing is known of its age. */
export const isAhead = ({ evidence, now }: CleanupFacts): boolean =>
  evidence !== null && evidence.last.at > now.latest

export type Condition =
  "enabled" | "level" | "state" | "verified" | "age" | "target" | "overrides" | "unchanged" | "special"

/** A condition that doesn't hold, as people are told. */
export interface Unmet {
  readonly condition: Condition
  readonly message: string
}

const some = (what: string, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.length === 0 ? [] : [`${what}: ${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""}`]

const differenceProblem = ({ appeared, changed, vanished }: Difference): string | null => {
  const all = [...some("changed", changed), ...some("new", appeared), ...some("gone", vanished)]
  return all.length === 0 ? null : `the run isn't as it was verified: ${all.join("; ")}`
}

/** They are on no target: with them, the run is only here. */
const specialProblem = ({ special }: Difference): string | null =>
  special.length === 0
    ? null
    : `it has what isn't copied, ${some("links or special files", special).join("")}`

const ageProblem = ({ evidence, now, settings }: CleanupFacts): string | null => {
  if (evidence === null) return null
  const age = Duration.toMillis(Duration.hours(settings.minAgeHours))
  return now.earliest - evidence.last.at >= age
    ? null
    : `its last verification must be ${settings.minAgeHours} hours old`
}

const passesProblem = (facts: CleanupFacts): string | null => {
  const { evidence, settings } = facts
  if (isAhead(facts)) return "its last verification is later than now: the clock was set back"
  const passes = evidence?.passes ?? 0
  return evidence !== null && passes >= settings.minVerifyPasses
    ? null
    : `it must be verified ${settings.minVerifyPasses} times as it is, and was ${passes} times`
}

const revokedProblem = ({ evidence, now, revocations }: CleanupFacts): string | null =>
  evidence !== null &&
  // What people do is recorded by the clock that can be set, and be set back.
  revocations.some((at) => at === null || at + (now.latest - now.set) >= evidence.last.at)
    ? "an override was revoked since its last verification"
    : null

const unmet = (facts: CleanupFacts): ReadonlyArray<Unmet> => {
  const { job, settings, targetProblem } = facts
  const problems: ReadonlyArray<readonly [Condition, string | null]> = [
    ["enabled", settings.enabled ? null : "cleaning up is switched off"],
    ["level", job.level === "run" ? null : "projects are never cleaned up"],
    [
      "state",
      job.state === "verified" || job.state === "cleanup_eligible"
        ? null
        : `its job is ${job.state}, not verified`,
    ],
    ["verified", passesProblem(facts)],
    ["age", ageProblem(facts)],
    ["target", targetProblem],
    ["overrides", revokedProblem(facts)],
    // Nothing can have changed since a verification that wasn't.
    ["unchanged", facts.evidence === null ? null : differenceProblem(facts.difference)],
    ["special", specialProblem(facts.difference)],
  ]
  return problems.flatMap(([condition, message]) => (message === null ? [] : [{ condition, message }]))
}

/** That a run's local data may be deleted. Deleting demands one, and only the decision makes it. */
export class Proof {
  readonly job: SyncJob
  readonly #evidence: Evidence

  private constructor(job: SyncJob, evidence: Evidence) {
    this.job = job
    this.#evidence = evidence
  }

  get last(): VerificationPass {
    return this.#evidence.last
  }

  get files(): ReadonlyMap<string, VerifiedFile> {
    return this.#evidence.files
  }

  /** The proof, or every condition that isn't met. */
  static readonly decide = (
    facts: CleanupFacts,
  ): Either.Either<Proof, Array.NonEmptyReadonlyArray<Unmet>> => {
    const { evidence, job } = facts
    const problems = unmet(facts)
    if (Array.isNonEmptyReadonlyArray(problems)) return Either.left(problems)
    return evidence === null || evidence.jobId !== job.id
      ? Either.left([{ condition: "verified", message: "the evidence is another job's" }])
      : Either.right(new Proof(job, evidence))
  }
}
