import { Effect, Either, Option, Schema } from "effect"
import { joinPath, metadataFolder } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Completeness } from "../../../src/domain/SyncSettings.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import type { LocalTree } from "./localTree.ts"

/** Whether the data of a run are there, or what is waited for. */
export type Arrival = { readonly complete: true } | { readonly complete: false; readonly waitingFor: string }

const arrived: Arrival = { complete: true }
const waitingFor = (what: string): Arrival => ({ complete: false, waitingFor: what })

const Manifest = Schema.parseJson(
  Schema.Array(Schema.Struct({ path: Schema.String, size: Schema.NonNegativeInt })),
)
const decodeManifest = Schema.decodeUnknownEither(Manifest)

const maxManifestBytes = 64 * 1024 * 1024

/** Compares what a manifest lists with what is there. */
const manifestArrival = (text: string, tree: LocalTree, name: string): Arrival =>
  Either.match(decodeManifest(text), {
    onLeft: () => waitingFor(`${name} to be a JSON list of {"path", "size"}`),
    onRight: (listed) => {
      const sizes = new Map(tree.files.map(({ path, size }) => [path, size]))
      const open = listed.filter(({ path, size }) => sizes.get(path) !== size)
      const [first] = open
      return first === undefined
        ? arrived
        : waitingFor(`${open.length} of ${listed.length} files of ${name}, such as ${first.path}`)
    },
  })

const manifest = (root: string, name: string, tree: LocalTree): Effect.Effect<Arrival, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.readFile(joinPath(root, name), { maxBytes: maxManifestBytes })).pipe(
    Effect.map((bytes) => manifestArrival(new TextDecoder().decode(bytes), tree, name)),
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeed(waitingFor(`the manifest ${name}`)),
    ),
  )

const isData = ({ path }: { readonly path: string }): boolean => !path.startsWith(`${metadataFolder}/`)

/** A change that is later than now was made before the clock was set back: then what was seen counts. */
const quiet = (
  root: string,
  minutes: number,
  tree: LocalTree,
  restedMillis: number,
): Effect.Effect<Arrival, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const folders = tree.directories.filter((path) => path !== metadataFolder)
    const infos = yield* Effect.forEach(["", ...folders], (path) =>
      disk.lstat(path === "" ? root : joinPath(root, path)),
    )
    const times = [
      ...infos.flatMap((info) => (Option.isSome(info) ? [info.value.changedMillis] : [])),
      ...tree.files.filter(isData).map(({ changedMillis }) => changedMillis),
    ]
    const last = times.reduce((a, b) => Math.max(a, b), 0)
    const { earliest } = yield* twoClocks
    const left = minutes * 60_000 - (last > earliest ? restedMillis : earliest - last)
    return left <= 0 ? arrived : waitingFor(`${Math.ceil(left / 1000)} more seconds without a change`)
  })

/**
 * Asks for the signal of an equipment; `restedMillis`: for so long a change would have been seen. What it says may be
 * too early: see `isSameTree`.
 */
export const arrivalOf = Effect.fn("Sync.arrival")(function* (
  root: string,
  completeness: Completeness,
  tree: LocalTree,
  restedMillis: number,
) {
  switch (completeness.type) {
    case "quiet":
      return yield* quiet(root, completeness.minutes, tree, restedMillis)
    case "manifest":
      return yield* manifest(root, completeness.name, tree)
    case "sentinel_file":
      return tree.files.some(({ path }) => path === completeness.name)
        ? arrived
        : waitingFor(`the file ${completeness.name}`)
  }
})
