import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { sourceFailure } from "./diskFailures.ts"
import { idIn, markerMissing, markerText } from "./marker.ts"
import { isIncoming, markerName, workshopOf } from "./places.ts"
import * as Files from "./rsync/Files.ts"
import { readBack } from "./rsync/readingBack.ts"
import * as Rsync from "./rsync/Rsync.ts"
import type { SshSettings } from "./rsync/ssh.ts"
import { checkTools } from "./RsyncSshTransport.ts"
import { withScratch } from "./tools/scratch.ts"
import type { Toolbox } from "./tools/Toolbox.ts"

/**
 * A target behind ssh, by an account that runs nothing but rsync. What a shell would do is done by transfers of
 * empty folders, and files are fetched to be hashed here, in a folder below `scratch`.
 */
export const make = (
  settings: SshSettings,
  root: string,
  toolbox: Toolbox,
  scratch: string,
): Effect.Effect<TargetTransport, never, Disk> =>
  Effect.map(Effect.context<Disk>(), (context) => {
    const rsync = Rsync.make(settings, toolbox)
    const files = Files.make(rsync, root, scratch)
    const there = (place: string): string => rsync.there(joinPath(root, place))
    const given = <A>(effect: Effect.Effect<A, SyncFailure, Disk>): Effect.Effect<A, SyncFailure> =>
      Effect.provide(effect, context)

    const readMarker = withScratch(scratch, (folder) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        yield* rsync.run([], there(markerName), `${folder}/`, { source: null, accepts: Files.isMissing })
        const path = joinPath(folder, markerName)
        if (Option.isNone(yield* Effect.mapError(disk.lstat(path), (error) => sourceFailure(error)))) {
          return Option.none<string>()
        }
        const bytes = yield* Effect.mapError(disk.readFile(path), (error) => sourceFailure(error))
        return Option.some(yield* idIn(Buffer.from(bytes).toString()))
      }),
    )
    const marked = Effect.filterOrFail(readMarker, Option.isSome, markerMissing)

    const exists = (place: string): Effect.Effect<boolean, SyncFailure> =>
      Effect.map(
        rsync.run(["--list-only"], there(place), "/", { source: null, accepts: Files.isMissing }),
        (output) => output.toString("latin1").trim() !== "",
      )

    return {
      publishesByRename: true,
      check: checkTools(toolbox).pipe(Effect.withSpan("RsyncOnlyTransport.check")),
      readMarker: given(readMarker).pipe(Effect.withSpan("RsyncOnlyTransport.readMarker")),
      writeMarker: Effect.fn("RsyncOnlyTransport.writeMarker")((id: string) =>
        given(
          withScratch(scratch, (folder) =>
            Effect.gen(function* () {
              const path = joinPath(folder, markerName)
              const text = yield* markerText(id)
              const disk = yield* Disk
              yield* Effect.mapError(disk.createFile(path, text), (error) => sourceFailure(error))
              yield* rsync.run(["--checksum"], path, rsync.there(`${root}/`), { source: folder })
            }),
          ),
        ),
      ),
      send: Effect.fn("RsyncOnlyTransport.send")(function* (parcel, report) {
        const workshop = workshopOf(parcel.to)
        const [partial, temporary] = [joinPath(workshop, "partial"), joinPath(workshop, "new")]
        yield* given(Effect.zipRight(marked, files.makeFolders([parcel.to, partial, temporary])))
        const at = (place: string): string => joinPath(root, place)
        yield* rsync.send(
          parcel,
          { to: at(parcel.to), partial: at(partial), temporary: at(temporary) },
          report,
        )
        // What is gathered is published, and its workshop goes then.
        if (!isIncoming(parcel.to)) yield* given(files.remove(workshop))
      }),
      digests: Effect.fn("RsyncOnlyTransport.digests")((place, paths) =>
        given(
          Effect.gen(function* () {
            if (paths.length === 0 || !(yield* exists(place))) return new Map<string, string>()
            return yield* readBack(rsync, scratch, joinPath(root, place), paths)
          }),
        ),
      ),
      exists: Effect.fn("RsyncOnlyTransport.exists")(exists),
      list: Effect.fn("RsyncOnlyTransport.list")(files.list),
      remove: Effect.fn("RsyncOnlyTransport.remove")((place, entries) =>
        given(
          Effect.gen(function* () {
            yield* marked
            const paths = entries.map(({ path }) => path)
            // rsync would make what is to lose something.
            if (yield* exists(place)) yield* files.removeFrom(place, paths)
          }),
        ),
      ),
      publish: Effect.fn("RsyncOnlyTransport.publish")((from, to) =>
        given(
          Effect.gen(function* () {
            yield* marked
            yield* files.remove(workshopOf(from))
            if (yield* exists(from)) yield* files.move(from, to)
          }),
        ),
      ),
      discard: Effect.fn("RsyncOnlyTransport.discard")((place: string) =>
        given(Effect.zipRight(marked, Effect.zipRight(files.remove(workshopOf(place)), files.remove(place)))),
      ),
    }
  })
