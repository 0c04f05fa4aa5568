import { Cause, Effect, Exit, Option } from "effect"
import { joinPath, metadataFolder } from "../../src/domain/Destination.ts"
import { DestinationExists, DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Kept, PublishReport, Staging } from "../../src/ports/Workspace.ts"
import { flushTree, removeTree } from "../disk/trees.ts"
import { moveOwnNew, nothingOvercome, type Overcome } from "./moves.ts"
import type { NewParents } from "./NewParents.ts"
import { occupantOf } from "./OwnerRecord.ts"
import { release } from "./releasing.ts"
import type { StagingOwner } from "./StagingOwner.ts"

export interface Publisher {
  readonly owner: StagingOwner
  readonly newParents: NewParents
}

const takenOver = "is being created by another session: this one's staging area is gone"

/** An area that was deleted from outside may be another session's by now: its files aren't ours to touch. */
export const confirm = ({ claim, destination: { path }, root }: Staging) =>
  Effect.flatMap(occupantOf(root), (occupant) =>
    occupant._tag === "Claimed" && occupant.record.claim === claim
      ? Effect.void
      : new DestinationExists({ path, reason: takenOver }),
  )

/** After this the tree is where readers look. */
const moveIntoPlace = (staging: Staging) =>
  Effect.zipRight(confirm(staging), moveOwnNew(staging.tree, staging.destination.path))

/** What remains to be done for a directory that is good already: problems are collected, also those overcome. */
const finish = Effect.fnUntraced(function* ({ newParents, owner }: Publisher, staging: Staging) {
  const disk = yield* Disk
  const steps = [
    Effect.as(disk.flush(staging.destination.parent), nothingOvercome),
    Effect.as(newParents.flushAbove(staging.destination.path), nothingOvercome),
    release(owner, staging, "remains"),
  ]
  const problems = yield* Effect.forEach(steps, (step) =>
    Effect.flatMap(Effect.exit(step), (exit) =>
      Exit.isSuccess(exit) ? Effect.succeed(exit.value) : problemOf(staging, exit.cause),
    ),
  )
  return problems.flat()
})

/** Not even a bug takes back what is published; what it was is for the log. */
const problemOf = (
  { destination: { path } }: Staging,
  cause: Cause.Cause<DiskError>,
): Effect.Effect<Overcome> =>
  Option.match(Cause.failureOption(cause), {
    onSome: (error) => Effect.succeed([error]),
    onNone: () =>
      Effect.as(Effect.logError("after a publication", cause), [
        new DiskError({ path, op: "publish", errno: "UNKNOWN" }),
      ]),
  })

export const publish = (
  publisher: Publisher,
  staging: Staging,
): Effect.Effect<PublishReport, DestinationExists | DiskError, Disk> =>
  flushTree(staging.tree).pipe(
    Effect.zipRight(
      Effect.uninterruptible(
        Effect.zipWith(moveIntoPlace(staging), finish(publisher, staging), (moving, finishing) => ({
          warnings: [...moving, ...finishing],
        })),
      ),
    ),
  )

/** The tree without its records: a directory that has them is whole. */
const stripRecords = ({ tree }: Staging) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* removeTree(joinPath(tree, metadataFolder))
    return yield* disk.list(tree)
  })

export const keep = (
  publisher: Publisher,
  staging: Staging,
): Effect.Effect<Option.Option<Kept>, DiskError, Disk> =>
  Effect.gen(function* () {
    const discarded = Effect.as(release(publisher.owner, staging, "tree"), Option.none<Kept>())
    const ours = confirm(staging).pipe(
      Effect.as(true),
      Effect.catchTag("DestinationExists", () => Effect.succeed(false)),
    )
    if (!(yield* ours)) return yield* discarded
    if ((yield* stripRecords(staging)).length === 0) return yield* discarded
    const { path } = staging.destination
    return yield* publish(publisher, staging).pipe(
      Effect.map(({ warnings }) => Option.some<Kept>({ path, warnings })),
      Effect.catchTag("DestinationExists", () => discarded),
    )
  })
