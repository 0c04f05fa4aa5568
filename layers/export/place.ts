import { Effect, Option } from "effect"
import { joinPath, leafName, metadataFolder, parentPath } from "../../src/domain/Destination.ts"
import { DestinationExists, type DiskError } from "../../src/domain/Errors.ts"
import { ExportRefused } from "../../src/domain/Export.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"

/** Where an export goes, by its real folder: what becomes of links on the way there later doesn't matter. */
export interface Place {
  readonly folder: string
  readonly leaf: string
  /** `folder/leaf` */
  readonly path: string
}

const isBelow = (root: string, path: string): boolean => path === root || path.startsWith(joinPath(root, ""))

/** Where directories of this service and their copies lie. One that isn't there holds nothing. */
const managedRoots = Effect.gen(function* () {
  const disk = yield* Disk
  const { equipment, paths } = yield* Settings
  const copies = equipment.flatMap(({ nasRoot, transport }) =>
    transport?.type === "mounted" ? [nasRoot] : [],
  )
  return yield* Effect.forEach([paths.localRoot, ...copies], (root) =>
    Effect.orElseSucceed(disk.realPath(root), () => root),
  )
})

/** The folders from the root down to this one, this one first. */
const upwards = (folder: string): ReadonlyArray<string> =>
  folder === "/" ? ["/"] : [folder, ...upwards(parentPath(folder))]

/** The nearest folder around that describes itself, wherever links may have led it. */
const describedAround = (folder: string): Effect.Effect<Option.Option<string>, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.findFirst(upwards(folder), (path) =>
      Effect.map(disk.lstat(joinPath(path, metadataFolder)), Option.isSome),
    ),
  )

/** Checks that an export may go there. Nothing is written. */
export const placeFor = Effect.fnUntraced(function* (to: string) {
  const disk = yield* Disk
  const refused = (reason: string) => new ExportRefused({ path: to, reason })
  const leaf = leafName(to)
  if (!to.startsWith("/") || leaf === "" || leaf === "." || leaf === "..") {
    return yield* refused("can't be the name of an export: name a folder or a zip that isn't there yet")
  }
  const orTooLong = Effect.mapError((error: DiskError) =>
    error.errno === "ENAMETOOLONG" ? refused("is too long, or a name in it is: choose a shorter one") : error,
  )
  const folder = yield* orTooLong(disk.realPath(parentPath(to)))
  const path = joinPath(folder, leaf)
  const roots = yield* managedRoots
  const elsewhere = "an export would become part of it: choose another place"
  const root = roots.find((one) => isBelow(one, path))
  if (root !== undefined)
    return yield* refused(`lies in ${root}, where directories are managed; ${elsewhere}`)
  const described = yield* describedAround(folder)
  if (Option.isSome(described)) {
    return yield* refused(`lies in ${described.value}, which is managed; ${elsewhere}`)
  }
  if (Option.isSome(yield* orTooLong(disk.lstat(path)))) return yield* new DestinationExists({ path })
  return { folder, leaf, path } satisfies Place
})
