import { Array, Duration, Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { idIn, markerText } from "./marker.ts"
import { isIncoming, workshopOf } from "./places.ts"
import { digestsByName, digestsInOrderOf, isOdd } from "./rsync/digestLines.ts"
import { entriesIn, inPattern } from "./rsync/foundEntries.ts"
import * as RemoteShell from "./rsync/RemoteShell.ts"
import * as Rsync from "./rsync/Rsync.ts"
import * as scripts from "./rsync/scripts.ts"
import type { SshSettings } from "./rsync/ssh.ts"
import type { Toolbox } from "./tools/Toolbox.ts"

/** Both tools say their versions. */
export const checkTools = (toolbox: Toolbox): Effect.Effect<void, SyncFailure> =>
  Effect.zipRight(toolbox.run("rsync", ["--version"]), Effect.asVoid(toolbox.run("ssh", ["-V"])))

/** A target behind ssh, by an account with a shell: rsync moves the files, scripts do the rest. */
export const make = (settings: SshSettings, root: string, toolbox: Toolbox): TargetTransport => {
  const shell = RemoteShell.make(settings, toolbox)
  const rsync = Rsync.make(settings, toolbox)
  const beat = String(Math.max(1, Math.floor(Duration.toSeconds(toolbox.silence) / 4)))

  const digestsOf = (script: string, place: string, paths: ReadonlyArray<string>) =>
    paths.length === 0
      ? Effect.succeed(Buffer.alloc(0))
      : Effect.flatMap(Rsync.fileList(paths), (list) => shell.run(script, [root, beat, place], list))

  return {
    publishesByRename: true,
    check: checkTools(toolbox).pipe(Effect.withSpan("RsyncSshTransport.check")),
    readMarker: shell.run(scripts.readMarker, [root]).pipe(
      Effect.flatMap((text) =>
        text.length === 0 ? Effect.succeedNone : Effect.asSome(idIn(text.toString())),
      ),
      Effect.withSpan("RsyncSshTransport.readMarker"),
    ),
    writeMarker: Effect.fn("RsyncSshTransport.writeMarker")(function* (id: string) {
      yield* shell.run(scripts.writeMarker, [root], Buffer.from(yield* markerText(id)))
    }),
    send: Effect.fn("RsyncSshTransport.send")(function* (parcel, report) {
      const workshop = workshopOf(parcel.to)
      yield* shell.run(scripts.prepare, [root, parcel.to, workshop])
      const place = {
        to: joinPath(root, parcel.to),
        partial: joinPath(root, workshop, "partial"),
        temporary: joinPath(root, workshop, "new"),
      }
      yield* rsync.send(parcel, place, report)
      // What is gathered is published, and its workshop goes then.
      if (!isIncoming(parcel.to)) yield* shell.run(scripts.discard, [root, beat, workshop])
    }),
    digests: Effect.fn("RsyncSshTransport.digests")(function* (place, paths) {
      const [plain, odd] = Array.partition(paths, isOdd)
      const named = yield* digestsOf(scripts.digests, place, plain)
      const ordered = yield* digestsOf(scripts.digestsInOrder, place, odd)
      return new Map([...digestsByName(named), ...digestsInOrderOf(odd, ordered)])
    }),
    exists: Effect.fn("RsyncSshTransport.exists")((place: string) =>
      Effect.map(shell.run(scripts.exists, [root, place]), (answer) => answer.toString() === "y"),
    ),
    list: Effect.fn("RsyncSshTransport.list")((place: string, except: ReadonlyArray<string>) =>
      Effect.map(shell.run(scripts.list, [root, beat, place, ...except.map(inPattern)]), entriesIn),
    ),
    remove: Effect.fn("RsyncSshTransport.remove")(function* (place, entries) {
      const list = yield* Rsync.fileList(entries.map(({ path }) => path))
      yield* shell.run(scripts.remove, [root, beat, place], list)
    }),
    publish: Effect.fn("RsyncSshTransport.publish")((from, to) =>
      Effect.asVoid(shell.run(scripts.publish, [root, beat, from, to, workshopOf(from)])),
    ),
    discard: Effect.fn("RsyncSshTransport.discard")((place: string) =>
      Effect.asVoid(shell.run(scripts.discard, [root, beat, place, workshopOf(place)])),
    ),
  }
}
