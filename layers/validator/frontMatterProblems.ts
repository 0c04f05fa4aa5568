import { Either } from "effect"
import { isMap, isNode, isPair, isScalar, isSeq, parseDocument } from "yaml"
import { type TextProblem, textProblems } from "../../src/domain/TextRules.ts"
import { maxFrontMatterLines, parseFrontMatter } from "../readme/frontMatter.ts"

/** Longer front matter isn't parsed: a parser's time for a hostile text grows with its square. */
export const maxParsedLength = 32 * 1024

export interface FrontMatterProblem {
  readonly rule: TextProblem["rule"] | "malformed_yaml_front_matter"
  readonly token: string | null
  readonly detail: string
  readonly line: number
  readonly keyPath?: string
}

/** Where a node stands in the YAML text, and under which keys. */
interface Place {
  readonly start: number
  readonly end: number
  readonly keyPath: string
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : "?")

/** Everything that has a place, what holds before what is held. No recursion: documents may be deep. */
const placesOf = (root: unknown): ReadonlyArray<Place> => {
  const places: Array<Place> = []
  const open: Array<readonly [node: unknown, keyPath: string]> = [[root, ""]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, keyPath] = next
    const below = (name: string | number): string => (keyPath === "" ? String(name) : `${keyPath}.${name}`)
    if (isNode(node) && node.range) places.push({ start: node.range[0], end: node.range[1], keyPath })
    if (isPair(node)) open.push([node.value, keyPath], [node.key, keyPath])
    if (isMap(node))
      open.push(...node.items.map((pair) => [pair, below(keyText(pair.key))] as const).reverse())
    if (isSeq(node)) open.push(...node.items.map((item, index) => [item, below(index)] as const).reverse())
  }
  return places
}

interface Parsed {
  readonly problem: { readonly offset: number; readonly message: string } | null
  readonly places: ReadonlyArray<Place>
}

const unparsed: Parsed = { problem: null, places: [] }

/** The parser throws nothing by itself, but its stack may not be deep enough for a text. */
const parse = (yaml: string): Parsed =>
  yaml.length > maxParsedLength
    ? unparsed
    : Either.try(() => {
        const { errors, contents } = parseDocument(yaml, { logLevel: "silent", prettyErrors: false })
        const [first] = errors
        const problem = first === undefined ? null : { offset: first.pos[0], message: first.message }
        return { problem, places: placesOf(contents) }
      }).pipe(
        Either.getOrElse(() => ({ problem: { offset: 0, message: "it is nested too deep" }, places: [] })),
      )

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

const malformed = (line: number, reason: string): FrontMatterProblem => ({
  rule: "malformed_yaml_front_matter",
  token: null,
  detail: `has front matter that can't be read: ${reason}`,
  line,
})

const located = (
  problem: TextProblem,
  places: ReadonlyArray<Place>,
  startLine: number,
): FrontMatterProblem => {
  const { rule, token, detail, offset } = problem
  const keyPath = places.findLast(({ start, end }) => start <= offset && offset < end)?.keyPath ?? ""
  const line = startLine + problem.line - 1
  return { rule, token, detail, line, ...(keyPath === "" ? {} : { keyPath }) }
}

/** The rules for Markdown: they hold for its front matter, and for nothing below that. */
export const frontMatterProblems = (text: string): ReadonlyArray<FrontMatterProblem> => {
  const frontMatter = parseFrontMatter(text)
  switch (frontMatter._tag) {
    case "Absent":
      return []
    case "Unclosed":
      return [malformed(1, `no closing --- in ${maxFrontMatterLines} lines`)]
    case "Present": {
      const { yaml, startLine } = frontMatter
      const { problem, places } = parse(yaml)
      const leftovers = textProblems(yaml).map((found) => located(found, places, startLine))
      if (problem === null) return leftovers
      return [malformed(startLine - 1 + lineOf(yaml, problem.offset), problem.message), ...leftovers]
    }
  }
}
