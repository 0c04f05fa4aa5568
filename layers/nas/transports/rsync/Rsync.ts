import { Duration, Effect } from "effect"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { Parcel, ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { encodePath } from "../../../disk/nativePath.ts"
import { collecting, type Toolbox, type Use } from "../tools/Toolbox.ts"
import { failure } from "../places.ts"
import type { Outcome } from "../tools/words.ts"
import { rsyncFailure } from "./failures.ts"
import { makeProgress } from "./progressOutput.ts"
import { remoteShellOption, rsyncHost, sshOptions, type SshSettings } from "./ssh.ts"

/** rsync between this computer and one host. */
export interface Rsync {
  /** Runs it with these options, to exit code 0 or an accepted end; `source` is the folder that is sent, null when something is fetched. */
  readonly run: (
    options: ReadonlyArray<string>,
    from: string,
    to: string,
    use: Use & { readonly source: string | null; readonly accepts?: (outcome: Outcome) => boolean },
  ) => Effect.Effect<Buffer, SyncFailure>
  /** A path on the host, for `run`. */
  readonly there: (path: string) => string
  /** Sends a parcel into a folder that exists; half files lie in these folders, which exist, too. */
  readonly send: (
    parcel: Parcel,
    place: { readonly to: string; readonly partial: string; readonly temporary: string },
    report: (progress: ParcelProgress) => Effect.Effect<void>,
  ) => Effect.Effect<void, SyncFailure>
}

/** A list for `--from0 --files-from`; a name that begins with `#` would be a comment. */
export const fileList = (paths: ReadonlyArray<string>): Effect.Effect<Uint8Array, SyncFailure> =>
  Effect.suspend(() => {
    const parts: Array<Buffer> = []
    for (const path of paths) {
      const encoded = encodePath(path)
      if ("errno" in encoded) return failure("permanent", `${JSON.stringify(path)} can't be a path`, [path])
      parts.push(Buffer.from("./"), Buffer.from(encoded.native), Buffer.of(0))
    }
    return Effect.succeed(Buffer.concat(parts))
  })

/** Names and arguments reach the other side by the protocol, byte for byte: no shell there sees them. */
const always = ["--protect-args", "--no-human-readable", "--outbuf=N"]

/** What is copied: content, times and permissions of files. Whoever owns the copy can read it, and write in its folders. */
const copying = [
  "--archive",
  "--no-links",
  "--no-devices",
  "--no-specials",
  "--no-owner",
  "--no-group",
  "--omit-dir-times",
  "--chmod=Du+rwx,Fu+r",
  "--checksum",
  "--partial",
  "--sparse",
]

/** KiB a second; none below 1. */
const limit = (bytesPerSecond: number | null): ReadonlyArray<string> =>
  bytesPerSecond === null ? [] : [`--bwlimit=${Math.max(1, Math.floor(bytesPerSecond / 1024))}`]

export const make = (settings: SshSettings, toolbox: Toolbox): Rsync => {
  const seconds = Math.max(1, Math.ceil(Duration.toSeconds(toolbox.silence)))
  const run: Rsync["run"] = (options, from, to, { accepts, source, ...use }) =>
    Effect.gen(function* () {
      const shell = [...(yield* toolbox.words("ssh")), ...sshOptions(settings)]
      const words = [...always, `--timeout=${seconds}`, remoteShellOption(shell), ...options, "--", from, to]
      const [output, outcome] = yield* collecting((onOutput) =>
        // It compares long without a word; the other side sends signs of life meanwhile.
        toolbox.run("rsync", words, { busyIsAlive: true, onOutput, ...use }),
      )
      const isWell = outcome.end._tag === "Exited" && outcome.end.code === 0
      return isWell || accepts?.(outcome) === true ? output : yield* rsyncFailure(outcome, source)
    })
  const there: Rsync["there"] = (path) => `${rsyncHost(settings.host)}:${path}`
  return {
    run,
    there,
    send: (parcel, { partial, temporary, to }, report) =>
      Effect.gen(function* () {
        const { bytesPerSecond, directories, files, source } = parcel
        const stdin = yield* fileList([...directories, ...files.map(({ path }) => path)])
        const { finished, onOutput } = makeProgress(parcel, report)
        const options = [
          ...copying,
          `--partial-dir=${partial}`,
          `--temp-dir=${temporary}`,
          ...limit(bytesPerSecond),
          "--info=progress2",
          "--out-format=%n",
          "--from0",
          "--files-from=-",
        ]
        yield* run(options, `${source}/`, there(`${to}/`), { source, stdin, onOutput })
        yield* finished
      }),
  }
}
