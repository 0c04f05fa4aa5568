import { metadataFolder, runFolders } from "./Destination.ts"

/** What of a published directory is whose. Paths are relative to it. */

export const checksumsPath = `${metadataFolder}/checksums.sha256`
/** Says of a directory that it was copied with nothing in it that rests, so that its checksums list something. */
export const noDataPath = `${metadataFolder}/no_data.txt`
export const creationPath = `${metadataFolder}/creation.json`

/** Whether it belongs to what describes the directory. */
export const isMetadata = (path: string): boolean =>
  path === metadataFolder || path.startsWith(`${metadataFolder}/`)

/** What changes after a directory was published (`docs/formats.md`). */
export const isLate = (path: string): boolean =>
  path === creationPath ||
  path === checksumsPath ||
  (isMetadata(path) && /^[^/]+\/wizard\.[^/]*\.log$/.test(path))

/** Locks, and what a writer hasn't finished: of no use to anybody elsewhere. */
export const isPassing = (path: string): boolean =>
  isMetadata(path) && (path.endsWith(".lock") || /\/\.tmp-[0-9a-f]{16}$/.test(path))

/** Names at the top that are other directories: a project goes without its runs. */
export const notItsOwn: Readonly<Record<"project" | "run", ReadonlyArray<string>>> = {
  project: [runFolders.experimental.folder, runFolders.test.folder],
  run: [],
}
