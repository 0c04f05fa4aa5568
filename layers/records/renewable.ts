import { DateTime, type Duration, Effect, Either } from "effect"
import { DiskError, type LockTimeout, type RecordUnreadable } from "../../src/domain/Errors.ts"
import { maxRecordBytes, openRecord, type RecordFile } from "../../src/domain/RecordFile.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import type { RecordWarning } from "../../src/ports/EquipmentWriter.ts"
import { makeFolder, replaceLocked } from "./recordFolder.ts"

/** A record that can be made again from what the service knows: a broken one stops nobody. */
export interface Renewable<A> {
  readonly path: string
  /** The version that this service writes. */
  readonly version: string
  readonly decode: (file: RecordFile) => Either.Either<A, RecordUnreadable>
  /** The whole text of a new record. */
  readonly fresh: (now: DateTime.Utc) => string
  /** The text that should replace a record; null when it is fine as it is. */
  readonly renewed: (record: A, file: RecordFile, now: DateTime.Utc) => string | null
}

/** What should happen, as far as the file says. */
type Verdict =
  | { readonly _tag: "Keep"; readonly warnings: ReadonlyArray<RecordWarning> }
  | { readonly _tag: "Write"; readonly text: string }
  | { readonly _tag: "Replace"; readonly reason: string }

const keep = (...warnings: ReadonlyArray<RecordWarning>): Verdict => ({ _tag: "Keep", warnings })

/** What stands at the path is no file of ours: too big, a folder, a link, a pipe. */
const noRecord = new Set(["EFBIG", "EISDIR", "ELOOP", "EMLINK", "EINVAL", "ENXIO"])

const judge = <A>(renewable: Renewable<A>, bytes: Uint8Array, now: DateTime.Utc): Verdict => {
  const { decode, path, version } = renewable
  const found = Either.flatMap(openRecord(path, bytes, version), (file) =>
    Either.map(decode(file), (record) => renewable.renewed(record, file, now)),
  )
  if (Either.isRight(found)) return found.right === null ? keep() : { _tag: "Write", text: found.right }
  return found.left._tag === "SchemaMajorMismatch"
    ? keep({ path, message: `${found.left.message}; it was left as it is` })
    : { _tag: "Replace", reason: found.left.reason }
}

const inspect = <A>(disk: typeof Disk.Service, renewable: Renewable<A>, now: DateTime.Utc) =>
  disk.readFile(renewable.path, { maxBytes: maxRecordBytes }).pipe(
    Effect.map((bytes) => judge(renewable, bytes, now)),
    Effect.catchAll((error): Effect.Effect<Verdict, DiskError> => {
      if (error.errno === "ENOENT") return Effect.succeed({ _tag: "Write", text: renewable.fresh(now) })
      return noRecord.has(error.errno)
        ? Effect.succeed({ _tag: "Replace", reason: `is not a record: ${error.errno}` })
        : Effect.fail(error)
    }),
  )

const mostCorrupt = 20

/** Gives a broken record a name of its own, `.corrupt-<time>`; nothing is overwritten. */
const setAside = (
  disk: typeof Disk.Service,
  path: string,
  now: DateTime.Utc,
  attempt = 1,
): Effect.Effect<string, DiskError> => {
  const time = recordTime(now).replaceAll(":", "-")
  const aside = `${path}.corrupt-${time}${attempt === 1 ? "" : `-${attempt}`}`
  return disk.renameNew(path, aside).pipe(
    Effect.as(aside),
    Effect.catchTag("DestinationExists", () =>
      attempt < mostCorrupt
        ? setAside(disk, path, now, attempt + 1)
        : new DiskError({ path: aside, op: "renameNew", errno: "EEXIST" }),
    ),
  )
}

/**
 * Brings a record up to date. One that is fine costs one read; all else happens under its lock, so that
 * of several processes that find it missing one makes it and the others leave it alone.
 */
export const bringUpToDate = <A>(
  disk: typeof Disk.Service,
  lockTimeout: Duration.Duration,
  renewable: Renewable<A>,
): Effect.Effect<ReadonlyArray<RecordWarning>, DiskError | LockTimeout> => {
  const { path } = renewable
  const replace = (text: string) => replaceLocked(disk, path, text)

  const locked = Effect.gen(function* () {
    yield* makeFolder(disk, path)
    yield* disk.lock(`${path}.lock`, lockTimeout)
    const now = yield* DateTime.now
    const verdict = yield* inspect(disk, renewable, now)
    if (verdict._tag === "Keep") return verdict.warnings
    if (verdict._tag === "Write") return yield* Effect.as(replace(verdict.text), [])
    const aside = yield* setAside(disk, path, now)
    yield* replace(renewable.fresh(now))
    return [{ path, message: `${path} ${verdict.reason}; it was moved to ${aside} and made again` }]
  }).pipe(Effect.scoped)

  return Effect.gen(function* () {
    const verdict = yield* inspect(disk, renewable, yield* DateTime.now)
    return verdict._tag === "Keep" ? verdict.warnings : yield* locked
  })
}
