import * as fs from "node:fs"
import { Effect, Either, Option } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import type { DirectoryEntry, FileInfo, FileType } from "../../src/ports/Disk.ts"
import { decodeName } from "./nativePath.ts"
import { answer, type Done, onward, type Outcome, refused, type Target, through } from "./systemCall.ts"

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
    // Not the device: its number may be another after a restart, and stamps are kept.
    stamp: `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`,
    modifiedMillis: Number(stats.mtimeNs / 1_000_000n),
    changedMillis: Number(stats.ctimeNs / 1_000_000n),
    links: Number(stats.nlink),
  }
}

/** A path below something that isn't a directory names nothing, either. */
const nothingThere = new Set(["ENOENT", "ENOTDIR"])

const nobody: Outcome<Option.Option<FileInfo>> = Either.right(Option.none())

/** Nothing there is an answer here, and a frequent one: no error is made for it. */
export const lookUp = (target: Target, done: Done<Option.Option<FileInfo>>): void =>
  fs.lstat(target.native, { bigint: true }, (error, stats) => {
    if (error === null) done(Either.right(Option.some(fileInfo(stats))))
    else if (nothingThere.has(error.code ?? "")) done(nobody)
    else answer(target, done)(error, Option.none())
  })

export const lstat = (target: Target): Effect.Effect<Option.Option<FileInfo>, DiskError> =>
  Effect.async((resume) => lookUp(target, resume))

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const entriesOf = (entries: ReadonlyArray<fs.Dirent<Buffer>>): ReadonlyArray<DirectoryEntry> =>
  entries.map((entry) => ({ name: decodeName(entry.name), type: typeOf(entry) })).sort(byName)

export const listDirectory = (target: Target, done: Done<ReadonlyArray<DirectoryEntry>>): void =>
  fs.readdir(
    target.native,
    { encoding: "buffer", withFileTypes: true },
    answer(target, through(done, entriesOf)),
  )

/** `readdir` follows links, so the path is looked at first. */
export const list = (target: Target, done: Done<ReadonlyArray<DirectoryEntry>>): void =>
  lookUp(
    target,
    onward(done, (info) =>
      Option.isSome(info) && info.value.type === "symlink"
        ? done(refused(target, "ENOTDIR"))
        : listDirectory(target, done),
    ),
  )

/** Its stamp; null when nothing is there. */
export const lookUpStamp = (target: Target, done: Done<string | null>): void =>
  lookUp(target, through(done, Option.match({ onNone: () => null, onSome: ({ stamp }) => stamp })))
