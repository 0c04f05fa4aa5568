import { Duration, Effect, type Option, Schema } from "effect"
import { joinPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { TransportSettings } from "../../../../src/domain/SyncSettings.ts"
import type { ToolReport } from "../../../process/ToolProcess.ts"
import { recent } from "../../../sharing/recent.ts"
import { failure } from "../places.ts"
import { collecting, type Toolbox, type Use } from "../tools/Toolbox.ts"
import { rcloneFailure } from "./failures.ts"

export type RcloneSettings = Extract<TransportSettings, { readonly type: "rclone" }>

/** What a remote can do, as far as it matters here. */
const Features = Schema.parseJson(
  Schema.Struct({
    Hashes: Schema.NullOr(Schema.Array(Schema.String)),
    Features: Schema.Struct({
      BucketBased: Schema.optional(Schema.Boolean),
      SlowHash: Schema.optional(Schema.Boolean),
    }),
  }),
)

/** rclone and one of its remotes. */
export interface Rclone {
  /** A place on the remote, for `run`. */
  readonly there: (place: string) => string
  /**
   * What it printed; fails for every exit code but 0, 9, which says that there was nothing to do, and those
   * that are accepted.
   */
  readonly run: (
    args: ReadonlyArray<string>,
    use?: Use & { readonly accepts?: ReadonlyArray<number> },
  ) => Effect.Effect<Buffer, SyncFailure>
  /** The same; none when what it was asked about isn't there. */
  readonly find: (args: ReadonlyArray<string>) => Effect.Effect<Option.Option<Buffer>, SyncFailure>
  readonly features: Effect.Effect<RemoteFeatures, SyncFailure>
}

export interface RemoteFeatures {
  /** The digests that the remote knows of its files. */
  readonly hashes: ReadonlyArray<string>
  /** It reads a whole file, by a command for each, to tell its digest. */
  readonly hashesSlowly: boolean
  /** Folders there are only parts of names. */
  readonly hasOnlyFiles: boolean
}

const notThere = (code: number): boolean => code === 3 || code === 4

/** One try: whoever calls tries again, and knows how often. */
const optionsFor = ({ configFile }: RcloneSettings, silence: Duration.Duration): ReadonlyArray<string> => [
  ...(configFile === null ? [] : [`--config=${configFile}`]),
  "--ask-password=false",
  "--use-json-log",
  "--log-level=INFO",
  "--stats=1s",
  "--stats-log-level=INFO",
  "--retries=1",
  // Requests that were in each other's way, as where a server locks folders, are made again at once.
  "--low-level-retries=6",
  "--contimeout=20s",
  `--timeout=${Math.max(1, Math.ceil(Duration.toSeconds(silence)))}s`,
  // Two names that look the same are two files.
  "--no-unicode-normalization",
  "--skip-links",
]

/** What a remote can do is believed for so long: to ask takes as long as to list a folder. */
const believed = "1 minute"

export const make = (settings: RcloneSettings, root: string, toolbox: Toolbox): Effect.Effect<Rclone> =>
  Effect.gen(function* () {
    const always = optionsFor(settings, toolbox.silence)
    const there: Rclone["there"] = (place) =>
      `${settings.remote}:${root === "" ? place : joinPath(root, place)}`
    const report = (args: ReadonlyArray<string>, use: Use = {}) =>
      collecting((onOutput) => toolbox.run("rclone", [...always, ...args], { onOutput, ...use }))
    const codeOf = ({ end }: ToolReport): number => (end._tag === "Exited" ? end.code : -1)
    const run: Rclone["run"] = (args, use) =>
      Effect.flatMap(report(args, use), ([output, outcome]) =>
        [0, 9, ...(use?.accepts ?? [])].includes(codeOf(outcome))
          ? Effect.succeed(output)
          : rcloneFailure(outcome),
      )
    const features = run(["backend", "features", there("")]).pipe(
      Effect.flatMap((output) =>
        Effect.mapError(Schema.decodeUnknown(Features)(output.toString()), () =>
          failure("permanent", "rclone doesn't say what the remote can do: it is older than 1.60"),
        ),
      ),
      Effect.map(({ Features: { BucketBased, SlowHash }, Hashes }): RemoteFeatures => ({
        hashes: Hashes ?? [],
        hashesSlowly: SlowHash === true,
        hasOnlyFiles: BucketBased === true,
      })),
    )
    return {
      there,
      run,
      find: (args) =>
        Effect.flatMap(
          report(args),
          ([output, outcome]): Effect.Effect<Option.Option<Buffer>, SyncFailure> => {
            if (codeOf(outcome) === 0) return Effect.succeedSome(output)
            return notThere(codeOf(outcome)) ? Effect.succeedNone : rcloneFailure(outcome)
          },
        ),
      features: yield* recent(believed, features),
    } satisfies Rclone
  })
