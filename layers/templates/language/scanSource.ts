import { Either } from "effect"
import { type Problem, problem } from "../problems.ts"

/** What a source may hold. Beyond it, the parser would take minutes or gigabytes. */
export const sourceLimits = {
  bytes: 1024 * 1024,
  /** Blocks in blocks, every link of an `else if` chain counted; and parentheses in parentheses. */
  depth: 64,
  /** Expressions between braces and between parentheses. */
  expressions: 20_000,
  /** Names, literals, comments and escapes. */
  terms: 100_000,
} as const

export interface SourceCounts {
  readonly expressions: number
  readonly terms: number
  readonly depth: number
}

/** The kinds of tag, tried in this order, which is the parser's. */
const tags = {
  partial: /\{\{~?>/y,
  open: /\{\{~?#>?\*?/y,
  close: /\{\{~?\//y,
  inverse: /\{\{~?(?:\^\s*~?\}\}|\s*else\s*~?\}\})/y,
  openInverse: /\{\{~?\^/y,
  chain: /\{\{~?\s*else\b/y,
  longComment: /\{\{~?!--/y,
  comment: /\{\{~?![^]*?\}\}/y,
  expression: /\{\{~?[{&*]?/y,
} as const
type Tag = keyof typeof tags
const tagOrder = Object.keys(tags) as ReadonlyArray<Tag>

const commentEnd = /--~?\}\}/g
const nextAfterEscape = /\\{0,2}\{\{/g
const tagEnd = /\}?~?\}\}/y
const term = /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|\[(?:\\\]|[^\]])*\]|[^\s"'[(){}~=|./]+/y

/** What can't go on inside a tag: a tag in a tag, a quote or bracket that nobody closes. */
const stops = new Set(["{", '"', "'", "["])

interface Scan {
  readonly source: string
  at: number
  expressions: number
  terms: number
  parentheses: number
  depth: number
  deepest: number
  /** How much deeper each open block made it. */
  readonly blocks: Array<number>
}

const matchAt = (pattern: RegExp, source: string, at: number): number | null => {
  pattern.lastIndex = at
  return pattern.test(source) ? pattern.lastIndex : null
}

const deeper = (scan: Scan, by: "block" | "chain"): void => {
  if (by === "block") scan.blocks.push(1)
  else scan.blocks[scan.blocks.length - 1] = (scan.blocks.at(-1) ?? 0) + 1
  scan.depth += 1
  scan.deepest = Math.max(scan.deepest, scan.depth)
}

/** Walks the inside of a tag to its end; false where the parser would stop. */
const scanInside = (scan: Scan): boolean => {
  let open = 0
  while (scan.at < scan.source.length && within(scan)) {
    const end = matchAt(tagEnd, scan.source, scan.at)
    if (end !== null) {
      scan.at = end
      return true
    }
    const next = matchAt(term, scan.source, scan.at)
    if (next !== null) {
      scan.terms += 1
      scan.at = next
      continue
    }
    const char = scan.source[scan.at]
    if (char === undefined || stops.has(char)) return false
    if (char === "(") {
      scan.expressions += 1
      open += 1
      scan.parentheses = Math.max(scan.parentheses, open)
    }
    if (char === ")") open -= 1
    scan.at += 1
  }
  return false
}

const scanTag = (scan: Scan): boolean => {
  for (const tag of tagOrder) {
    const next = matchAt(tags[tag], scan.source, scan.at)
    if (next === null) continue
    scan.at = next
    if (tag === "comment" || tag === "inverse") {
      scan.terms += 1
      return true
    }
    if (tag === "longComment") {
      scan.terms += 1
      commentEnd.lastIndex = next - 2
      if (!commentEnd.test(scan.source)) return false
      scan.at = commentEnd.lastIndex
      return true
    }
    if (tag === "close") scan.depth -= scan.blocks.pop() ?? 0
    else scan.expressions += 1
    if (tag === "open" || tag === "openInverse") deeper(scan, "block")
    if (tag === "chain") deeper(scan, "chain")
    return scanInside(scan)
  }
  return false
}

/** The start of the next tag, past text and escaped braces; -1 when there is none. */
const nextTag = (scan: Scan): number => {
  while (within(scan)) {
    const start = scan.at
    const found = scan.source.indexOf("{{", start)
    if (found < 0) return -1
    const text = scan.source.slice(Math.max(start, found - 2), found)
    if (!text.endsWith("\\") || text === "\\\\") return found
    scan.terms += 1
    nextAfterEscape.lastIndex = found + 2
    const next = nextAfterEscape.exec(scan.source)
    if (next === null) return -1
    scan.at = next.index
  }
  return -1
}

const within = (scan: Scan): boolean =>
  scan.expressions <= sourceLimits.expressions &&
  scan.terms <= sourceLimits.terms &&
  Math.max(scan.deepest, scan.parentheses) <= sourceLimits.depth

const excess = (scan: Scan): string => {
  if (scan.expressions > sourceLimits.expressions)
    return `has more than ${sourceLimits.expressions} expressions`
  if (scan.terms > sourceLimits.terms) return `has more than ${sourceLimits.terms} names and literals`
  return `is nested deeper than ${sourceLimits.depth} levels`
}

export const lineOf = (source: string, at: number): number => {
  let line = 1
  for (let next = source.indexOf("\n"); next >= 0 && next < at; next = source.indexOf("\n", next + 1)) {
    line += 1
  }
  return line
}

/**
 * Counts what a source holds without parsing it, in one pass that follows the parser's own tokens, and
 * refuses one that holds too much. It stops where the parser would stop with a syntax error.
 */
export const scanSource = (source: string, file: string): Either.Either<SourceCounts, Problem> => {
  const scan: Scan = {
    source,
    at: 0,
    expressions: 0,
    terms: 0,
    parentheses: 0,
    depth: 0,
    deepest: 0,
    blocks: [],
  }
  for (let at = nextTag(scan); at >= 0; at = nextTag(scan)) {
    scan.at = at
    if (!scanTag(scan)) break
  }
  if (!within(scan)) {
    return Either.left(problem("limit_exceeded", file, lineOf(source, scan.at), excess(scan)))
  }
  const depth = Math.max(scan.deepest, scan.parentheses)
  return Either.right({ expressions: scan.expressions, terms: scan.terms, depth })
}
