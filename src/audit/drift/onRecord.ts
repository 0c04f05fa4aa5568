import { Effect, Option } from "effect"
import { maxChecksumsBytes, parseChecksums } from "../../domain/Checksums.ts"
import type { FileDigest, FileEntry, ReadmeFields } from "../../domain/CreationRecord.ts"
import { joinPath, metadataFolder } from "../../domain/Destination.ts"
import type { DriftSource, DriftSourceState } from "../../domain/Drift.ts"
import { checksumsPath } from "../../domain/PublishedTree.ts"
import { CreationWriter } from "../../ports/CreationWriter.ts"
import { Disk } from "../../ports/Disk.ts"
import { ReadmeGenerator } from "../../ports/ReadmeGenerator.ts"

/** What a source says, if it is there and can be read, and how that went. */
interface Source<A> {
  readonly value: A | null
  readonly state: DriftSourceState
}

const given = <A>(source: DriftSource, value: A): Source<A> => ({
  value,
  state: { source, state: "compared", detail: null },
})
const none = (source: DriftSource, detail: string): Source<never> => ({
  value: null,
  state: { source, state: "none", detail },
})
const broken = (source: DriftSource, detail: string): Source<never> => ({
  value: null,
  state: { source, state: "broken", detail },
})

/** `files.json`: what was published. */
export const publishedFiles = Effect.fnUntraced(function* (directory: string) {
  const disk = yield* Disk
  const writer = yield* CreationWriter
  return yield* Effect.gen(function* () {
    const info = yield* disk.lstat(joinPath(directory, metadataFolder, "files.json"))
    if (Option.isNone(info)) return none("published", "there is no files.json")
    return given("published", yield* writer.readFiles(directory))
  }).pipe(
    Effect.catchAll(({ message }) => Effect.succeed(broken("published", message))),
    Effect.map((source): Source<ReadonlyArray<FileEntry>> => source),
  )
})

export interface ReadmeOnRecord {
  readonly fields: ReadmeFields
  readonly digest: FileDigest
}

/** `readme_fields.json`: what the README is made of. */
export const readmeOnRecord = Effect.fnUntraced(function* (directory: string) {
  const generator = yield* ReadmeGenerator
  const writer = yield* CreationWriter
  return yield* writer.readReadmeFields(directory).pipe(
    Effect.map(
      Option.match({
        onNone: () => none("readme", "there is no readme_fields.json"),
        onSome: (fields) => given("readme", { fields, digest: generator.digest(fields) }),
      }),
    ),
    Effect.catchAll(({ message }) => Effect.succeed(broken("readme", message))),
    Effect.map((source): Source<ReadmeOnRecord> => source),
  )
})

/** Nobody reads more line numbers. */
const maxListed = 10

const badLinesDetail = (lines: ReadonlyArray<number>): string => {
  const more = lines.length > maxListed ? ` and ${lines.length - maxListed} more` : ""
  return `${checksumsPath}: no checksum in line ${lines.slice(0, maxListed).join(", ")}${more}`
}

/** `checksums.sha256`: what was synced. Its good lines count even where others are bad. */
export const syncedFiles = Effect.fnUntraced(function* (directory: string) {
  const disk = yield* Disk
  return yield* disk.readFile(joinPath(directory, checksumsPath), { maxBytes: maxChecksumsBytes }).pipe(
    Effect.map((bytes): Source<ReadonlyMap<string, string>> => {
      const { badLines, checksums } = parseChecksums(bytes)
      const value = new Map(checksums.map(({ path, sha256 }) => [path, sha256]))
      if (badLines.length > 0) return { ...broken("synced", badLinesDetail(badLines)), value }
      return checksums.length === 0
        ? broken("synced", `${checksumsPath} is empty`)
        : given<ReadonlyMap<string, string>>("synced", value)
    }),
    Effect.catchAll(({ errno, message }) =>
      Effect.succeed<Source<ReadonlyMap<string, string>>>(
        errno === "ENOENT" ? none("synced", "it wasn't synced yet") : broken("synced", message),
      ),
    ),
  )
})
