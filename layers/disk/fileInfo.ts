import * as fs from "node:fs"
import { Effect, Option } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import type { DirectoryEntry, FileInfo, FileType } from "../../src/ports/Disk.ts"
import { decodeName } from "./nativePath.ts"
import { failed, query, refuse, type Target } from "./systemCall.ts"

interface Typed {
  readonly isFile: () => boolean
  readonly isDirectory: () => boolean
  readonly isSymbolicLink: () => boolean
}

const typeOf = (entry: Typed): FileType =>
  entry.isFile() ? "file" : entry.isDirectory() ? "directory" : entry.isSymbolicLink() ? "symlink" : "other"

export const fileInfo = (stats: fs.BigIntStats): FileInfo => {
  const identity = `${stats.dev}:${stats.ino}`
  return {
    type: typeOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode & 0o7777n),
    identity,
    stamp: `${identity}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`,
    modifiedMillis: Number(stats.mtimeNs / 1_000_000n),
    changedMillis: Number(stats.ctimeNs / 1_000_000n),
    links: Number(stats.nlink),
  }
}

/** A path below something that isn't a directory names nothing, either. */
const nothingThere = new Set(["ENOENT", "ENOTDIR"])

/** Nothing there is an answer here, and a frequent one: no error is made for it. */
export const lstat = (target: Target): Effect.Effect<Option.Option<FileInfo>, DiskError> =>
  Effect.async((resume) =>
    fs.lstat(target.native, { bigint: true }, (error, stats) => {
      if (error === null) resume(Effect.succeedSome(fileInfo(stats)))
      else
        resume(nothingThere.has(error.code ?? "") ? Effect.succeedNone : Effect.fail(failed(target, error)))
    }),
  )

/** What a link says. */
export const readLink = (target: Target): Effect.Effect<string, DiskError> =>
  Effect.map(
    query<Buffer>(target, (done) => fs.readlink(target.native, "buffer", done)),
    decodeName,
  )

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const readEntries = (target: Target): Effect.Effect<Array<fs.Dirent<Buffer>>, DiskError> =>
  query(target, (done) => fs.readdir(target.native, { encoding: "buffer", withFileTypes: true }, done))

/** `readdir` follows links, so the path is looked at first. */
export const list = (target: Target): Effect.Effect<ReadonlyArray<DirectoryEntry>, DiskError> =>
  lstat(target).pipe(
    Effect.flatMap((info) =>
      Option.isSome(info) && info.value.type === "symlink"
        ? Effect.fail(refuse(target, "ENOTDIR"))
        : readEntries(target),
    ),
    Effect.map((entries) =>
      entries.map((entry) => ({ name: decodeName(entry.name), type: typeOf(entry) })).toSorted(byName),
    ),
  )
