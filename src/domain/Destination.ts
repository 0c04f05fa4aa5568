import { DateTime } from "effect"
import type { RunKind } from "./CreateRequest.ts"
import { byteLength } from "./PathSegment.ts"

/** Where a session's directory goes. See `docs/sessions.md`, "Where a directory goes". */
export interface Destination {
  readonly level: "project" | "run"
  /** A project counts as `experimental`: readers of its record require the field. */
  readonly runKind: RunKind
  readonly equipmentId: string
  /** The project's folder name. */
  readonly project: string
  readonly localRoot: string
  /** Absolute path of the folder that will hold the directory. */
  readonly parent: string
  /** The directory's own name. */
  readonly leaf: string
  /** `parent/leaf` */
  readonly path: string
}

/** The hidden folder by which every directory describes itself. */
export const metadataFolder = ".exlab-wizard"

export const runFolders = {
  experimental: { folder: "Runs", prefix: "Run_" },
  test: { folder: "TestRuns", prefix: "TestRun_" },
} as const satisfies Record<RunKind, { readonly folder: string; readonly prefix: string }>

/** A regular expression would take the square of a text's length for this. */
export const withoutSlashesAtEnd = (path: string): string => {
  let end = path.length
  while (end > 0 && path[end - 1] === "/") end -= 1
  return path.slice(0, end)
}

/** Joins absolute or relative POSIX path parts; none of them is resolved. */
export const joinPath = (first: string, ...rest: ReadonlyArray<string>): string =>
  [withoutSlashesAtEnd(first), ...rest].join("/")

export const parentPath = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 1))

export const leafName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** Of one segment, on every file system in use. */
export const maxNameBytes = 255

const two = (n: number): string => String(n).padStart(2, "0")

/** `YYYY-MM-DDTHH-MM-SS` in the date's own zone. */
export const formatRunDate = (date: DateTime.Zoned): string => {
  const { year, month, day, hours, minutes, seconds } = DateTime.toParts(date)
  const clock = [hours, minutes, seconds].map(two).join("-")
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${clock}`
}

export const equipmentPath = (localRoot: string, equipmentId: string): string =>
  joinPath(localRoot, equipmentId)

export const projectDestination = (localRoot: string, equipmentId: string, shortId: string): Destination => {
  const parent = equipmentPath(localRoot, equipmentId)
  return {
    level: "project",
    runKind: "experimental",
    equipmentId,
    project: shortId,
    localRoot,
    parent,
    leaf: shortId,
    path: joinPath(parent, shortId),
  }
}

export const runDestination = (
  localRoot: string,
  equipmentId: string,
  project: string,
  runKind: RunKind,
  date: DateTime.Zoned,
): Destination => {
  const { folder, prefix } = runFolders[runKind]
  const parent = joinPath(equipmentPath(localRoot, equipmentId), project, folder)
  const leaf = `${prefix}${formatRunDate(date)}`
  return {
    level: "run",
    runKind,
    equipmentId,
    project,
    localRoot,
    parent,
    leaf,
    path: joinPath(parent, leaf),
  }
}

/** The directory segments below the local root, outermost first. */
export const segmentsOf = (destination: Destination): ReadonlyArray<string> =>
  destination.level === "project"
    ? [destination.equipmentId, destination.project]
    : [destination.equipmentId, destination.project, leafName(destination.parent), destination.leaf]

export const kindOfFolder = (folder: string): RunKind | undefined =>
  folder === runFolders.experimental.folder
    ? "experimental"
    : folder === runFolders.test.folder
      ? "test"
      : undefined

/** What a managed directory may be called: nothing hidden, and nothing that no file system has. */
export const isManagedName = (segment: string): boolean =>
  segment !== "" &&
  !segment.startsWith(".") &&
  !segment.includes("\u0000") &&
  segment.length <= maxNameBytes &&
  byteLength(segment) <= maxNameBytes

/**
 * The project or run that a path names, absolute or below the local root; null for every other path, so
 * that nothing outside of what the service manages is touched. Looks at the text only.
 */
export const destinationAt = (localRoot: string, path: string): Destination | null => {
  const root = `${joinPath(localRoot)}/`
  const inside = path.startsWith(root) ? path.slice(root.length) : path.startsWith("/") ? "" : path
  const [equipmentId = "", project = "", folder, leaf, ...deeper] = withoutSlashesAtEnd(inside).split("/", 5)
  if (!isManagedName(equipmentId) || !isManagedName(project) || deeper.length > 0) return null
  const home = equipmentPath(localRoot, equipmentId)
  if (folder === undefined) return projectDestination(localRoot, equipmentId, project)
  const runKind = kindOfFolder(folder)
  if (runKind === undefined || leaf === undefined || !isManagedName(leaf)) return null
  const parent = joinPath(home, project, folder)
  return {
    level: "run",
    runKind,
    equipmentId,
    project,
    localRoot,
    parent,
    leaf,
    path: joinPath(parent, leaf),
  }
}
