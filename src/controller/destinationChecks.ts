import { Effect, Option } from "effect"
import { type Destination, parentPath } from "../domain/Destination.ts"
import type { DiskError, Issue } from "../domain/Errors.ts"
import { Disk, type FileType } from "../ports/Disk.ts"
import { issue } from "./requestChecks.ts"

const mib = 1024 * 1024

interface Existing {
  readonly path: string
  readonly type: FileType
}

/** What is at a path, or at the nearest one above it where something is. */
export const nearestExisting = (path: string): Effect.Effect<Existing, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.lstat(path)).pipe(
    Effect.flatMap(
      Option.match({
        onNone: () =>
          path === "/"
            ? Effect.succeed({ path, type: "directory" as const })
            : nearestExisting(parentPath(path)),
        onSome: ({ type }) => Effect.succeed({ path, type }),
      }),
    ),
  )

/** Whether the place is free and its volume has room: anything there counts, also a link that leads nowhere. */
export const destinationIssues = Effect.fnUntraced(function* (destination: Destination, minFreeMib: number) {
  const disk = yield* Disk
  const issues: Array<Issue> = []
  if (Option.isSome(yield* disk.lstat(destination.path))) {
    issues.push(issue("destination", "destination_exists", `${destination.path} exists already`))
  }
  const above = yield* nearestExisting(destination.parent)
  if (above.type === "file" || above.type === "other") {
    const message = `${above.path} stands where a folder must be, and is none; move it away, then try again`
    issues.push(issue("destination", "destination_exists", message))
  }
  const free = yield* disk.freeBytes(above.path)
  if (free < minFreeMib * mib) {
    const message = `${above.path} has ${Math.floor(free / mib)} MiB free; ${minFreeMib} MiB must be`
    issues.push(issue("destination", "disk_space_insufficient", message))
  }
  return issues
})
