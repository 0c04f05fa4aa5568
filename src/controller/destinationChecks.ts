import { Effect, Option } from "effect"
import { type Destination, parentPath } from "../domain/Destination.ts"
import type { DiskError, Issue } from "../domain/Errors.ts"
import { Disk } from "../ports/Disk.ts"
import { issue } from "./requestChecks.ts"

const mib = 1024 * 1024

const nearestExisting = (path: string): Effect.Effect<string, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.lstat(path)).pipe(
    Effect.flatMap((info) =>
      Option.isSome(info) || path === "/" ? Effect.succeed(path) : nearestExisting(parentPath(path)),
    ),
  )

/** Whether the place is free and its volume has room: anything there counts, also a link that leads nowhere. */
export const destinationIssues = Effect.fn("destinationIssues")(function* (
  destination: Destination,
  minFreeMib: number,
) {
  const disk = yield* Disk
  const issues: Array<Issue> = []
  if (Option.isSome(yield* disk.lstat(destination.path))) {
    issues.push(issue("destination", "destination_exists", `${destination.path} exists already`))
  }
  const volume = yield* nearestExisting(destination.parent)
  const free = yield* disk.freeBytes(volume)
  if (free < minFreeMib * mib) {
    const message = `${volume} has ${Math.floor(free / mib)} MiB free; ${minFreeMib} MiB must be`
    issues.push(issue("destination", "disk_space_insufficient", message))
  }
  return issues
})
