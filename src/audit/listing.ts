import { Effect } from "effect"
import { joinPath, runFolders } from "../domain/Destination.ts"
import { hidesDots, isServicesOwn } from "../domain/TreePlace.ts"
import type { TreeKind } from "../domain/Tree.ts"
import { type DirectoryEntry, Disk, type FileType } from "../ports/Disk.ts"
import type { Found } from "./places.ts"

/** A name to be shown, before anybody has looked at what it is. */
export interface Listed {
  /** Its place in the order goes before its name: a project's runs come first. */
  readonly group: number
  readonly name: string
  /** Below the directory that is listed. */
  readonly below: string
  /** What holds it. */
  readonly holder: TreeKind
  /** What it was when it was listed. */
  readonly type: FileType
  /** Why what it holds isn't listed with it. */
  readonly problem?: string
}

const isShown = (holder: TreeKind, name: string): boolean =>
  !isServicesOwn(name) && !(name.startsWith(".") && hidesDots(holder))

const listed = (holder: TreeKind, group: number, folder: string, entries: ReadonlyArray<DirectoryEntry>) =>
  entries
    .filter(({ name }) => isShown(holder, name))
    .map(({ name, type }): Listed => ({
      group,
      name,
      type,
      holder,
      below: folder === "" ? name : `${folder}/${name}`,
    }))

/** A project's runs stand among what it has itself; those that can't be listed are told by their folder. */
const runsIn = (directory: string, folder: string, group: number) =>
  Effect.flatMap(Disk, (disk) => disk.list(joinPath(directory, folder))).pipe(
    Effect.match({
      onSuccess: (entries) => listed("runs", group, folder, entries),
      onFailure: ({ message }): ReadonlyArray<Listed> => [
        { group, name: folder, below: folder, holder: "project", type: "directory", problem: message },
      ],
    }),
  )

const inProject = Effect.fnUntraced(function* (directory: string, entries: ReadonlyArray<DirectoryEntry>) {
  const folders = Object.values(runFolders).map(({ folder }) => folder)
  const isRuns = ({ name, type }: DirectoryEntry) =>
    type === "directory" && folders.some((folder) => folder === name)
  const there = entries.filter(isRuns)
  const runs = yield* Effect.forEach(folders, (folder, group) =>
    there.some(({ name }) => name === folder) ? runsIn(directory, folder, group) : Effect.succeed([]),
  )
  const own = entries.filter((entry) => !isRuns(entry))
  return [...runs.flat(), ...listed("project", folders.length, "", own)]
})

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** With equipment that has no folder yet. */
const withRegistered = (
  entries: ReadonlyArray<DirectoryEntry>,
  registered: ReadonlyArray<string>,
): ReadonlyArray<DirectoryEntry> => {
  const there = new Set(entries.map(({ name }) => name))
  const missing = registered
    .filter((name) => !there.has(name))
    .map((name): DirectoryEntry => ({ name, type: "directory" }))
  return [...entries, ...missing].toSorted(byName)
}

/** Everything that a directory shows, in order. `registered` is the equipment that the settings know. */
export const listPlace = Effect.fnUntraced(function* (
  { directory, isThere, kind }: Found,
  registered: ReadonlyArray<string>,
) {
  const disk = yield* Disk
  const entries = isThere ? yield* disk.list(directory) : []
  if (kind === "project") return yield* inProject(directory, entries)
  return listed(kind, 0, "", kind === "root" ? withRegistered(entries, registered) : entries)
})
