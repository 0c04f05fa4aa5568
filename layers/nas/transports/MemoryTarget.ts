import { createHash } from "node:crypto"
import { Effect, HashMap, HashSet, Option, Ref } from "effect"
import { joinPath, parentPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type {
  Parcel,
  ParcelProgress,
  TargetEntry,
  TargetTransport,
} from "../../../src/ports/SyncTransport.ts"
import { markerMissing } from "./marker.ts"
import { failure } from "./places.ts"

/** What a target in memory holds, by paths below its root. */
export interface MemoryContents {
  readonly marker: Option.Option<string>
  readonly files: HashMap.HashMap<string, Uint8Array>
  readonly folders: HashSet.HashSet<string>
}

export const emptyContents: MemoryContents = {
  marker: Option.none(),
  files: HashMap.empty(),
  folders: HashSet.empty(),
}

/** The folders above a path, innermost first. */
const above = (path: string): ReadonlyArray<string> =>
  path.includes("/") ? [parentPath(path), ...above(parentPath(path))] : []

const withFolders = (contents: MemoryContents, folders: ReadonlyArray<string>): MemoryContents => ({
  ...contents,
  folders: HashSet.union(contents.folders, folders),
})

export const withFile = (contents: MemoryContents, path: string, bytes: Uint8Array): MemoryContents =>
  withFolders({ ...contents, files: HashMap.set(contents.files, path, bytes) }, above(path))

const isWithin =
  (place: string) =>
  (path: string): boolean =>
    path === place || path.startsWith(`${place}/`)

const without = (contents: MemoryContents, place: string): MemoryContents => ({
  ...contents,
  files: HashMap.filter(contents.files, (_, path) => !isWithin(place)(path)),
  folders: HashSet.filter(contents.folders, (path) => !isWithin(place)(path)),
})

const moved = (contents: MemoryContents, from: string, to: string): MemoryContents => {
  const rename = (path: string): string => `${to}${path.slice(from.length)}`
  const files = HashMap.toEntries(contents.files).filter(([path]) => isWithin(from)(path))
  const folders = HashSet.toValues(contents.folders).filter(isWithin(from))
  if (files.length + folders.length === 0) return contents
  return files.reduce(
    (before, [path, bytes]) => withFile(before, rename(path), bytes),
    withFolders(without(contents, from), [...folders.map(rename), ...above(to)]),
  )
}

const whyNotRead = (path: string, { errno, message }: DiskError): SyncFailure =>
  errno === "ENOENT"
    ? failure("source_changed", `${path} isn't there any more`, [path])
    : failure("permanent", message, [path])

const send = (
  contents: Ref.Ref<MemoryContents>,
  { directories, files, source, to }: Parcel,
  report: (progress: ParcelProgress) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const folders = [to, ...directories.map((path) => joinPath(to, path))]
    yield* Ref.update(contents, (before) =>
      withFolders(before, [...folders, ...folders.flatMap((path) => above(path))]),
    )
    let done = 0
    for (const [index, { path, size }] of files.entries()) {
      const bytes = yield* Effect.mapError(disk.readFile(joinPath(source, path)), (error) =>
        whyNotRead(path, error),
      )
      yield* Ref.update(contents, (before) => withFile(before, joinPath(to, path), bytes))
      done += size
      yield* report({ bytes: done, files: index + 1, currentFile: path })
    }
  })

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const digests = ({ files }: MemoryContents, place: string, paths: ReadonlyArray<string>) =>
  new Map(
    paths.flatMap((path) =>
      Option.match(HashMap.get(files, joinPath(place, path)), {
        onNone: () => [],
        onSome: (bytes) => [[path, digest(bytes)] as const],
      }),
    ),
  )

const list = (
  { files, folders }: MemoryContents,
  place: string,
  except: ReadonlyArray<string>,
): ReadonlyArray<TargetEntry> => {
  const below = (path: string, isFolder: boolean): ReadonlyArray<TargetEntry> =>
    path.startsWith(`${place}/`) && !except.some((name) => isWithin(`${place}/${name}`)(path))
      ? [{ path: path.slice(place.length + 1), isFolder }]
      : []
  return [
    ...HashMap.toEntries(files).flatMap(([path]) => below(path, false)),
    ...HashSet.toValues(folders).flatMap((path) => below(path, true)),
  ]
}

const marked = (contents: Ref.Ref<MemoryContents>): Effect.Effect<void, SyncFailure> =>
  Effect.flatMap(Ref.get(contents), ({ marker }) => (Option.isSome(marker) ? Effect.void : markerMissing()))

/** A target whose files are bytes in memory: everything is there at once, nothing lasts. */
export const make = (contents: Ref.Ref<MemoryContents>): Effect.Effect<TargetTransport, never, Disk> =>
  Effect.map(Effect.context<Disk>(), (context) => ({
    publishesByRename: true,
    check: Effect.void,
    readMarker: Effect.map(Ref.get(contents), ({ marker }) => marker),
    writeMarker: (id) => Ref.update(contents, (before) => ({ ...before, marker: Option.some(id) })),
    send: (parcel, report) =>
      Effect.zipRight(marked(contents), Effect.provide(send(contents, parcel, report), context)),
    digests: (place, paths) => Effect.map(Ref.get(contents), (now) => digests(now, place, paths)),
    exists: (place) =>
      Effect.map(
        Ref.get(contents),
        ({ files, folders }) => HashMap.has(files, place) || HashSet.has(folders, place),
      ),
    list: (place, except) => Effect.map(Ref.get(contents), (now) => list(now, place, except)),
    remove: (place, entries) =>
      Effect.zipRight(
        marked(contents),
        Ref.update(contents, (before) =>
          entries.reduce((now, { path }) => without(now, joinPath(place, path)), before),
        ),
      ),
    publish: (from, to) =>
      Effect.zipRight(
        marked(contents),
        Ref.update(contents, (before) => moved(before, from, to)),
      ),
    discard: (place) =>
      Effect.zipRight(
        marked(contents),
        Ref.update(contents, (before) => without(before, place)),
      ),
  }))
