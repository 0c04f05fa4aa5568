import { Array, Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import type { Destination } from "../domain/Destination.ts"
import {
  DiskError,
  GateRefused,
  type Issue,
  type LockTimeout,
  RecordUnreadable,
  type SchemaMajorMismatch,
} from "../domain/Errors.ts"
import { type Finding, neverOverridden, overridableRules, Rule } from "../domain/Finding.ts"
import { type OverrideHistory, overrideHistory } from "../domain/OverrideHistory.ts"
import { parseRunDate } from "../domain/RunDate.ts"
import type { StoredOverride, StoredRecord } from "../domain/StoredRecord.ts"
import type { RunNotFound } from "../domain/SyncErrors.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { type EnqueueRefused, NasSync } from "../ports/NasSync.ts"
import { Settings } from "../ports/Settings.ts"
import { tagsOf, WizardLog } from "../ports/WizardLog.ts"
import { SyncGate } from "./SyncGate.ts"

/** Who overrules which rule for which directory, and why. */
export interface OverrideRequest {
  readonly path: string
  /** One of the rules of `docs/validation.md`. */
  readonly problemClass: string
  readonly reason: string
  readonly operator: string
  /** ISO-8601; a time without a zone is UTC. Left out: until it is revoked. */
  readonly expiresAt?: string | undefined
}

export interface RevokeRequest {
  readonly path: string
  readonly overrideId: string
  readonly reason: string
  readonly operator: string
}

/** How a directory stands after the gate has looked again. */
export interface Verdict {
  readonly path: string
  readonly findings: ReadonlyArray<Finding>
  readonly blocked: boolean
  /** As its record says now. */
  readonly syncStatus: string
}

type RecordError = DiskError | LockTimeout | RecordUnreadable | SchemaMajorMismatch
type ReviewError = RunNotFound | GateRefused | RecordError | EnqueueRefused

const maxReason = 2000
const maxOperator = 200

const isRule = Schema.is(Rule)
const utc = DateTime.zoneMakeOffset(0)

const issue = (field: string, message: string): Issue => ({ field, code: "validation_failed", message })

/** What no text on record may hold: it would steer a terminal, turn a line round, or not be text at all. */
const illegible = /[\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/u

const ruleIssues = (rule: string): ReadonlyArray<Issue> => {
  const never = isRule(rule) ? neverOverridden[rule] : `must be one of ${overridableRules.join(", ")}`
  return never === undefined ? [] : [issue("problem_class", never)]
}

const personIssues = (
  { operator, reason }: { readonly operator: string; readonly reason: string },
  allowlist: ReadonlyArray<string>,
): ReadonlyArray<Issue> => [
  ...(reason.trim() === "" ? [issue("reason", "must say why: it stays on record")] : []),
  ...(reason.length > maxReason ? [issue("reason", `must have at most ${maxReason} characters`)] : []),
  ...(illegible.test(reason) ? [issue("reason", "has characters that can't be shown: leave them out")] : []),
  ...(illegible.test(operator) || /[\n\t]/.test(operator)
    ? [issue("operator", "has characters that can't be shown: leave them out")]
    : []),
  ...(operator.trim() === "" || operator.length > maxOperator
    ? [issue("operator", `must be a name of 1–${maxOperator} characters`)]
    : []),
  ...(allowlist.length > 0 && !allowlist.includes(operator)
    ? [issue("operator", "isn't one of those whom the settings allow: `operators.allowlist`")]
    : []),
]

const expiryIssues = (expiresAt: string | undefined, now: DateTime.Utc): ReadonlyArray<Issue> => {
  if (expiresAt === undefined) return []
  const date = parseRunDate(expiresAt, utc)
  if (Option.isNone(date)) return [issue("expires_at", "must be a time such as 2026-12-31T18:00:00Z")]
  return DateTime.greaterThan(date.value, now) ? [] : [issue("expires_at", "has passed already")]
}

const refuseAny = (issues: ReadonlyArray<Issue>): Effect.Effect<void, GateRefused> =>
  Array.isNonEmptyReadonlyArray(issues) ? new GateRefused({ issues }) : Effect.void

const make = Effect.gen(function* () {
  const gate = yield* SyncGate
  const log = yield* WizardLog
  const nas = yield* NasSync
  const writer = yield* CreationWriter
  const { operators } = yield* Settings

  /** Without its record a directory has nowhere to keep what people decide. */
  const onRecord = <A, E>(effect: Effect.Effect<A, E | DiskError>) =>
    Effect.catchIf(
      effect,
      (error): error is DiskError => error instanceof DiskError && error.errno === "ENOENT",
      ({ path }) => new RecordUnreadable({ path, reason: "isn't there, and overrides are kept in it" }),
    )

  /** The entry is on record already: a log that can't be written is told, and stops nothing. */
  const note = (destination: Destination, record: StoredRecord, message: string) =>
    Effect.gen(function* () {
      const tags = tagsOf(destination, record)
      yield* log.append(destination.path, [{ at: yield* DateTime.now, level: "INFO", message, tags }])
    }).pipe(Effect.catchAll(({ message: why }) => Effect.logWarning(why)))

  const revalidate = Effect.fn("Problems.revalidate")(function* (path: string) {
    const { blocked, destination, findings, record } = yield* gate.look(path)
    const before = Option.match(record, {
      onNone: () => "blocked_by_validation",
      onSome: ({ syncStatus }) => syncStatus,
    })
    const verdict = (syncStatus: string): Verdict => ({
      path: destination.path,
      findings,
      blocked,
      syncStatus,
    })
    // What is on the NAS stays there; the findings say that they came later.
    if (before === "synced" || before === "cleaned" || Option.isNone(record)) return verdict(before)
    const after = blocked ? "blocked_by_validation" : before === "blocked_by_validation" ? "pending" : before
    if (after === "blocked_by_validation" || after === "pending") {
      yield* writer.update(destination.path, () => ({ syncStatus: after }))
    }
    if (!blocked) yield* nas.enqueue({ path: destination.path, level: destination.level })
    return verdict(after)
  })

  const added = (record: StoredRecord): Effect.Effect<StoredOverride> =>
    Option.match(Array.last(record.validationOverrides), {
      onNone: () => Effect.dieMessage("an entry that was appended is missing"),
      onSome: Effect.succeed,
    })

  const override = Effect.fn("Problems.override")(function* (request: OverrideRequest) {
    const { expiresAt, operator, problemClass, reason } = request
    const now = yield* DateTime.now
    const destination = yield* gate.locate(request.path)
    yield* refuseAny([
      ...ruleIssues(problemClass),
      ...personIssues(request, operators.allowlist),
      ...expiryIssues(expiresAt, now),
    ])
    const recordedAt = DateTime.formatIso(now)
    const entry = { id: "", problemClass, operator, recordedAt, reason, revoked: false } as const
    const record = yield* onRecord(
      writer.update(destination.path, () => ({
        addOverrides: [expiresAt === undefined ? entry : { ...entry, expiresAt }],
      })),
    )
    const made = yield* added(record)
    yield* note(destination, record, `override ${made.id} of ${problemClass} by ${operator}: ${reason}`)
    return { id: made.id, verdict: yield* revalidate(destination.path) }
  })

  const revoke = Effect.fn("Problems.revoke")(function* (request: RevokeRequest) {
    const { operator, overrideId, reason } = request
    const destination = yield* gate.locate(request.path)
    const { validationOverrides } = yield* onRecord(writer.read(destination.path))
    const isKnown = validationOverrides.some(({ id, revoked }) => id === overrideId && !revoked)
    const isRevoked = validationOverrides.some(({ revokes }) => revokes === overrideId)
    yield* refuseAny([
      ...(overrideId !== "" && isKnown ? [] : [issue("override_id", "names no override of this directory")]),
      ...(isKnown && isRevoked ? [issue("override_id", "is revoked already")] : []),
      ...personIssues(request, operators.allowlist),
    ])
    const recordedAt = DateTime.formatIso(yield* DateTime.now)
    // Somebody else may have been quicker: only under the record's lock it is known.
    let isLate = false
    const record = yield* writer.update(destination.path, ({ validationOverrides: now }) => {
      isLate = now.some(({ revokes }) => revokes === overrideId)
      const entry = { id: "", revokes: overrideId, operator, recordedAt, reason, revoked: true } as const
      return isLate ? {} : { addOverrides: [entry] }
    })
    if (isLate) yield* refuseAny([issue("override_id", "is revoked already")])
    const made = yield* added(record)
    yield* note(destination, record, `override ${overrideId} revoked by ${operator}: ${reason}`)
    return { id: made.id, verdict: yield* revalidate(destination.path) }
  })

  const history = Effect.fn("Problems.history")(function* (path: string) {
    const destination = yield* gate.locate(path)
    const { validationOverrides } = yield* onRecord(writer.read(destination.path))
    return { path: destination.path, ...overrideHistory(validationOverrides, yield* DateTime.now) }
  })

  return { override, revoke, revalidate, history }
})

/** What is wrong with directories that are published, and who overrules it (`docs/validation.md`). */
export class Problems extends Context.Tag("exlab-wizard/Problems")<
  Problems,
  {
    /**
     * Puts on record that a rule doesn't hold for a directory, and looks again. Every problem with the request is
     * told at once, and nothing is written then.
     */
    readonly override: (
      request: OverrideRequest,
    ) => Effect.Effect<{ readonly id: string; readonly verdict: Verdict }, ReviewError>
    /** Takes an override back. What is synced stays synced. */
    readonly revoke: (
      request: RevokeRequest,
    ) => Effect.Effect<{ readonly id: string; readonly verdict: Verdict }, ReviewError>
    /** Runs the gate again: what was mended or overridden becomes `pending` and is queued, what isn't is blocked. */
    readonly revalidate: (path: string) => Effect.Effect<Verdict, ReviewError>
    /** Who overruled what, when and why, and whether it holds now: all of it from `creation.json`. */
    readonly history: (
      path: string,
    ) => Effect.Effect<
      OverrideHistory & { readonly path: string },
      RunNotFound | DiskError | RecordUnreadable | SchemaMajorMismatch
    >
  }
>() {
  static readonly layer: Layer.Layer<
    Problems,
    never,
    CreationWriter | NasSync | Settings | SyncGate | WizardLog
  > = Layer.effect(Problems, make)
}
