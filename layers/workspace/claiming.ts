import { Effect, Option } from "effect"
import { type Destination, joinPath } from "../../src/domain/Destination.ts"
import { DestinationExists, type DiskError } from "../../src/domain/Errors.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Staging } from "../../src/ports/Workspace.ts"
import { removeTree } from "../disk/trees.ts"
import { clearOccupant, takeAwayIfStill, Verdict } from "./clearing.ts"
import { moveOwn } from "./moves.ts"
import { encodeOwner, occupantOf } from "./OwnerRecord.ts"
import { persistently, release } from "./releasing.ts"
import { areaPaths, draftName, stagingFolder } from "./stagingLayout.ts"
import type { StagingOwner } from "./StagingOwner.ts"

/** Long enough for one who clears, short enough for a person to be told that somebody else was first. */
const patience = "100 millis"

/** How often a place that keeps changing hands is tried again. */
const retries = 4

/** What a rename onto something says. */
const taken = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"])

const isTaken = ({ errno }: DiskError): boolean => taken.has(errno)

const inHand = "is being created by another session"

/** Of a new claim on `area`, at first at `draft`. */
interface Place {
  readonly claim: string
  readonly destination: Destination
  readonly area: string
  readonly draft: string
}

const placeOf = (claim: string, destination: Destination): Place => {
  const folder = stagingFolder(destination.parent)
  return {
    claim,
    destination,
    area: joinPath(folder, destination.leaf),
    draft: joinPath(folder, draftName(claim)),
  }
}

const buildDraft = Effect.fnUntraced(function* (
  owner: StagingOwner,
  { claim, draft }: Place,
  sessionId: SessionId,
) {
  const disk = yield* Disk
  const paths = areaPaths(draft)
  const record = { host: owner.host, pid: process.pid, sessionId, owner: owner.id, claim }
  yield* disk.makeDirectory(draft)
  yield* disk.createFile(paths.owner, `${encodeOwner(record)}\n`)
  yield* disk.makeDirectory(paths.tree)
  yield* disk.makeDirectory(paths.copies)
})

/** Our own claims are known: one that isn't alive any more couldn't be removed when it ended. */
const clearDead = (owner: StagingOwner, area: string): Effect.Effect<Verdict, DiskError, Disk> =>
  Effect.gen(function* () {
    const seen = yield* occupantOf(area)
    if (seen._tag !== "Claimed" || seen.record.owner !== owner.id) {
      return yield* clearOccupant({ ...owner, patience }, area, seen)
    }
    return (yield* owner.isAlive(seen.record.claim))
      ? Verdict.Alive({ host: owner.host })
      : yield* owner.alone(takeAwayIfStill(area, owner.id, seen))
  })

const removeTrash = (trash: string): Effect.Effect<void, never, Disk> =>
  removeTree(trash).pipe(
    Effect.zipRight(Effect.logInfo("removed what a dead session left", { trash })),
    Effect.catchAll((error) => Effect.logWarning("a dead session's files could not be removed", error)),
  )

/** Makes room for a claim where something is, if it is a dead owner's; refuses the claim else. */
const makeRoom = (owner: StagingOwner, { area, destination: { path } }: Place) =>
  Effect.flatMap(
    clearDead(owner, area),
    Verdict.$match({
      Free: () => Effect.void,
      Cleared: ({ trash }) => removeTrash(trash),
      Alive: ({ host }) =>
        new DestinationExists({
          path,
          reason:
            host === owner.host
              ? inHand
              : `is claimed by a session on ${host}; if that is gone, delete ${area}`,
        }),
      Stranger: () =>
        new DestinationExists({ path, reason: `is blocked by ${area}, which this service didn't make` }),
    }),
  )

/** The rename is the claim: between any number of processes one succeeds. */
const takePlace = (
  owner: StagingOwner,
  place: Place,
  triesLeft: number,
): Effect.Effect<unknown, DestinationExists | DiskError, Disk> =>
  Effect.catchIf(moveOwn(place.draft, place.area), isTaken, () =>
    triesLeft === 0
      ? new DestinationExists({ path: place.destination.path, reason: inHand })
      : Effect.zipRight(makeRoom(owner, place), takePlace(owner, place, triesLeft - 1)),
  )

const giveUpDraft = (owner: StagingOwner, { claim, draft }: Place) =>
  Effect.flatMap(Effect.isSuccess(persistently(removeTree(draft))), (clean) => owner.end(claim, clean))

/** Whoever published before us has given up the place after that: only now the look is conclusive. */
const refuseIfThere = Effect.fnUntraced(function* ({ path }: Destination) {
  const disk = yield* Disk
  if (Option.isSome(yield* disk.lstat(path))) return yield* new DestinationExists({ path })
})

/** Takes a destination in an existing staging folder, or leaves everything as it was. Not to be interrupted. */
export const takeDestination = Effect.fnUntraced(function* (
  owner: StagingOwner,
  destination: Destination,
  sessionId: SessionId,
): Effect.fn.Return<Staging, DestinationExists | DiskError, Disk> {
  const place = placeOf(yield* owner.begin, destination)
  yield* buildDraft(owner, place, sessionId).pipe(
    Effect.zipRight(takePlace(owner, place, retries)),
    Effect.onError(() => giveUpDraft(owner, place)),
  )
  const { copies, tree } = areaPaths(place.area)
  const staging = { destination, root: place.area, tree, copies, claim: place.claim }
  yield* refuseIfThere(destination).pipe(
    Effect.onError(() => Effect.ignore(release(owner, staging, "remains"))),
  )
  return staging
})
