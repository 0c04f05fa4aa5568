import { Either } from "effect"
import { joinPath, kindOfFolder, maxNameBytes, metadataFolder, withoutSlashesAtEnd } from "./Destination.ts"
import { textProblem } from "./Json.ts"
import { byteLength, collisionKey } from "./PathSegment.ts"
import type { TreeKind } from "./Tree.ts"

/** What a path names by its text alone: whether it is there, nobody has looked. */
export interface TreePlace {
  readonly kind: TreeKind
  /** Below the local root, outermost first. */
  readonly segments: ReadonlyArray<string>
}

/** What a system call takes. */
const maxPathBytes = 4095

/** The service's own: records, and what isn't published yet. Some file systems find it in any case. */
export const isServicesOwn = (name: string): boolean => collisionKey(name) === metadataFolder

/** Folders that hold nothing but managed directories have no hidden ones. */
export const hidesDots = (kind: TreeKind): boolean =>
  kind === "root" || kind === "equipment" || kind === "runs"

const kindsByDepth = ["root", "equipment", "project"] as const

const kindAt = (segments: ReadonlyArray<string>): TreeKind => {
  const known = kindsByDepth[segments.length]
  if (known !== undefined) return known
  if (kindOfFolder(segments[2] ?? "") === undefined || segments.length > 4) return "folder"
  return segments.length === 3 ? "runs" : "run"
}

const segmentProblem = (segment: string, index: number, all: ReadonlyArray<string>): string | null => {
  if (segment === "" || segment === "." || segment === "..") {
    return "may not have . or .. or an empty name in it"
  }
  if (byteLength(segment) > maxNameBytes) return `has a name of more than ${maxNameBytes} bytes in it`
  const isHidden =
    isServicesOwn(segment) || (segment.startsWith(".") && hidesDots(kindAt(all.slice(0, index))))
  return isHidden ? "names a folder that is the service's own" : null
}

/** Below the local root; null for what isn't. */
const inside = (localRoot: string, path: string): string | null => {
  const root = joinPath(localRoot)
  const bare = withoutSlashesAtEnd(path)
  if (!path.startsWith("/")) return bare
  if (bare === root) return ""
  return bare.startsWith(`${root}/`) ? bare.slice(root.length + 1) : null
}

/** Where a path leads, absolute or below the local root, or what is wrong with it. An empty one is the root. */
export const treePlaceAt = (localRoot: string, path: string): Either.Either<TreePlace, string> => {
  const illegible = textProblem(path)
  if (illegible !== null) return Either.left(illegible)
  const below = inside(localRoot, path)
  if (below === null) {
    return Either.left("leads out of the local root; paths begin there, such as DEMO_01/PROJ-0042")
  }
  if (below.length > maxPathBytes || byteLength(joinPath(localRoot, below)) > maxPathBytes) {
    return Either.left(`leads to a path of more than ${maxPathBytes} bytes, which no system takes`)
  }
  const segments = below === "" ? [] : below.split("/")
  const [problem] = segments.flatMap((segment, index) => segmentProblem(segment, index, segments) ?? [])
  return problem === undefined ? Either.right({ kind: kindAt(segments), segments }) : Either.left(problem)
}
