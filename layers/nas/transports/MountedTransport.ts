import { Context, type Duration, Effect, Option } from "effect"
import { joinPath, parentPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { replaceFile } from "../../disk/atomic.ts"
import { together } from "../../disk/together.ts"
import { removeTree } from "../../disk/trees.ts"
import { targetFailure } from "./diskFailures.ts"
import { idIn, markerMissing, markerText, maxMarkerBytes } from "./marker.ts"
import { list, removeEntries } from "./mounted/listing.ts"
import { isReached, noLinkTo } from "./mounted/links.ts"
import * as PatientDisk from "./mounted/PatientDisk.ts"
import { publish } from "./mounted/publishing.ts"
import { send } from "./mounted/sending.ts"
import { failure, markerName, workshopOf } from "./places.ts"

const noFile = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EINVAL", "ELOOP"])

const readMarker = (root: string): Effect.Effect<Option.Option<string>, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const bytes = yield* disk.readFile(joinPath(root, markerName), { maxBytes: maxMarkerBytes }).pipe(
      Effect.asSome,
      Effect.catchIf(
        ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
        () => Effect.succeedNone,
      ),
      Effect.mapError((error) => targetFailure(error)),
    )
    return Option.isSome(bytes)
      ? Option.some(yield* idIn(Buffer.from(bytes.value).toString()))
      : Option.none()
  })

const writeMarker = (root: string, id: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    yield* (yield* Disk).makeDirectories(root)
    yield* replaceFile(joinPath(root, markerName), yield* markerText(id))
  })

/** Nothing is changed where the marker is missing. */
const marked = (root: string): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.flatMap(Effect.mapError(disk.lstat(joinPath(root, markerName)), targetFailure), (info) =>
      Option.isSome(info) ? Effect.void : markerMissing(),
    ),
  )

/** A folder there that is a link may lead back to the files here: it is refused, as when something is sent. */
const digests = (root: string, place: string, paths: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const folder = joinPath(root, place)
    const parents = [...new Set(paths.map((path) => parentPath(joinPath(place, path))))]
    yield* together(parents, (parent) => isReached(root, parent))
    const found = yield* together(paths, (path) =>
      disk.hashFile(joinPath(folder, path), { fromStorage: true }).pipe(
        Effect.map((digest) => [[path, digest] as const]),
        Effect.catchIf(
          ({ errno }) => noFile.has(errno),
          () => Effect.succeed([]),
        ),
        Effect.mapError((error) =>
          // One bad sector is no reason to leave all others alone.
          error.errno === "EIO" ? failure("transient", error.message, [path]) : targetFailure(error, path),
        ),
      ),
    )
    return new Map(found.flat())
  })

/**
 * A target that this computer's file system leads to: a mounted share, or any folder. Half files lie in a
 * workshop below `.exlab-incoming/` and get their names when they are on stable storage. A file system that
 * doesn't answer for so long is away.
 */
export const make = (root: string, silence: Duration.Duration): Effect.Effect<TargetTransport, never, Disk> =>
  Effect.map(Disk, (disk) => {
    const patientDisk = Context.make(Disk, PatientDisk.make(disk, root, silence))
    const at = (place: string): string => joinPath(root, place)
    const removeAll = (place: string) =>
      Effect.zipRight(
        noLinkTo(root, place),
        Effect.mapError(removeTree(at(place)), (error) => targetFailure(error)),
      )
    const onMarked = <A>(change: Effect.Effect<A, SyncFailure, Disk>): Effect.Effect<A, SyncFailure> =>
      Effect.provide(Effect.zipRight(marked(root), change), patientDisk)
    return {
      publishesByRename: true,
      check: Effect.void,
      readMarker: Effect.provide(readMarker(root), patientDisk).pipe(
        Effect.withSpan("MountedTransport.readMarker"),
      ),
      writeMarker: Effect.fn("MountedTransport.writeMarker")((id: string) =>
        writeMarker(root, id).pipe(
          Effect.mapError((error) => targetFailure(error)),
          Effect.provide(patientDisk),
        ),
      ),
      send: Effect.fn("MountedTransport.send")((parcel, report) => onMarked(send(root, parcel, report))),
      digests: Effect.fn("MountedTransport.digests")((place, paths) =>
        Effect.provide(digests(root, place, paths), patientDisk),
      ),
      exists: Effect.fn("MountedTransport.exists")((place: string) =>
        Effect.flatMap(Disk, (disk) => disk.lstat(at(place))).pipe(
          Effect.mapBoth({ onFailure: (error) => targetFailure(error), onSuccess: Option.isSome }),
          Effect.provide(patientDisk),
        ),
      ),
      list: Effect.fn("MountedTransport.list")((place, except) =>
        Effect.provide(list(root, place, except), patientDisk),
      ),
      remove: Effect.fn("MountedTransport.remove")((place, entries) =>
        onMarked(removeEntries(root, place, entries)),
      ),
      publish: Effect.fn("MountedTransport.publish")((from, to) =>
        onMarked(Effect.zipRight(removeAll(workshopOf(from)), publish(root, from, to))),
      ),
      discard: Effect.fn("MountedTransport.discard")((place: string) =>
        onMarked(Effect.zipRight(removeAll(workshopOf(place)), removeAll(place))),
      ),
    }
  })
