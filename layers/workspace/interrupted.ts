import { Array, Effect, Option } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Abandoned } from "../../src/ports/Workspace.ts"
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

/** What dead sessions left for entries of `parent`. */
export const interruptedIn = (
  self: StagingOwner,
  parent: string,
): Effect.Effect<ReadonlyArray<Abandoned>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const folder = stagingFolder(parent)
    const names = yield* disk.list(folder).pipe(
      Effect.map(
        Array.filterMap(({ name, type }) => (type === "directory" ? Option.some(name) : Option.none())),
      ),
      Effect.catchIf(
        ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
        () => Effect.succeed([]),
      ),
    )
    const left = yield* Effect.filter(names, (name) =>
      Option.match(ownerOfPassing(name), {
        onNone: () => isAbandoned(self, joinPath(folder, name)),
        onSome: (owner) => isDead(self, owner),
      }),
    )
    return left.map((name) => ({
      path: joinPath(folder, name),
      destination: Option.isSome(ownerOfPassing(name)) ? parent : joinPath(parent, name),
    }))
  })
