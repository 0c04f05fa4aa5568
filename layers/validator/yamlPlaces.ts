import { Either } from "effect"
import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
} from "yaml"
import { isNestedTooDeeply } from "../yaml/nesting.ts"

/** Where a node stands in the YAML text, and under which keys. */
export interface Place {
  readonly start: number
  readonly end: number
  readonly keyPath: string
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : "?")

interface YamlProblem {
  /** Where in the text. */
  readonly offset: number
  readonly message: string
}

export interface YamlReading {
  /** The first thing that keeps the text from being read; null when nothing does. */
  readonly problem: YamlProblem | null
  /** Everything that has a place, what holds before what is held. */
  readonly places: ReadonlyArray<Place>
}

const unknownAlias = (node: Alias): YamlProblem => ({
  offset: node.range?.[0] ?? 0,
  message: `*${node.source} names nothing above it`,
})

/** Walks a document in the order of its text. No recursion: documents may be deep. */
const inspect = (root: unknown): YamlReading => {
  const places: Array<Place> = []
  const anchors = new Set<string>()
  let problem: YamlProblem | null = null
  const open: Array<readonly [node: unknown, keyPath: string]> = [[root, ""]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, keyPath] = next
    const below = (name: string | number): string => (keyPath === "" ? String(name) : `${keyPath}.${name}`)
    if (isNode(node) && node.range) places.push({ start: node.range[0], end: node.range[1], keyPath })
    if (isAlias(node) && !anchors.has(node.source)) problem ??= unknownAlias(node)
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.add(node.anchor)
    if (isPair(node)) open.push([node.value, keyPath], [node.key, keyPath])
    if (isMap(node))
      open.push(...node.items.map((pair) => [pair, below(keyText(pair.key))] as const).reverse())
    if (isSeq(node)) open.push(...node.items.map((item, index) => [item, below(index)] as const).reverse())
  }
  return { problem, places }
}

const refused = (message: string): YamlReading => ({ problem: { offset: 0, message }, places: [] })

/**
 * Parses a YAML text and tells where everything in it stands. The parser throws nothing by itself, but its
 * stack may not be deep enough for a text.
 */
export const readYaml = (yaml: string): YamlReading =>
  isNestedTooDeeply(yaml) ? refused("it is nested too deeply") : parseYaml(yaml)

const parseYaml = (yaml: string): YamlReading =>
  Either.try(() => {
    const { errors, contents } = parseDocument(yaml, { logLevel: "silent", prettyErrors: false })
    const [first] = errors
    const parsed = inspect(contents)
    return first === undefined
      ? parsed
      : { ...parsed, problem: { offset: first.pos[0], message: first.message } }
  }).pipe(Either.getOrElse(() => refused("it is beyond the parser")))
