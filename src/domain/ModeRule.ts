import type { RunKind } from "./CreateRequest.ts"
import { runFolders } from "./Destination.ts"

const kinds = Object.keys(runFolders) as ReadonlyArray<RunKind>

/** What a run says about its kind, in three places. */
export interface RunPlace {
  /** The name of the folder above. */
  readonly folder: string
  /** The directory's own name. */
  readonly leaf: string
  readonly runKind: RunKind
}

/** Why the three don't agree, in words; null when they do. */
export const modeMismatch = ({ folder, leaf, runKind }: RunPlace): string | null => {
  const byFolder = kinds.find((kind) => runFolders[kind].folder === folder)
  const byPrefix = kinds.find((kind) => leaf.startsWith(runFolders[kind].prefix))
  if (byFolder === runKind && byPrefix === runKind) return null
  const says = (kind: RunKind | undefined): string => kind ?? "no kind of run"
  return `is in ${folder} (${says(byFolder)}), begins like ${says(byPrefix)}, and is of the kind ${runKind}`
}
