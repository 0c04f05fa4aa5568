import { Array, Effect, Option, type Scope } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import { DiskError, lacksLocks } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { holdLockFile } from "../disk/lockFile.ts"
import { removeTree } from "../disk/trees.ts"
import { isFrom, isOwnerId, ownerId, type OwnerId } from "../workspace/stagingLayout.ts"
import type { Place } from "./place.ts"

const prefix = ".exlab-export-"

const nameOf = (id: OwnerId): string => `${prefix}${id}`

/** Bytes of the name that an export has while it is made. */
export const temporaryBytes = nameOf(ownerId("", "00000000-0000-0000-0000-000000000000")).length

const lockOf = (temporary: string): string => `${temporary}.lock`

/** Whether a path is what an export is made at, or lies in it. */
export const isOf = (temporary: string, path: string): boolean =>
  path === temporary || path.startsWith(joinPath(temporary, ""))

/** Whose an entry of a folder is; none for what no export made. */
const ownerOf = (name: string): Option.Option<OwnerId> => {
  const id = name.startsWith(prefix) ? name.slice(prefix.length).replace(/\.lock$/, "") : ""
  return Option.liftPredicate(isOwnerId)(id)
}

/** The lock is there before what it is for, and goes after it: without one it is nobody's, either. */
const clear = (temporary: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const lock = lockOf(temporary)
    if (Option.isSome(yield* disk.lstat(lock)) && !(yield* disk.tryLock(lock))) return
    yield* removeTree(temporary)
    yield* disk.removeFile(lock)
  }).pipe(Effect.scoped)

/** What dead processes of this computer left: of another one's nobody can tell whether they live. */
const clearDead = (folder: string, host: string, own: OwnerId): Effect.Effect<void, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(folder)
    const owners = Array.filterMap(entries, ({ name }) => ownerOf(name)).filter(
      (id) => id !== own && isFrom(host, id),
    )
    for (const id of new Set(owners)) yield* clear(joinPath(folder, nameOf(id)))
  }).pipe(Effect.catchAll((error) => Effect.logWarning("what an export left could not be removed", error)))

const patience = "5 seconds"

/**
 * Where an export is made until it gets its name, with a lock by which others see that we live, and clears what those
 * left that don't. Where a file system has no locks it goes without, and nothing is cleared.
 */
export const claim = ({
  folder,
  path,
}: Place): Effect.Effect<string, DiskError, Disk | Settings | Scope.Scope> =>
  Effect.gen(function* () {
    const { host } = (yield* Settings).orchestrator
    const id = yield* Effect.sync(() => ownerId(host, crypto.randomUUID()))
    const temporary = joinPath(folder, nameOf(id))
    const lock = lockOf(temporary)
    const isHeld = yield* Effect.uninterruptible(holdLockFile(lock, patience)).pipe(
      Effect.as(true),
      Effect.catchTag("LockTimeout", () => new DiskError({ path, op: "lock", errno: "ETIMEDOUT" })),
      Effect.mapError(({ errno, op }) => new DiskError({ path, op, errno })),
      Effect.catchIf(lacksLocks, () => Effect.succeed(false)),
    )
    if (isHeld) yield* clearDead(folder, host, id)
    return temporary
  })
