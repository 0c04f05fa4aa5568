import { Context, Effect, Layer, Option } from "effect"
import type { DiskError, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import { joinPath } from "../domain/Destination.ts"
import type { DirectoryNotFound } from "../domain/DirectoryNotFound.ts"
import type { PageRefused } from "../domain/PageRefused.ts"
import type { RunDetails } from "../domain/RunDetails.ts"
import type { RunNotFound } from "../domain/SyncErrors.ts"
import type { TreePage } from "../domain/Tree.ts"
import type { TreePlace } from "../domain/TreePlace.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import type { SyncService } from "../ports/SyncService.ts"
import { describe } from "./describing.ts"
import { entriesOf } from "./entries.ts"
import { listPlace } from "./listing.ts"
import { type PageWish, pageOf } from "./paging.ts"
import { findPlace, notYet, parsePlace } from "./places.ts"
import type { SyncGate } from "./SyncGate.ts"

export interface BrowseRequest extends PageWish {
  /** Absolute, or below the local root; left out: the local root. */
  readonly path?: string | undefined
}

type Within = Disk | Settings | SyncGate | SyncService

const make = Effect.gen(function* () {
  const context = yield* Effect.context<Within>()
  const disk = yield* Disk
  const { equipment, paths } = yield* Settings
  const registered = equipment.map(({ id }) => id)

  /** The root and what the settings know may have no folder yet. */
  const isExpected = ({ kind, segments }: TreePlace): boolean =>
    kind === "root" || (kind === "equipment" && registered.includes(segments[0] ?? ""))

  const find = Effect.fnUntraced(function* (place: TreePlace) {
    const { localRoot } = paths
    const isMissing =
      isExpected(place) && Option.isNone(yield* disk.lstat(joinPath(localRoot, ...place.segments)))
    return isMissing ? notYet(localRoot, place) : yield* findPlace(localRoot, place)
  })

  const browse = Effect.fn("Directories.browse")(function* ({ path = "", ...wish }: BrowseRequest) {
    const found = yield* find(yield* parsePlace(paths.localRoot, path))
    const { nextCursor, shown } = yield* pageOf(yield* listPlace(found, registered), wish)
    const entries = yield* entriesOf(found, shown, equipment)
    return { path: found.path, kind: found.kind, entries, nextCursor } satisfies TreePage
  })

  return {
    browse: (request: BrowseRequest) => Effect.provide(browse(request), context),
    describe: (path: string) => Effect.provide(describe(path), context),
  }
})

/** What is below the local root, for people who look around. Nothing here changes anything (`docs/http.md`). */
export class Directories extends Context.Tag("exlab-wizard/Directories")<
  Directories,
  {
    /** One level of the tree, a page at a time. The service's own folders aren't shown, and links not followed. */
    readonly browse: (
      request: BrowseRequest,
    ) => Effect.Effect<TreePage, PageRefused | DirectoryNotFound | DiskError>
    /**
     * Everything about one project or run. What can't be read of it is told; only where there is neither a
     * record nor a look at the directory, it fails.
     */
    readonly describe: (
      path: string,
    ) => Effect.Effect<RunDetails, RunNotFound | RecordUnreadable | SchemaMajorMismatch | DiskError>
  }
>() {
  static readonly layer: Layer.Layer<Directories, never, Within> = Layer.effect(Directories, make)
}
