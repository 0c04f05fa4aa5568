import { Array, Duration, Effect, Layer, Option } from "effect"
import { joinPath, parentPath, withoutSlashesAtEnd } from "../../../../src/domain/Destination.ts"
import { type DiskError, SettingsInvalid } from "../../../../src/domain/Errors.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import * as PatientDisk from "./PatientDisk.ts"

/** Nothing is there, nor can be as things are: what matters is where it would be. */
const absent = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"])

/** Where a folder is, or will be, whatever links lead there. */
const realPlace = (path: string): Effect.Effect<string, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.realPath(path)).pipe(
    Effect.catchIf(
      ({ errno }) => absent.has(errno) && path !== "/",
      () =>
        Effect.map(realPlace(parentPath(path)), (parent) =>
          joinPath(parent, path.slice(parentPath(path) === "/" ? 1 : parentPath(path).length + 1)),
        ),
    ),
  )

/** One folder may be mounted at two places. */
const identityOf = (path: string) =>
  Effect.flatMap(Disk, (disk) => disk.lstat(path)).pipe(
    Effect.map(Option.map(({ identity }) => identity)),
    Effect.catchIf(
      ({ errno }) => absent.has(errno),
      () => Effect.succeedNone,
    ),
  )

const isIn = (outer: string, inner: string): boolean => `${inner}/`.startsWith(joinPath(outer, ""))

/** How a mounted target and the local root lie in each other, for people; null when they are apart. */
export const overlapOf = (
  nasRoot: string,
  localRoot: string,
): Effect.Effect<string | null, DiskError, Disk> =>
  Effect.gen(function* () {
    const [nas, local] = yield* Effect.all([
      realPlace(withoutSlashesAtEnd(nasRoot) || "/"),
      realPlace(withoutSlashesAtEnd(localRoot) || "/"),
    ])
    const [nasId, localId] = yield* Effect.all([identityOf(nas), identityOf(local)])
    const isOne = Option.isSome(nasId) && Option.contains(localId, nasId.value)
    if (!isOne && !isIn(nas, local) && !isIn(local, nas)) return null
    const named = (path: string, real: string): string => (path === real ? path : `${path} (really ${real})`)
    return `its nas_root ${named(nasRoot, nas)} and the local root ${named(localRoot, local)} are one folder, or one lies in the other: a copy needs a place of its own`
  })

/**
 * A share that doesn't answer doesn't keep the service from starting: each job looks again. Nothing more is asked at
 * the start then, since other equipments may be on it, and each would keep a thread.
 */
const patience = Duration.seconds(5)

/** Refuses to start with a mounted target in the local root, or the other way round. */
export const layerApart: Layer.Layer<never, SettingsInvalid, Disk | Settings> = Layer.effectDiscard(
  Effect.gen(function* () {
    const { equipment, paths, sync } = yield* Settings
    if (!sync.enabled) return
    const disk = PatientDisk.make(yield* Disk, "/", patience)
    const found = yield* Effect.forEach(equipment, ({ id, nasRoot, transport }) =>
      transport?.type === "mounted"
        ? overlapOf(nasRoot, paths.localRoot).pipe(
            Effect.provideService(Disk, disk),
            Effect.orElseSucceed(() => null),
            Effect.map((problem) => (problem === null ? [] : [`equipment ${id}: ${problem}`])),
          )
        : Effect.succeed([]),
    )
    const problems = found.flat()
    if (Array.isNonEmptyReadonlyArray(problems)) return yield* new SettingsInvalid({ problems })
  }),
)
