import { Either } from "effect"
import Handlebars from "handlebars"
import { type Problem, problem } from "../problems.ts"
import { lineOf, scanSource, sourceLimits } from "./scanSource.ts"

type Node = hbs.AST.Node

export const isPath = (node: Node): node is hbs.AST.PathExpression => node.type === "PathExpression"
export const isCall = (node: Node): node is hbs.AST.SubExpression => node.type === "SubExpression"
export const isText = (node: Node): node is hbs.AST.ContentStatement => node.type === "ContentStatement"
export const isComment = (node: Node): boolean => node.type === "CommentStatement"
export const isPrinted = (node: Node): node is hbs.AST.MustacheStatement => node.type === "MustacheStatement"
export const isBlock = (node: Node): node is hbs.AST.BlockStatement => node.type === "BlockStatement"
export const isPartial = (node: Node): node is hbs.AST.PartialStatement => node.type === "PartialStatement"

const isStringLiteral = (node: Node): node is hbs.AST.StringLiteral => node.type === "StringLiteral"
const isNumberLiteral = (node: Node): node is hbs.AST.NumberLiteral => node.type === "NumberLiteral"
const isBooleanLiteral = (node: Node): node is hbs.AST.BooleanLiteral => node.type === "BooleanLiteral"

/** The value that a literal stands for; undefined when the node isn't one. */
export const literalValue = (node: Node): string | number | boolean | null | undefined => {
  if (isStringLiteral(node) || isNumberLiteral(node) || isBooleanLiteral(node)) return node.value
  return node.type === "NullLiteral" ? null : undefined
}

/** `name`, and neither `this.name`, `../name`, `@name` nor `name.part`. */
export const simpleName = (path: hbs.AST.PathExpression): string | null =>
  !path.data && path.depth === 0 && path.parts.length === 1 && !/^\.|^this\b/.test(path.original)
    ? (path.parts[0] ?? null)
    : null

export const lineOfNode = (node: Node): number => node.loc.start.line

const tooLarge = (file: string): Problem =>
  problem("limit_exceeded", file, 0, `is larger than ${sourceLimits.bytes} bytes, too large to be rendered`)

const gotToken = /got '(\w+)'/

const reasonOf = (message: string, line: string): string => {
  if (line.includes("}}}")) return "a } directly after }} is read as }}}: put a space between them"
  const token = gotToken.exec(message)?.[1]
  if (token === "EOF") return "a block or an expression is never closed"
  if (token === "OPEN_ENDBLOCK") return "a closing {{/…}} has no opening {{#…}}"
  if (token !== undefined) return "an expression is not complete, or holds what doesn't belong there"
  const [first = ""] = message.split("\n")
  return first.replace(/ - \d+:\d+$/, "").replace(/^(?:Parse|Lexical) error on line \d+[:.]\s*/, "")
}

const syntaxError = (source: string, file: string, error: unknown): Problem => {
  const message = error instanceof Error ? error.message : String(error)
  const found = / on line (\d+)| - (\d+):\d+$/.exec(message.split("\n")[0] ?? "")
  const line = Number(found?.[1] ?? found?.[2] ?? 0)
  return problem("syntax", file, line, reasonOf(message, source.split("\n")[line - 1] ?? ""))
}

const rawBlock = (source: string, file: string): Problem | null => {
  const at = source.indexOf("{{{{")
  return at < 0
    ? null
    : problem("unsupported_syntax", file, lineOf(source, at), "raw blocks {{{{…}}}} are not supported")
}

export interface ParsedSource {
  readonly program: hbs.AST.Program
  readonly expressions: number
}

/** The parsed tree of a source that is small enough to be parsed. Handlebars' own parser makes it. */
export const parse = (source: string, file: string): Either.Either<ParsedSource, Problem> =>
  Either.gen(function* () {
    // A source has at least as many bytes as UTF-16 units.
    if (source.length > sourceLimits.bytes) return yield* Either.left(tooLarge(file))
    const raw = rawBlock(source, file)
    if (raw !== null) return yield* Either.left(raw)
    const { expressions } = yield* scanSource(source, file)
    const program = yield* Either.try({
      try: () => Handlebars.parse(source),
      catch: (error) => syntaxError(source, file, error),
    })
    return { program, expressions }
  })
