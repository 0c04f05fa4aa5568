import {
  type Destination,
  destinationAt,
  equipmentPath,
  isManagedName,
  joinPath,
  leafName,
  withoutSlashesAtEnd,
} from "./Destination.ts"

/** What an audit looks at: everything, an equipment, a project with its runs, or a run. */
export type AuditScope =
  | { readonly level: "all"; readonly path: string }
  | { readonly level: "equipment"; readonly path: string; readonly equipmentId: string }
  | { readonly level: "project" | "run"; readonly path: string; readonly destination: Destination }

/**
 * The scope that a path names, absolute or below the local root, `""` or the root for all; null for a path
 * that isn't managed. Looks at the text only.
 */
export const scopeAt = (localRoot: string, path: string): AuditScope | null => {
  const root = joinPath(localRoot)
  const trimmed = withoutSlashesAtEnd(path)
  if (trimmed === root || path === "" || path === ".") return { level: "all", path: root }
  const destination = destinationAt(localRoot, path)
  if (destination !== null) return { level: destination.level, path: destination.path, destination }
  const equipmentId = trimmed.startsWith(`${root}/`) ? trimmed.slice(root.length + 1) : trimmed
  return isManagedName(equipmentId) && !equipmentId.includes("/")
    ? { level: "equipment", path: equipmentPath(localRoot, equipmentId), equipmentId }
    : null
}

/** Whether a finding's directory lies in the scope. A project's scope has its runs, too. */
export const isWithin = ({ path }: AuditScope, runPath: string): boolean =>
  runPath === path || runPath.startsWith(`${path}/`)

/** The scope's name for people. */
export const scopeName = ({ level, path }: AuditScope): string =>
  level === "all" ? "everything" : leafName(path)
