import { Effect } from "effect"
import { nearestExisting } from "../../src/controller/destinationChecks.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { type Finding, sound } from "./componentFinding.ts"

const mib = 1024 * 1024

/** Whether a creation would find room below the local root. Nothing is made: it may be a share that is away. */
export const storageHealth = Effect.zipWith(Disk, Settings, (disk, { disk: limits, paths }) =>
  nearestExisting(paths.localRoot).pipe(
    Effect.flatMap(({ path: place }) => Effect.map(disk.freeBytes(place), (free) => ({ place, free }))),
    Effect.map(({ free, place }): Finding => {
      const details = { free_mib: Math.floor(free / mib), min_free_mib: limits.minFreeMib }
      if (free >= limits.minFreeMib * mib) return sound(details)
      const message = `${place} has ${details.free_mib} MiB free, and disk.min_free_mib is ${limits.minFreeMib}: make room there, or set paths.local_root to another folder`
      return { status: "error", message, details }
    }),
    Effect.catchAll(({ message }) =>
      Effect.succeed<Finding>({
        status: "error",
        message: `${message}; let the service's user into ${paths.localRoot}, or set paths.local_root to another folder`,
        details: {},
      }),
    ),
    Effect.provideService(Disk, disk),
  ),
)
