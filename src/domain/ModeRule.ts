import type { RunKind } from "./CreateRequest.ts"
import { runFolders } from "./Destination.ts"

const kinds = Object.keys(runFolders) as ReadonlyArray<RunKind>

/** What a run says about its kind, in three places. */
export interface RunPlace {
  /** The name of the folder above. */
  readonly folder: string
  /** The directory's own name. */
  readonly leaf: string
  /** Null when no record says it: the other two are compared then. */
  readonly runKind: RunKind | null
}

/** The kind that a record says, if it is one that is known here. */
export const recordedKind = (record: { readonly runKind: string } | null): RunKind | null =>
  kinds.find((kind) => kind === record?.runKind) ?? null

/** Why the three don't agree, in words; null when they do. */
export const modeMismatch = ({ folder, leaf, runKind }: RunPlace): string | null => {
  const byFolder = kinds.find((kind) => runFolders[kind].folder === folder)
  const byPrefix = kinds.find((kind) => leaf.startsWith(runFolders[kind].prefix))
  const agree = byFolder === byPrefix && byFolder === (runKind ?? byFolder)
  if (agree && byFolder !== undefined) return null
  const says = (kind: RunKind | undefined): string => kind ?? "no kind of run"
  const place = `is in ${folder} (${says(byFolder)})`
  const prefix = `begins like ${says(byPrefix)}`
  return runKind === null ? `${place}, and ${prefix}` : `${place}, ${prefix}, and is of the kind ${runKind}`
}
