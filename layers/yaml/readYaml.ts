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
  type YAMLError,
} from "yaml"
import type { Json } from "../../src/domain/Json.ts"
import { isNestedTooDeeply, maxNesting } from "./nesting.ts"
import { syntaxSentence } from "./syntaxSentence.ts"
import { tagProblem } from "./tags.ts"

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

/** What of a YAML text can be read, and what is wrong with the rest. */
export interface YamlParts extends YamlSource {
  readonly problems: ReadonlyArray<YamlProblem>
}

const syntax = (line: number, message: string): YamlProblem => ({ kind: "syntax", line, message })

interface Reading {
  readonly targets: ReadonlyMap<Alias, Node>
  readonly lines: LineCounter
  readonly problems: Array<YamlProblem>
  readonly places: Map<string, number>
  values: number
  /** There is more than anybody should read: what was read means nothing. */
  isTooMuch: boolean
}

const placeKey = (path: ReadonlyArray<PropertyKey>): string => JSON.stringify(path.map(String))

const lineAt = (reading: Reading, node: Node): number => reading.lines.linePos(node.range?.[0] ?? 0).line

const refuse = (reading: Reading, node: Node, message: string, path?: ReadonlyArray<string>): null => {
  if (reading.problems.length >= limits.errors) return null
  const problem = syntax(lineAt(reading, node), message)
  reading.problems.push(path === undefined ? problem : { ...problem, path })
  return null
}

/** Of one value, by its key: nothing else is lost. */
const refuseValue = (reading: Reading, node: Node, message: string, path: ReadonlyArray<string>): null =>
  refuse(reading, node, `${path.join(".")} ${message}`.trimStart(), path)

const readScalar = (reading: Reading, node: Node, value: unknown, path: ReadonlyArray<string>): Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number" && Number.isFinite(value)) return value
  return refuseValue(reading, node, `must be a finite number, not ${String(value)}`, path)
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
    const name = isScalar(key) && tagProblem(key) === null ? key.value : null
    if (typeof name !== "string") refuse(reading, keyNode, "a key must be a text: put it in quotes")
    else if (name === "__proto__") refuse(reading, keyNode, "the name __proto__ can't be used")
    else if (entries.has(name)) refuse(reading, keyNode, `the key ${name} is there twice`, [...path, name])
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
    if (reading.isTooMuch) return null
    reading.isTooMuch = true
    reading.problems.length = 0
    return refuse(reading, node, "holds too many or too deeply nested values")
  }
  const tag = tagProblem(node)
  if (tag !== null) return refuseValue(reading, node, tag, path)
  if (isScalar(node)) return readScalar(reading, node, node.value, path)
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
    ? refuseValue(reading, node, "has an alias that stands for nothing", path)
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

/** A problem that the reading tells better, with the key that it is about. */
const isToldLater = ({ code, name }: YAMLError): boolean =>
  (code === "TAG_RESOLVE_FAILED" && name === "YAMLWarning") || code === "NON_STRING_KEY"

/**
 * Reads one YAML document of plain values, as far as that goes. Keys are unique, aliases bounded, tags of other
 * types refused; a value that is refused reads as null. Paths begin with `key`, when the text is the value of one.
 */
export const readYamlParts = (
  text: string,
  key: ReadonlyArray<string> = [],
): Either.Either<YamlParts, ReadonlyArray<YamlProblem>> => {
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
      .filter((error) => !isToldLater(error))
      .slice(0, limits.errors)
      .map((error) => syntax(lines.linePos(error.pos[0]).line, syntaxSentence(error)))
    if (errors.length > 0) return Either.left(errors)
    const targets = aliasTargets(document)
    const reading: Reading = { targets, lines, problems: [], places: new Map(), values: 0, isTooMuch: false }
    const value = document.contents === null ? null : readNode(reading, document.contents, key)
    return reading.isTooMuch
      ? Either.left(reading.problems)
      : Either.right({ value, lineOf: lineOf(reading.places), problems: reading.problems })
  })
}

/** The same where a text is of use only when all of it can be read. */
export const readYaml = (text: string): Either.Either<YamlSource, ReadonlyArray<YamlProblem>> =>
  Either.flatMap(readYamlParts(text), ({ lineOf, problems, value }) =>
    problems.length > 0 ? Either.left(problems) : Either.right({ value, lineOf }),
  )
