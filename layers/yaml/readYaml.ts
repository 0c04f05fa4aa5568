import { Either } from "effect"
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml"
import type { Json } from "../../src/domain/Json.ts"
import { isNestedTooDeeply, maxNesting } from "./nesting.ts"

const limits = {
  /** Values, those that aliases stand for included. */
  values: 20_000,
  /** As many as anybody reads. */
  errors: 50,
} as const

/** What a YAML text says, with the place where it says it. */
export interface YamlSource {
  readonly value: Json
  /** The line of a value, or of the nearest one around it; 1-based. */
  readonly lineOf: (path: ReadonlyArray<PropertyKey>) => number
}

/** One thing that is wrong with a YAML text. */
export interface YamlProblem {
  readonly kind: "syntax" | "unknown_key" | "invalid"
  /** 1-based; 0 when it is about the whole text. */
  readonly line: number
  readonly message: string
  /** The value that it is about; absent when the text can't be read. */
  readonly path?: ReadonlyArray<string>
}

const syntax = (line: number, message: string): YamlProblem => ({ kind: "syntax", line, message })

interface Reading {
  readonly targets: ReadonlyMap<Alias, Node>
  readonly lines: LineCounter
  readonly problems: Array<YamlProblem>
  readonly places: Map<string, number>
  values: number
}

const placeKey = (path: ReadonlyArray<PropertyKey>): string => JSON.stringify(path.map(String))

const lineAt = (reading: Reading, node: Node): number => reading.lines.linePos(node.range?.[0] ?? 0).line

const refuse = (reading: Reading, node: Node, message: string): null => {
  if (reading.problems.length >= limits.errors) return null
  reading.problems.push(syntax(lineAt(reading, node), message))
  return null
}

const readScalar = (reading: Reading, node: Node, value: unknown): Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number" && Number.isFinite(value)) return value
  return refuse(reading, node, `${String(value)} is not a plain value`)
}

const readEntries = (
  reading: Reading,
  node: Node,
  items: ReadonlyArray<{ readonly key: unknown; readonly value: unknown }>,
  path: ReadonlyArray<string>,
): Json => {
  const entries = new Map<string, Json>()
  for (const { key, value } of items) {
    const keyNode = isNode(key) ? key : node
    const name = isScalar(key) ? key.value : key
    if (typeof name !== "string") refuse(reading, keyNode, "a key must be a text")
    else if (name === "__proto__") refuse(reading, keyNode, "the name __proto__ can't be used")
    else if (entries.has(name)) refuse(reading, keyNode, `the key ${name} is there twice`)
    else {
      const inner = [...path, name]
      reading.places.set(placeKey(inner), lineAt(reading, keyNode))
      entries.set(name, isNode(value) ? readNode(reading, value, inner) : null)
    }
  }
  return Object.fromEntries(entries)
}

const isNode = (value: unknown): value is Node =>
  isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)

const readNode = (reading: Reading, node: Node, path: ReadonlyArray<string>): Json => {
  reading.values += 1
  if (reading.values > limits.values || path.length > maxNesting) {
    return reading.problems.length > 0
      ? null
      : refuse(reading, node, "holds too many or too deeply nested values")
  }
  if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(node.tag)) {
    return refuse(reading, node, `the tag ${node.tag} is not supported`)
  }
  if (isScalar(node)) return readScalar(reading, node, node.value)
  if (isMap(node)) return readEntries(reading, node, node.items, path)
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const inner = [...path, String(index)]
      if (!isNode(item)) return null
      reading.places.set(placeKey(inner), lineAt(reading, item))
      return readNode(reading, item, inner)
    })
  }
  const target = isAlias(node) ? reading.targets.get(node) : undefined
  return target === undefined
    ? refuse(reading, node, "the alias stands for nothing")
    : readNode(reading, target, path)
}

/** What each alias stands for, in one go: looking for one goes through the document. */
const aliasTargets = (document: Document): ReadonlyMap<Alias, Node> => {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node)
        return
      }
      const target = anchors.get(node.source)
      if (target !== undefined) targets.set(node, target)
    },
  })
  return targets
}

const lineOf =
  (places: ReadonlyMap<string, number>) =>
  (path: ReadonlyArray<PropertyKey>): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = places.get(placeKey(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }

/** Reads one YAML document of plain values. Keys are unique, aliases bounded, tags of other types refused. */
export const readYaml = (text: string): Either.Either<YamlSource, ReadonlyArray<YamlProblem>> => {
  if (isNestedTooDeeply(text)) return Either.left([syntax(0, "is nested too deeply")])
  const lines = new LineCounter()
  // Its own check of unique keys is quadratic, and so are its pretty errors.
  const parsed = Either.try({
    try: () =>
      parseDocument(text, { lineCounter: lines, stringKeys: true, uniqueKeys: false, prettyErrors: false }),
    catch: (error) => [syntax(0, String(error))],
  })
  return Either.flatMap(parsed, (document) => {
    const errors = [...document.errors, ...document.warnings]
      .slice(0, limits.errors)
      .map(({ pos, message }) => syntax(lines.linePos(pos[0]).line, message))
    if (errors.length > 0) return Either.left(errors)
    const targets = aliasTargets(document)
    const reading: Reading = { targets, lines, problems: [], places: new Map(), values: 0 }
    const value = document.contents === null ? null : readNode(reading, document.contents, [])
    return reading.problems.length > 0
      ? Either.left(reading.problems)
      : Either.right({ value, lineOf: lineOf(reading.places) })
  })
}
