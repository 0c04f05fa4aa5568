import { Clock, DateTime, Effect } from "effect"
import { type AuditScope, scopeAt } from "../domain/AuditScope.ts"
import { destinationAt } from "../domain/Destination.ts"
import { type Finding, orderFindings } from "../domain/Finding.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import { SyncService } from "../ports/SyncService.ts"
import { makeExamine } from "./examine.ts"
import { judged } from "./findings.ts"
import { joinStamps, type Kept, makeKeeper, requiredKey } from "./memory.ts"
import { askOnce, makeRequirements } from "./requirements.ts"
import { type FolderMemory, makeSurvey } from "./survey.ts"
import { syncFailures, untoldFailure } from "./syncFailures.ts"

/**
 * `quick` looks at the times of directories and records, `full` at those of all contents that the rules look at,
 * too: an edit in place leaves its directory's time alone.
 */
export type PassKind = "quick" | "full"

/** What one pass came to. */
export interface PassResult {
  readonly at: DateTime.Utc
  /** Sorted. */
  readonly findings: ReadonlyArray<Finding>
  /** Projects and runs that are there. */
  readonly directories: number
  /** How many of them were looked into: new ones, and those that had changed. */
  readonly examined: number
}

/** Files are waited for more than worked on. */
const directoriesAtATime = 8

/** What isn't there any more. Others get their turn before: there may be many. */
const forget = (memory: Map<string, unknown>, there: ReadonlySet<string>): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.yieldNow(),
    Effect.sync(() => {
      for (const path of memory.keys()) if (!there.has(path)) memory.delete(path)
    }),
  )

/**
 * Passes over everything, each of which remembers what the last one saw. To be run one at a time: what they
 * remember is theirs alone.
 */
export const makePasses = Effect.gen(function* () {
  const disk = yield* Disk
  const { paths } = yield* Settings
  const sync = yield* SyncService
  const examine = yield* makeExamine
  const survey = yield* makeSurvey
  const ask = yield* makeRequirements
  const keep = makeKeeper()
  const folders: FolderMemory = new Map()
  const directories = new Map<string, Kept>()
  const scope: AuditScope = scopeAt(paths.localRoot, "") ?? { level: "all", path: paths.localRoot }

  const stampsOf = (path: string, places: ReadonlyArray<string>) =>
    Effect.map(disk.stamps(places.map((place) => `${path}${place}`)), joinStamps)

  /** Whether nothing shows that it isn't as it was. */
  const isUnchanged = Effect.fnUntraced(function* (path: string, kept: Kept, kind: PassKind) {
    const { contents, quick } = kept.places
    if ((yield* stampsOf(path, quick)) !== kept.quickStamps) return false
    return kind === "quick" || contents.length === 0
      ? true
      : (yield* stampsOf(path, contents)) === kept.contentStamps
  })

  return Effect.fn("Audit.pass")(function* (kind: PassKind) {
    const at = yield* DateTime.now
    const surveyed = yield* survey(scope, folders)
    const failures = yield* syncFailures(sync)
    const requiredBy = yield* askOnce(ask)
    let examined = 0

    const isAsBefore = Effect.fnUntraced(function* (path: string, kept: Kept) {
      if (!kept.isSettled || kept.nextExpiry <= DateTime.toEpochMillis(at)) return false
      if (kept.template !== null && requiredKey(yield* requiredBy(kept.template)) !== kept.required)
        return false
      return yield* Effect.orElseSucceed(isUnchanged(path, kept, kind), () => false)
    })

    const lookAt = Effect.fnUntraced(function* (path: string) {
      const kept = directories.get(path)
      if (kept !== undefined && (yield* isAsBefore(path, kept))) return
      const destination = destinationAt(paths.localRoot, path)
      if (destination === null) return
      const now = yield* Clock.currentTimeMillis
      const examination = yield* examine(destination, requiredBy)
      examined += 1
      directories.set(path, keep(examination, now))
    })

    yield* Effect.forEach(surveyed.directories, lookAt, { concurrency: directoriesAtATime, discard: true })
    yield* forget(directories, new Set(surveyed.directories))
    yield* forget(folders, surveyed.folders)
    const own = [...directories.values()].flatMap(({ findings }) => findings)
    const failed = [...directories].filter(([, { judgement }]) => judgement.isFailed)
    const untold = yield* Effect.forEach(failed, ([path, { judgement }]) =>
      untoldFailure(sync, path, judgement),
    )
    const besides = [...surveyed.remarks, ...failures, ...untold.flat()].map(({ directory, finding }) => {
      const judgement = directories.get(directory)?.judgement
      return judgement === undefined ? finding : judged(judgement, finding)
    })
    return {
      at,
      findings: [...besides, ...own].sort(orderFindings),
      directories: directories.size,
      examined,
    } satisfies PassResult
  })
})
