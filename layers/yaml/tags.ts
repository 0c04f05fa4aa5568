import { isMap, isScalar, isSeq, type Node } from "yaml"

const core = "tag:yaml.org,2002:"

/** What a tag of the core schema makes of a value. */
const coreTypes: Readonly<Record<string, (node: Node) => boolean>> = {
  str: (node) => isScalar(node) && typeof node.value === "string",
  int: (node) => isScalar(node) && typeof node.value === "number",
  float: (node) => isScalar(node) && typeof node.value === "number",
  bool: (node) => isScalar(node) && typeof node.value === "boolean",
  null: (node) => isScalar(node) && node.value === null,
  map: isMap,
  seq: isSeq,
}

/** Why a value's tag can't be followed; null: it has none, or one that fits. */
export const tagProblem = (node: Node): string | null => {
  const { tag } = node
  if (tag === undefined) return null
  const name = tag.startsWith(core) ? tag.slice(core.length) : ""
  const shown = name === "" ? tag : `!!${name}`
  const fits = Object.hasOwn(coreTypes, name) ? coreTypes[name] : undefined
  if (fits === undefined) return `has the tag ${shown}, which is not supported: leave it out`
  return fits(node) ? null : `has the tag ${shown}, which doesn't fit the value: leave it out`
}
