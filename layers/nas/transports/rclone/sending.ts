import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import type { Parcel, ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { together } from "../../../disk/together.ts"
import { sourceFailure } from "../diskFailures.ts"
import { failure } from "../places.ts"
import { withScratch } from "../tools/scratch.ts"
import { listed } from "../../../../src/domain/listed.ts"
import { readLog } from "./log.ts"
import { rcloneName } from "./names.ts"
import type { Rclone, RemoteFeatures } from "./Rclone.ts"

/** The paths as rclone calls them, for `--files-from-raw=-`. */
export const fileList = (paths: ReadonlyArray<string>): Effect.Effect<Uint8Array, SyncFailure> => {
  const refused = paths.filter((path) => rcloneName(path) === null)
  return refused.length === 0
    ? Effect.succeed(Buffer.from(paths.map((path) => `${rcloneName(path)}\n`).join("")))
    : failure(
        "permanent",
        `rclone can't carry names with U+201B, or that aren't UTF-8: ${listed(refused.map((path) => JSON.stringify(path)))}`,
        refused,
      )
}

/** Folders in which nothing is that makes them by itself. */
const emptyOnes = ({ directories, files }: Parcel): ReadonlyArray<string> => {
  const made = new Set([...files.map(({ path }) => path), ...directories].map(parentPath))
  return directories.filter((path) => !made.has(path))
}

const bytesOf = (files: Parcel["files"]): number => files.reduce((sum, { size }) => sum + size, 0)

/** Empty folders are made by copying a tree of nothing else. */
const makeFolders = (rclone: Rclone, scratch: string, parcel: Parcel, to: string) =>
  Effect.gen(function* () {
    const folders = emptyOnes(parcel)
    yield* fileList(folders)
    if (folders.length === 0) return
    yield* withScratch(scratch, (folder) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        for (const path of folders) {
          yield* Effect.mapError(disk.makeDirectories(joinPath(folder, path)), (error) =>
            sourceFailure(error),
          )
        }
        yield* rclone.run(["copy", "--create-empty-src-dirs", "--", folder, rclone.there(to)])
      }),
    )
  })

/** What the log says of progress: never less than before, and everything at the end of each consignment. */
const makeProgress = (report: (progress: ParcelProgress) => Effect.Effect<void>) => {
  let now: ParcelProgress = { bytes: 0, files: 0, currentFile: null }
  return (files: Parcel["files"]) => {
    const { bytes, files: count } = now
    const total = { bytes: bytes + bytesOf(files), files: count + files.length }
    let rest = ""
    return {
      onComplaint: (chunk: Buffer): Effect.Effect<void> =>
        Effect.suspend(() => {
          const text = rest + chunk.toString()
          const end = text.lastIndexOf("\n") + 1
          rest = text.slice(end).slice(-1024 * 1024)
          const stats = readLog(text.slice(0, end)).flatMap((line) => line.stats ?? [])
          if (stats.length === 0) return Effect.void
          for (const { bytes: sent, transferring, transfers } of stats) {
            now = {
              bytes: Math.max(now.bytes, Math.min(total.bytes, bytes + sent)),
              files: Math.max(now.files, Math.min(total.files, count + transfers)),
              currentFile: transferring?.[0]?.name ?? now.currentFile,
            }
          }
          return report(now)
        }),
      finished: Effect.suspend(() => {
        now = { ...total, currentFile: now.currentFile }
        return report(now)
      }),
    }
  }
}

/** Files that are sent by one call, and how it finds out which of them are there already. */
interface Consignment {
  readonly files: Parcel["files"]
  readonly how: "--checksum" | "--ignore-times"
}

/** A file up to this size is sent sooner than a command on the other side can tell its digest. Bytes. */
const sentSooner = 2 ** 16

/** Without digests of theirs, what is there proves nothing: then all is sent. */
const consign = (
  files: Parcel["files"],
  { hashes, hashesSlowly }: RemoteFeatures,
): ReadonlyArray<Consignment> => {
  const isAsked = ({ size }: { readonly size: number }): boolean =>
    hashes.length > 0 && (!hashesSlowly || size > sentSooner)
  const all: ReadonlyArray<Consignment> = [
    { how: "--ignore-times", files: files.filter((file) => !isAsked(file)) },
    { how: "--checksum", files: files.filter(isAsked) },
  ]
  return all.filter((one) => one.files.length > 0)
}

/** rclone leaves out silently what isn't there. */
const allThere = ({ files, source }: Parcel): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.flatMap(
      together(files, ({ path }) =>
        Effect.map(
          Effect.mapError(disk.lstat(joinPath(source, path)), (error) => sourceFailure(error, path)),
          (info) => (Option.exists(info, ({ type }) => type === "file") ? [] : [path]),
        ),
      ),
      (gone) =>
        gone.flat().length === 0
          ? Effect.void
          : failure("source_changed", "files aren't there any more", gone.flat()),
    ),
  )

/** Copies a parcel to a place where half files do no harm. */
export const copyTo = (
  rclone: Rclone,
  scratch: string,
  parcel: Parcel,
  to: string,
  report: (progress: ParcelProgress) => Effect.Effect<void>,
): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const { bytesPerSecond, files, source } = parcel
    if (files.length === 0) yield* rclone.run(["mkdir", "--", rclone.there(to)])
    yield* makeFolders(rclone, scratch, parcel, to)
    yield* fileList(files.map(({ path }) => path))
    const progress = makeProgress(report)
    for (const consignment of files.length === 0 ? [] : consign(files, yield* rclone.features)) {
      const { finished, onComplaint } = progress(consignment.files)
      const stdin = yield* fileList(consignment.files.map(({ path }) => path))
      const options = [
        consignment.how,
        // What has arrived is read back by itself; this would ask the remote once more, file by file.
        "--ignore-checksum",
        ...(bytesPerSecond === null ? [] : [`--bwlimit=${Math.max(1, Math.floor(bytesPerSecond))}B`]),
        "--files-from-raw=-",
      ]
      yield* rclone.run(["copy", ...options, "--", source, rclone.there(to)], { stdin, onComplaint })
      yield* finished
    }
    yield* allThere(parcel)
    if (files.length === 0) yield* report({ bytes: 0, files: 0, currentFile: null })
  })
