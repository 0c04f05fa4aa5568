import { Effect, Either, Option } from "effect"
import { joinPath } from "../domain/Destination.ts"
import type { TreeSizes } from "../domain/RunDetails.ts"
import { type DirectoryEntry, Disk } from "../ports/Disk.ts"

/** Who asks about a directory waits for the answer: what holds more is measured in part. */
const maxEntries = 20_000
const atOnce = 8

const nothing = { files: 0, directories: 0, others: 0, bytes: 0, complete: true }

export interface Measured {
  readonly sizes: TreeSizes
  /** The first thing that couldn't be looked at. */
  readonly problem: string | null
}

/** Counts what a directory holds, without the entries `except` of its top. Links aren't followed. */
export const measure = Effect.fn("Directories.measure")(function* (
  root: string,
  except: ReadonlyArray<string>,
) {
  const disk = yield* Disk
  const total = { ...nothing }
  let problem: string | null = null
  const missed = (message: string) => {
    problem ??= message
    total.complete = false
  }
  const weigh = (path: string) =>
    Effect.match(disk.lstat(path), {
      onFailure: ({ message }) => missed(message),
      onSuccess: (info) => {
        total.files += 1
        total.bytes += Option.match(info, { onNone: () => 0, onSome: ({ size }) => size })
      },
    })
  const count = (folder: string, { name, type }: DirectoryEntry, folders: Array<string>) => {
    const path = joinPath(folder, name)
    if (type === "file") return weigh(path)
    return Effect.sync(() => {
      if (type !== "directory") return void (total.others += 1)
      total.directories += 1
      folders.push(path)
    })
  }

  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const current = folder
    const listed = yield* Effect.either(disk.list(current))
    if (Either.isLeft(listed)) {
      missed(listed.left.message)
      continue
    }
    const wanted = listed.right.filter(({ name }) => current !== root || !except.includes(name))
    const room = maxEntries - total.files - total.directories - total.others
    if (wanted.length > room) total.complete = false
    yield* Effect.forEach(wanted.slice(0, room), (entry) => count(current, entry, folders), {
      concurrency: atOnce,
      discard: true,
    })
    if (wanted.length > room) break
  }
  return { sizes: total, problem } satisfies Measured
})
