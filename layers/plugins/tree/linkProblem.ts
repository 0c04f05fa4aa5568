import { parentOf } from "../../templates/tree/TemplateTree.ts"
import type { TreeEntry } from "./TreeImage.ts"

/** What has to be known of a tree. */
type Types = ReadonlyMap<string, Pick<TreeEntry, "type">>

/** A way through a tree as its names go. */
interface Way {
  /** The last place on it that the tree has; relative to the root, which is the empty path. */
  readonly at: string
  /** Names after that. */
  readonly beyond: number
  readonly throughLink: boolean
}

const up = (way: Way): Way =>
  way.beyond > 0 ? { ...way, beyond: way.beyond - 1 } : { ...way, at: parentOf(way.at) }

const down = (image: Types, way: Way, name: string): Way => {
  const next = way.at === "" ? name : `${way.at}/${name}`
  const entry = way.beyond > 0 ? undefined : image.get(next)
  return entry === undefined
    ? { ...way, beyond: way.beyond + 1 }
    : { at: next, beyond: 0, throughLink: way.throughLink || entry.type === "symlink" }
}

/**
 * Why a link could lead out of its tree, the end of a sentence; null when it can't. Where no link goes up after
 * it went through another one, and none leaves the tree as its names go, none leads out at all: what lies behind
 * a link is reached by names that only go down.
 */
export const linkProblem = (image: Types, path: string, target: string): string | null => {
  if (target.startsWith("/")) return "is absolute"
  let way: Way = { at: parentOf(path), beyond: 0, throughLink: false }
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue
    if (name !== "..") way = down(image, way, name)
    else if (way.throughLink) return "goes up again after another link"
    else if (way.at === "" && way.beyond === 0) return "leads out of the tree"
    else way = up(way)
  }
  return null
}
