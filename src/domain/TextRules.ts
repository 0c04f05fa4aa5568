/**
 * The rules for what a template should have filled in and didn't. They hold for contents and for names
 * alike. The work is linear in the length of the text, whatever it says.
 */

export type TextRule = "unresolved_placeholder_token" | "leftover_jinja_marker"

export interface TextProblem {
  readonly rule: TextRule
  /** What was found, shortened when it is long. */
  readonly token: string
  readonly detail: string
  /** Where it begins, in UTF-16 units. */
  readonly offset: number
  /** 1-based. */
  readonly line: number
}

/** More occurrences of one rule in one text are not listed; the last one listed says so. */
export const maxProblemsPerRule = 100

/** What lies between `{{` and `}}` is no marker when it is longer than this. */
export const maxMarkerLength = 1000

const maxTokenLength = 200

interface Span {
  readonly start: number
  readonly end: number
}

const isLetter = (unit: number): boolean =>
  (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a) || unit === 0x5f

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39

/** Where the identifier that begins at `from` ends; `from` itself when there is none. */
const identifierEnd = (text: string, from: number): number => {
  if (!isLetter(text.charCodeAt(from))) return from
  let end = from + 1
  for (let unit = text.charCodeAt(end); isLetter(unit) || isDigit(unit); unit = text.charCodeAt(end)) end += 1
  return end
}

/** `<identifier>`, ASCII, nothing else between the brackets. */
const placeholders = function* (text: string): Generator<Span> {
  for (let start = text.indexOf("<"); start !== -1;) {
    const end = identifierEnd(text, start + 1)
    if (end > start + 1 && text[end] === ">") yield { start, end: end + 1 }
    start = text.indexOf("<", end)
  }
}

/** Finds the next place of `what` at or after a position; positions only grow, so nothing is read twice. */
const finder = (text: string, what: string): ((from: number) => number) => {
  let found = -1
  return (from) => {
    if (found < from) {
      const at = text.indexOf(what, from)
      found = at === -1 ? Infinity : at
    }
    return found
  }
}

/** Finds the next pair of brackets whose closing comes near enough; positions only grow here, too. */
const pairFinder = (text: string, opening: string, closing: string): ((from: number) => Span | null) => {
  const nextOpening = finder(text, opening)
  const nextClosing = finder(text, closing)
  return (from) => {
    for (let start = nextOpening(from); start !== Infinity;) {
      const end = nextClosing(start + opening.length)
      const nearest = end - maxMarkerLength - opening.length
      if (start >= nearest) return { start, end: end + closing.length }
      start = nextOpening(nearest)
    }
    return null
  }
}

/** `{{…}}` and `{%…%}`: from an opening to the closing that comes next, also over lines. */
const markers = function* (text: string): Generator<Span> {
  const nextExpression = pairFinder(text, "{{", "}}")
  const nextStatement = pairFinder(text, "{%", "%}")
  for (let from = 0; ;) {
    const expression = nextExpression(from)
    const statement = nextStatement(from)
    const next =
      expression !== null && expression.start < (statement?.start ?? Infinity) ? expression : statement
    if (next === null) return
    yield next
    from = next.end
  }
}

/** 1-based line numbers of positions that are asked for in ascending order. */
const lineCounter = (text: string): ((offset: number) => number) => {
  const nextFeed = finder(text, "\n")
  let line = 1
  let from = 0
  return (offset) => {
    for (let feed = nextFeed(from); feed < offset; feed = nextFeed(from)) {
      line += 1
      from = feed + 1
    }
    return line
  }
}

const shortened = (token: string): string =>
  token.length <= maxTokenLength
    ? token
    : `${token.slice(0, maxTokenLength).replace(/[\ud800-\udbff]$/, "")}…`

const problemsOf = (
  text: string,
  rule: TextRule,
  meaning: string,
  spans: Generator<Span>,
): ReadonlyArray<TextProblem> => {
  const lineOf = lineCounter(text)
  const problems: Array<TextProblem> = []
  for (const { start, end } of spans) {
    const last = problems.at(-1)
    if (last !== undefined && problems.length === maxProblemsPerRule) {
      problems[maxProblemsPerRule - 1] = { ...last, detail: `${last.detail}; there are more of them` }
      break
    }
    // One unit more than is shown tells a token that is shortened from one that isn't.
    const token = shortened(text.slice(start, Math.min(end, start + maxTokenLength + 1)))
    problems.push({ rule, token, detail: `${meaning} ${token}`, offset: start, line: lineOf(start) })
  }
  return problems
}

/** What is left over in a text: in the order of the text, rule by rule. */
export const textProblems = (text: string): ReadonlyArray<TextProblem> => [
  ...problemsOf(text, "unresolved_placeholder_token", "still holds the placeholder", placeholders(text)),
  ...problemsOf(text, "leftover_jinja_marker", "still holds the template marker", markers(text)),
]
