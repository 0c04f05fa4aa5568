import { DateTime, Effect, Either, Option } from "effect"
import { type Destination, destinationAt } from "../domain/Destination.ts"
import { DiskError, RecordUnreadable } from "../domain/Errors.ts"
import { recordedKind } from "../domain/ModeRule.ts"
import { overrideHistory } from "../domain/OverrideHistory.ts"
import { notItsOwn } from "../domain/PublishedTree.ts"
import type { RunDetails } from "../domain/RunDetails.ts"
import { readCreation, readReadmeFields } from "../domain/StoredRecord.ts"
import { RunNotFound } from "../domain/SyncErrors.ts"
import { Settings } from "../ports/Settings.ts"
import { SyncService } from "../ports/SyncService.ts"
import { findPlace, parsePlace } from "./places.ts"
import { hasRecords, readRecord } from "./records.ts"
import { measure } from "./sizes.ts"
import { SyncGate } from "./SyncGate.ts"

/** The project or run that a path names, if it is there and behind no link. */
const locate = Effect.fnUntraced(function* (path: string) {
  const { localRoot } = (yield* Settings).paths
  const destination = destinationAt(localRoot, path)
  if (destination === null) return yield* new RunNotFound({ path })
  yield* parsePlace(localRoot, path).pipe(
    Effect.flatMap((place) => findPlace(localRoot, place)),
    Effect.catchTag("DirectoryNotFound", () => new RunNotFound({ path: destination.path })),
  )
  return destination
})

type Judged = Pick<RunDetails, "findings" | "blocked" | "record"> & { readonly problem: string | null }

/** The gate's view; where it has none, the record's; where there is none either, nothing can be told. */
const judge = Effect.fnUntraced(function* ({ path }: Destination) {
  yield* hasRecords(path)
  const gate = yield* SyncGate
  const standing = yield* Effect.either(gate.look(path))
  if (Either.isRight(standing)) {
    const { blocked, findings, record } = standing.right
    return { blocked, findings, record: Option.getOrNull(record), problem: null } satisfies Judged
  }
  const error = standing.left
  if (error._tag === "RunNotFound") return yield* error
  const creation = yield* readRecord(path, "creation.json", readCreation)
  if (Option.isNone(creation)) return yield* error
  const { record } = creation.value
  return { blocked: null, findings: null, record, problem: error.message } satisfies Judged
})

/** What the system refuses to show is as good as unreadable. */
const orUnreadable = <A, E, R>(
  path: string,
  judged: Effect.Effect<A, E | DiskError, R>,
): Effect.Effect<A, Exclude<E, DiskError> | RecordUnreadable, R> =>
  Effect.catchIf(
    judged,
    (error): error is DiskError => error instanceof DiskError,
    ({ reason }) => new RecordUnreadable({ path, reason }),
  )

/** A part that can't be had is told, and stops nothing. */
const partly = <A, R>(
  part: Effect.Effect<Option.Option<A>, { readonly message: string }, R>,
): Effect.Effect<{ readonly value: A | null; readonly problem: string | null }, never, R> =>
  Effect.match(part, {
    onFailure: ({ message }) => ({ value: null, problem: message }),
    onSuccess: (value) => ({ value: Option.getOrNull(value), problem: null }),
  })

const jobOf = Effect.fnUntraced(function* (path: string) {
  const { progress, status } = yield* SyncService
  const job = yield* Effect.catchTag(Effect.asSome(status(path)), "JobNotFound", () => Effect.succeedNone)
  return Option.isNone(job)
    ? Option.none()
    : Option.some({ job: job.value, progress: (yield* progress).get(job.value.id) ?? null })
})

/** Everything that is to be said of a project or a run. */
export const describe = Effect.fn("Directories.describe")(function* (path: string) {
  const destination = yield* locate(path)
  const { equipmentId, level, path: directory, project } = destination
  const judged = yield* orUnreadable(directory, judge(destination))
  const readme = yield* partly(readRecord(directory, "readme_fields.json", readReadmeFields))
  const sync = yield* partly(jobOf(directory))
  const { problem, sizes } = yield* measure(directory, notItsOwn[level])
  const problems = [judged.problem, readme.problem, sync.problem, problem]
  return {
    path: directory,
    level,
    equipmentId,
    project,
    runKind: recordedKind(judged.record) ?? destination.runKind,
    record: judged.record,
    readme: readme.value,
    findings: judged.findings,
    blocked: judged.blocked,
    overrides: overrideHistory(judged.record?.validationOverrides ?? [], yield* DateTime.now),
    syncJob: sync.value?.job ?? null,
    syncProgress: sync.value?.progress ?? null,
    sizes,
    problems: [...new Set(problems.filter((one) => one !== null))],
  } satisfies RunDetails
})
