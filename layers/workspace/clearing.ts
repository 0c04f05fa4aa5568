import { Data, type Duration, Effect, Random, type Scope } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { takeAway } from "./moves.ts"
import { Occupant, occupantOf } from "./OwnerRecord.ts"
import { isFrom, ownerLock, type OwnerId, ownersFolder, unknownOwner } from "./stagingLayout.ts"

/** What was found at the place of a staging area, and done about it. */
export type Verdict = Data.TaggedEnum<{
  /** Nothing was there, or it has just gone. */
  Free: {}
  /** A dead owner's; it lies at `trash` now, to be removed. */
  Cleared: { readonly trash: string }
  /** Its owner lives, or may live: of another computer's nobody can tell. */
  Alive: { readonly host: string }
  Stranger: {}
}>
export const Verdict = Data.taggedEnum<Verdict>()

export interface Clearing {
  readonly localRoot: string
  readonly host: string
  /** How long to wait for an owner's lock: one who clears has it for a moment, the owner as long as it lives. */
  readonly patience: Duration.DurationInput
}

/** Runs `clear` only if the owner is dead, with its lock, so that one clears at a time; else gives `alive`. */
export const ifDead = <A, B, R>(
  { host, localRoot, patience }: Clearing,
  owner: OwnerId,
  clear: Effect.Effect<A, DiskError, R>,
  alive: B,
): Effect.Effect<A | B, DiskError, Disk | Exclude<R, Scope.Scope>> =>
  Effect.gen(function* () {
    if (!isFrom(host, owner)) return alive
    const disk = yield* Disk
    yield* disk.makeDirectories(ownersFolder(localRoot))
    yield* disk.lock(ownerLock(localRoot, owner), patience)
    return yield* clear
  }).pipe(
    Effect.scoped,
    Effect.catchTag("LockTimeout", () => Effect.succeed(alive)),
  )

const sameOccupant = (a: Occupant, b: Occupant): boolean =>
  a._tag === "Claimed" && b._tag === "Claimed" ? a.record.claim === b.record.claim : a._tag === b._tag

/**
 * Takes an area away on behalf of its dead owner. To be run by one at a time: it is looked at again, since
 * others may have cleared it meanwhile and claimed the place anew.
 */
export const takeAwayIfStill = (
  area: string,
  owner: OwnerId,
  seen: Occupant,
): Effect.Effect<Verdict, DiskError, Disk> =>
  Effect.gen(function* () {
    if (!sameOccupant(seen, yield* occupantOf(area))) return Verdict.Free()
    const token = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const { trash } = yield* takeAway(area, `${owner}-x${token.toString(36)}`)
    return Verdict.Cleared({ trash })
  })

/** Takes away what a dead owner left at the place of a staging area; whatever else is there stays. */
export const clearOccupant = (
  clearing: Clearing,
  area: string,
  seen: Occupant,
): Effect.Effect<Verdict, DiskError, Disk> => {
  const clear = (owner: OwnerId, host: string) =>
    ifDead(clearing, owner, takeAwayIfStill(area, owner, seen), Verdict.Alive({ host }))
  return Occupant.$match(seen, {
    Nothing: () => Effect.succeed(Verdict.Free()),
    Stranger: () => Effect.succeed(Verdict.Stranger()),
    Damaged: () => clear(unknownOwner, clearing.host),
    Claimed: ({ record }) => clear(record.owner, record.host),
  })
}
