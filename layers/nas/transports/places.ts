import { createHash } from "node:crypto"
import { Effect } from "effect"
import { SyncFailure, type SyncFailureClass } from "../../../src/domain/SyncFailure.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"

/** What a target knows itself by. */
export const markerName = ".exlab-target.json"

/** Where things lie until they were checked. */
const incoming = ".exlab-incoming"

/** Where the half files of a transfer to a place lie: apart, so that they can't be taken for the place's own. */
export const workshopOf = (place: string): string =>
  `${incoming}/.sending-${createHash("sha256").update(place).digest("hex").slice(0, 16)}`

const maxFiles = 100

/** A failure of a class; of the files that it was about, the first 100. */
export const failure = (
  failureClass: SyncFailureClass,
  reason: string,
  files: ReadonlyArray<string> = [],
): SyncFailure => new SyncFailure({ class: failureClass, reason, files: files.slice(0, maxFiles) })

/** Whether a path leads from a root to something below it, and nowhere else. */
const isBelow = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((segment) => !["", ".", ".."].includes(segment))

export const isIncoming = (place: string): boolean => place.startsWith(`${incoming}/`)

const demand = (paths: ReadonlyArray<string>): Effect.Effect<void, SyncFailure> => {
  const wrong = paths.find((path) => !isBelow(path))
  return wrong === undefined
    ? Effect.void
    : failure("permanent", `${JSON.stringify(wrong)} is no path below the target's root`)
}

const demandIncoming = (place: string): Effect.Effect<void, SyncFailure> =>
  isIncoming(place)
    ? demand([place])
    : failure("permanent", `${JSON.stringify(place)} isn't below ${incoming}: nothing is removed there`)

/** The same transport, which refuses every path that would lead out of the target's root or of a parcel's source. */
export const guarded = (transport: TargetTransport): TargetTransport => ({
  ...transport,
  list: (place, except) => Effect.zipRight(demand([place, ...except]), transport.list(place, except)),
  remove: (place, entries) =>
    Effect.zipRight(
      Effect.zipRight(demandIncoming(place), demand(entries.map(({ path }) => path))),
      entries.length === 0 ? Effect.void : transport.remove(place, entries),
    ),
  send: (parcel, report) => {
    const paths = [parcel.to, ...parcel.directories, ...parcel.files.map(({ path }) => path)]
    return Effect.zipRight(demand(paths), transport.send(parcel, report))
  },
  digests: (place, paths) => Effect.zipRight(demand([place, ...paths]), transport.digests(place, paths)),
  exists: (place) => Effect.zipRight(demand([place]), transport.exists(place)),
  publish: (from, to) => Effect.zipRight(demand([from, to]), transport.publish(from, to)),
  discard: (place) => Effect.zipRight(demandIncoming(place), transport.discard(place)),
})
