import { Array, Effect, Either } from "effect"
import { joinPath, leafName, parentPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { DirectoryEntry, Disk } from "../../../src/ports/Disk.ts"
import { together } from "../../disk/together.ts"
import { fileProblems } from "./fileProblems.ts"
import { exclude, type FoundPlugin, type PluginRoot } from "./FoundPlugin.ts"
import { manifestProblems } from "./manifestProblems.ts"
import { type KeptManifest, readManifest } from "./readManifest.ts"

/** Manifests by the path of their plugin's folder. */
export type KeptManifests = ReadonlyMap<string, KeptManifest>

interface Search {
  readonly disk: typeof Disk.Service
  readonly allowNetwork: boolean
  readonly before: KeptManifests
}

interface Folder {
  readonly directory: string
  readonly found: FoundPlugin
  /** Null where none was looked for. */
  readonly manifest: KeptManifest | null
}

const unusable = (
  root: PluginRoot,
  name: string,
  reasons: Array.NonEmptyReadonlyArray<string>,
  manifest: KeptManifest | null = null,
): Folder => {
  const directory = joinPath(root.path, name)
  return {
    directory,
    found: Either.left(exclude({ name, directory, source: root.source }, reasons)),
    manifest,
  }
}

const lookAt = Effect.fnUntraced(function* (search: Search, root: PluginRoot, name: string) {
  const { disk } = search
  const { source } = root
  const directory = joinPath(root.path, name)
  const manifest = yield* readManifest(disk, directory, search.before.get(directory))
  if (Either.isLeft(manifest.decoded)) return unusable(root, name, manifest.decoded.left, manifest)
  const decoded = manifest.decoded.right
  const reasons = [
    ...manifestProblems(decoded, name, search.allowNetwork),
    ...(yield* fileProblems(disk, directory, decoded)),
  ]
  if (Array.isNonEmptyReadonlyArray(reasons)) return unusable(root, name, reasons, manifest)
  return { directory, found: Either.right({ manifest: decoded.manifest, directory, source }), manifest }
})

/** A folder that can't be looked at says so, and is in nobody's way. */
const lookAtEntry = (
  search: Search,
  root: PluginRoot,
  { name, type }: DirectoryEntry,
): Effect.Effect<Folder> =>
  type === "symlink"
    ? Effect.succeed(
        unusable(root, name, ["is a link, which isn't followed: put the plugin's own folder here"]),
      )
    : lookAt(search, root, name).pipe(
        Effect.catchAll((error) => Effect.succeed(unusable(root, name, [error.message]))),
      )

/** Files and what is hidden are no plugins, and no mistakes. */
const mayBePlugin = ({ name, type }: DirectoryEntry): boolean =>
  !name.startsWith(".") && (type === "directory" || type === "symlink")

const findIn = (search: Search, root: PluginRoot): Effect.Effect<ReadonlyArray<Folder>, DiskError> =>
  Effect.gen(function* () {
    const path = yield* search.disk.realPath(root.path)
    const entries = yield* search.disk.list(path)
    return yield* together(entries.filter(mayBePlugin), (entry) =>
      lookAtEntry(search, { ...root, path }, entry),
    )
  })

/** A lab's folder is there because somebody set it; the bundled one may be missing. */
const noRoot = ({ path, source }: PluginRoot, error: DiskError): ReadonlyArray<Folder> =>
  source === "bundled" && error.errno === "ENOENT"
    ? []
    : [
        unusable({ path: parentPath(path), source }, leafName(path), [
          `the folder of plugins can't be read: ${error.message}`,
        ]),
      ]

/** What is in the folders of plugins. Only manifests are read, and no folder is in another one's way. */
export const findPlugins = (
  search: Search,
  roots: ReadonlyArray<PluginRoot>,
): Effect.Effect<{ readonly found: ReadonlyArray<FoundPlugin>; readonly manifests: KeptManifests }> =>
  Effect.forEach(roots, (root) =>
    Effect.catchAll(findIn(search, root), (error) => Effect.succeed(noRoot(root, error))),
  ).pipe(
    Effect.map((perRoot) => {
      const folders = perRoot.flat()
      const manifests = folders.flatMap(({ directory, manifest }): ReadonlyArray<[string, KeptManifest]> =>
        manifest === null ? [] : [[directory, manifest]],
      )
      return { found: folders.map(({ found }) => found), manifests: new Map(manifests) }
    }),
  )
