import { Array } from "effect"
import { leafName } from "../../../src/domain/Destination.ts"
import { collisionKey, segmentProblems } from "../../../src/domain/PathSegment.ts"
import { serviceNames } from "../../../src/domain/Template.ts"
import { answersFile } from "../../templates/tree/nameProblems.ts"
import { parentOf } from "../../templates/tree/TemplateTree.ts"
import type { TreeChange } from "./changesBetween.ts"
import { linkProblem } from "./linkProblem.ts"
import type { TreeEntry, TreeImage } from "./TreeImage.ts"

const quoted = (path: string): string => JSON.stringify(path)

/** More than a person reads: the rest is counted. */
const told = 20

const upTo = (sentences: ReadonlyArray<string>): ReadonlyArray<string> =>
  sentences.length <= told
    ? sentences
    : [...sentences.slice(0, told), `and ${sentences.length - told} more problems`]

const sentencesOf = (
  image: TreeImage,
  problemOf: (path: string, entry: TreeEntry) => string | null,
): ReadonlyArray<string> =>
  [...image].flatMap(([path, entry]) => {
    const problem = problemOf(path, entry)
    return problem === null ? [] : [`${quoted(path)} ${problem}`]
  })

/** How many names in the tree each file has. */
const namesByIdentity = (image: TreeImage): ReadonlyMap<string, number> => {
  const names = new Map<string, number>()
  for (const { identity } of image.values()) names.set(identity, (names.get(identity) ?? 0) + 1)
  return names
}

/**
 * What leads out of a tree, or could lead anywhere, a sentence each: links, hard links to files outside, special
 * files. No plugin may be let near such a tree.
 */
export const outwardLinks = (image: TreeImage): ReadonlyArray<string> => {
  const names = namesByIdentity(image)
  return upTo(
    sentencesOf(image, (path, { identity, links, target, type }) => {
      if (type === "other") return "is neither a file nor a directory nor a link"
      if (type === "file" && links > (names.get(identity) ?? 0)) {
        return "is a hard link: the same file has a name outside the tree"
      }
      const problem = target === null ? null : linkProblem(image, path, target)
      return problem === null ? null : `is a link to ${quoted(target ?? "")}, which ${problem}`
    }),
  )
}

const invisible = /\p{Default_Ignorable_Code_Point}/gu

/** Equal for names that some file system, or a person who reads them, takes for the same. */
const likeness = (name: string): string => collisionKey(name.replace(invisible, "").toUpperCase())

/** At the top of a tree these belong to the service. */
const kept: ReadonlySet<string> = new Set([...serviceNames, answersFile].map(likeness))

/** Whether a path is, or is below, a name that the service keeps for itself. */
export const isKept = (path: string): boolean => kept.has(likeness(path.split("/", 1).join()))

const trespass = ({ kind, path }: TreeChange): ReadonlyArray<string> => {
  const [top = ""] = path.split("/")
  return kept.has(likeness(top))
    ? [`${quoted(path)} was ${kind}: ${quoted(top)} at the top is kept for the service itself`]
    : []
}

const badName = ({ kind, path }: TreeChange): ReadonlyArray<string> =>
  kind === "created"
    ? segmentProblems(leafName(path)).map(({ detail }) => `${quoted(path)} has a name that ${detail}`)
    : []

const badMode = ({ after, path }: TreeChange): ReadonlyArray<string> =>
  after?.type === "file" && after.mode > 0o777
    ? [`${quoted(path)} is set-uid, set-gid or sticky: its mode is ${after.mode.toString(8)}`]
    : []

const keyOf = (path: string): string => `${parentOf(path)}/${collisionKey(leafName(path))}`

/** New names that others of the same directory have where case or normal form don't count. */
const collisions = (changes: ReadonlyArray<TreeChange>, after: TreeImage): ReadonlyArray<string> => {
  const paths = Array.groupBy(after.keys(), keyOf)
  return changes
    .filter(({ kind }) => kind === "created")
    .flatMap(({ path }) => {
      const other = paths[keyOf(path)]?.find((one) => one !== path)
      return other === undefined
        ? []
        : [`${quoted(path)} has the name of ${quoted(other)} where case doesn't count`]
    })
}

/** The rules that a plugin broke with its changes to a tree that now is `after`, a sentence each. */
export const violations = (changes: ReadonlyArray<TreeChange>, after: TreeImage): ReadonlyArray<string> =>
  upTo([
    ...changes.flatMap((change) => [...trespass(change), ...badName(change), ...badMode(change)]),
    ...collisions(changes, after),
    ...outwardLinks(after),
  ])
