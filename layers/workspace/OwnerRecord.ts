import { Data, Effect, Option, Schema } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { wireStruct } from "../../src/domain/wire.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { areaPaths, isOwnerId } from "./stagingLayout.ts"

/** `owner.json`: who has claimed a staging area. Whether that one lives is told by a lock, not by the process id. */
export const OwnerRecord = wireStruct({
  host: Schema.String,
  /** For people who look for the process. */
  pid: Schema.Int,
  sessionId: Schema.String,
  owner: Schema.String.pipe(Schema.filter(isOwnerId)),
  claim: Schema.String,
})
export type OwnerRecord = typeof OwnerRecord.Type

const OwnerJson = Schema.parseJson(OwnerRecord)

export const encodeOwner = Schema.encodeSync(OwnerJson)

const decode = Schema.decodeUnknownOption(OwnerJson)

/** What stands at the place of a staging area. */
export type Occupant = Data.TaggedEnum<{
  Nothing: {}
  /** Not made by this service. */
  Stranger: {}
  /** An area whose record can't be read: a power failure can do that, no running service does. */
  Damaged: {}
  Claimed: { readonly record: OwnerRecord }
}>
export const Occupant = Data.taggedEnum<Occupant>()

const maxBytes = 16_384

const readRecord = Effect.fnUntraced(function* (area: string): Effect.fn.Return<Occupant, DiskError, Disk> {
  const disk = yield* Disk
  const bytes = yield* disk.readFile(areaPaths(area).owner, { maxBytes })
  return Option.match(decode(new TextDecoder().decode(bytes)), {
    onNone: Occupant.Damaged,
    onSome: (record) => Occupant.Claimed({ record }),
  })
})

/** What can't be read as a file was never written as a record. */
const strange = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "EINVAL"])

/**
 * Areas come and go whole, by a rename: one without a record is a stranger's, unless it went while it was
 * looked at. Nothing is also what an empty directory counts as: a rename replaces it.
 */
export const occupantOf = Effect.fnUntraced(function* (
  area: string,
): Effect.fn.Return<Occupant, DiskError, Disk> {
  const disk = yield* Disk
  const before = yield* disk.lstat(area)
  if (Option.isNone(before)) return Occupant.Nothing()
  if (before.value.type !== "directory") return Occupant.Stranger()
  const occupant = yield* Effect.either(readRecord(area))
  if (occupant._tag === "Right") return occupant.right
  const { errno } = occupant.left
  if (errno === "EFBIG") return Occupant.Damaged()
  if (!strange.has(errno)) return yield* occupant.left
  const after = yield* disk.lstat(area)
  const same = Option.exists(after, ({ identity }) => identity === before.value.identity)
  return same && (yield* disk.list(area)).length > 0 ? Occupant.Stranger() : Occupant.Nothing()
})
