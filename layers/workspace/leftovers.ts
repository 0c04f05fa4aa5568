import { Effect, Option } from "effect"
import { joinPath, metadataFolder } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Leftovers } from "../../src/ports/Workspace.ts"
import { Occupant, occupantOf } from "./OwnerRecord.ts"
import {
  isFrom,
  type OwnerId,
  ownerLock,
  ownerOfPassing,
  stagingFolder,
  unknownOwner,
} from "./stagingLayout.ts"
import type { StagingOwner } from "./StagingOwner.ts"

/** Whether a service of this computer has died. Its lock is tried for a moment, if there is one; none is made. */
const isDead = (self: StagingOwner, owner: OwnerId): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.gen(function* () {
    if (!isFrom(self.host, owner) || owner === self.id) return false
    if (owner === unknownOwner) return true
    const disk = yield* Disk
    const lock = ownerLock(self.localRoot, owner)
    if (Option.isNone(yield* disk.lstat(lock))) return true
    return yield* Effect.scoped(disk.tryLock(lock))
  })

/** Whether nobody works on what stands at the place of a staging area. */
const isAbandoned = (self: StagingOwner, area: string): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.flatMap(
    occupantOf(area),
    Occupant.$match({
      Nothing: () => Effect.succeed(false),
      // Nobody knows what it is; it takes the place of a session all the same.
      Stranger: () => Effect.succeed(true),
      Damaged: () => Effect.succeed(true),
      Claimed: ({ record }) =>
        record.owner === self.id
          ? Effect.map(self.isAlive(record.claim), (alive) => !alive)
          : isDead(self, record.owner),
    }),
  )

/** The names of directories in a folder of staging areas; none behind a link. */
const areasIn = (parent: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const metadata = yield* disk.lstat(joinPath(parent, metadataFolder))
    if (!Option.exists(metadata, ({ type }) => type === "directory")) return []
    const entries = yield* disk.list(stagingFolder(parent))
    return entries.filter(({ type }) => type === "directory").map(({ name }) => name)
  }).pipe(
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeed([]),
    ),
  )

/** What dead sessions left for entries of `parent`. One area that can't be looked at hides no other. */
export const leftoversIn = (self: StagingOwner, parent: string): Effect.Effect<Leftovers, never, Disk> =>
  Effect.gen(function* () {
    const folder = stagingFolder(parent)
    const names = yield* areasIn(parent)
    const [unreadable, looked] = yield* Effect.partition(names, (name) => {
      const passing = ownerOfPassing(name)
      const path = joinPath(folder, name)
      return Effect.map(
        Option.match(passing, {
          onNone: () => isAbandoned(self, path),
          onSome: (owner) => isDead(self, owner),
        }),
        (isLeft) => ({
          isLeft,
          left: { path, destination: Option.isSome(passing) ? parent : joinPath(parent, name) },
        }),
      )
    })
    return { unreadable, abandoned: looked.filter(({ isLeft }) => isLeft).map(({ left }) => left) }
  }).pipe(Effect.catchAll((error) => Effect.succeed({ unreadable: [error], abandoned: [] })))
