import { Effect, Option, Schema } from "effect"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { idIn, markerMissing, markerText } from "./marker.ts"
import { isIncoming, markerName, workshopOf } from "./places.ts"
import { makeListing } from "./rclone/listing.ts"
import { rcloneName } from "./rclone/names.ts"
import * as Rclone from "./rclone/Rclone.ts"
import { copyTo, fileList } from "./rclone/sending.ts"
import type { Toolbox } from "./tools/Toolbox.ts"

const Found = Schema.parseJson(Schema.NullOr(Schema.Struct({ IsDir: Schema.Boolean })))
const decodeFound = Schema.decodeUnknownOption(Found)

const line = /^([0-9a-f]{64}) {2}(.*)$/

/**
 * A target that one of rclone's remotes leads to. What is sent to a place that counts lies in a workshop below
 * `.exlab-incoming/` first: rclone may leave half a file under its own name when it is killed.
 */
export const make = (
  settings: Rclone.RcloneSettings,
  root: string,
  toolbox: Toolbox,
  scratch: string,
): Effect.Effect<TargetTransport, never, Disk> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Disk>()
    const rclone = yield* Rclone.make(settings, root, toolbox)

    const readMarker: TargetTransport["readMarker"] = Effect.flatMap(
      rclone.find(["cat", "--", rclone.there(markerName)]),
      Option.match({
        onNone: () => Effect.succeedNone,
        onSome: (text) => (text.length === 0 ? Effect.succeedNone : Effect.asSome(idIn(text.toString()))),
      }),
    )
    const marked = Effect.filterOrFail(readMarker, Option.isSome, markerMissing)

    const exists = (place: string): Effect.Effect<boolean, SyncFailure> =>
      Effect.gen(function* () {
        const said = yield* rclone.find(["lsjson", "--stat", "--no-mimetype", "--", rclone.there(place)])
        const found = Option.flatMap(said, (text) => decodeFound(text.toString()))
        if (Option.isNone(found) || found.value === null) return false
        if (!found.value.IsDir || !(yield* rclone.features).hasOnlyFiles) return true
        const inside = yield* rclone.find(["lsf", "--max-depth=1", "--", rclone.there(place)])
        return Option.exists(inside, (text) => text.length > 0)
      })

    // Not every remote says in the same way that there is nothing to remove.
    const remove = (place: string) =>
      Effect.whenEffect(rclone.run(["purge", "--", rclone.there(place)]), exists(place))

    const publish = (from: string, to: string): Effect.Effect<void, SyncFailure> =>
      Effect.gen(function* () {
        if (!(yield* exists(from))) return
        const options = ["--ignore-times", "--create-empty-src-dirs", "--delete-empty-src-dirs"]
        yield* rclone.run(["move", ...options, "--", rclone.there(from), rclone.there(to)])
        yield* remove(from)
      })

    const { list, removeEntries } = makeListing(rclone, remove)

    return {
      publishesByRename: false,
      check: Effect.asVoid(rclone.run(["version"])).pipe(Effect.withSpan("RcloneTransport.check")),
      readMarker: readMarker.pipe(Effect.withSpan("RcloneTransport.readMarker")),
      writeMarker: Effect.fn("RcloneTransport.writeMarker")(function* (id: string) {
        yield* rclone.run(["rcat", "--", rclone.there(markerName)], {
          stdin: Buffer.from(yield* markerText(id)),
        })
      }),
      send: Effect.fn("RcloneTransport.send")(function* (parcel, report) {
        yield* marked
        const place = isIncoming(parcel.to) ? parcel.to : workshopOf(parcel.to)
        // What an earlier transfer left there may not belong to this one.
        if (place !== parcel.to) yield* remove(place)
        yield* Effect.provide(copyTo(rclone, scratch, parcel, place, report), context)
        if (place !== parcel.to) yield* publish(place, parcel.to)
      }),
      digests: Effect.fn("RcloneTransport.digests")(function* (place, paths) {
        if (paths.length === 0) return new Map<string, string>()
        const stdin = yield* fileList(paths)
        const ours = new Map(paths.map((path) => [rcloneName(path), path] as const))
        // Digests that don't take long aren't made of the files: they are remembered from when those were sent.
        const { hashes, hashesSlowly } = yield* rclone.features
        const how = hashesSlowly && hashes.includes("sha256") ? [] : ["--download"]
        // Some remotes say that a folder isn't there, and answer for the files that are.
        const output = yield* rclone.run(
          ["hashsum", "sha256", ...how, "--files-from-raw=-", "--", rclone.there(place)],
          { stdin, accepts: [3] },
        )
        return new Map(
          output
            .toString()
            .split("\n")
            .flatMap((one) => {
              const [, digest, name] = line.exec(one) ?? []
              const path = name === undefined ? undefined : ours.get(name)
              return digest === undefined || path === undefined ? [] : [[path, digest] as const]
            }),
        )
      }),
      exists: Effect.fn("RcloneTransport.exists")(exists),
      list: Effect.fn("RcloneTransport.list")(list),
      remove: Effect.fn("RcloneTransport.remove")((place, entries) =>
        Effect.zipRight(marked, removeEntries(place, entries)),
      ),
      publish: Effect.fn("RcloneTransport.publish")((from, to) => Effect.zipRight(marked, publish(from, to))),
      discard: Effect.fn("RcloneTransport.discard")((place: string) =>
        Effect.zipRight(marked, Effect.zipRight(remove(workshopOf(place)), remove(place))),
      ),
    }
  })
