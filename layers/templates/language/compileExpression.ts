import { DateTime, Either } from "effect"
import type { Json } from "../../../src/domain/Json.ts"
import { compilePath } from "./compilePath.ts"
import { evaluationLimits, fail, spend } from "./evaluation.ts"
import type { Helper } from "./helpers/Helper.ts"
import { helperNames, helpers } from "./helpers/registry.ts"
import type { Expression } from "./Program.ts"
import { placeOf, refuse, type Site } from "./site.ts"
import { isCall, isPath, literalValue, simpleName } from "./syntax.ts"

const nothing: Expression = () => ""

const blockNames = new Set(["if", "unless", "each", "with"])

const findHelper = (path: hbs.AST.PathExpression, site: Site): Helper | null => {
  const name = simpleName(path)
  const helper = name === null ? undefined : helpers.get(name)
  if (helper !== undefined) return helper
  const reason =
    name !== null && blockNames.has(name)
      ? `\`${name}\` opens a block: {{#${name} …}}…{{/${name}}}`
      : `there is no helper \`${path.original}\`; the helpers are ${helperNames}`
  refuse(site, path, "unknown_helper", reason)
  return null
}

const arityProblem = (
  name: string,
  [least, most]: readonly [number, number],
  given: number,
): string | null => {
  if (given >= least && given <= most) return null
  const wanted = least === most ? String(least) : `${least} to ${most}`
  return `\`${name}\` takes ${wanted} value${wanted === "1" ? "" : "s"}, not ${given}`
}

const utc = DateTime.zoneMakeOffset(0)

/** What is wrong with the values that are written out, whatever the first one turns out to be. */
const literalProblem = (
  name: string,
  helper: Helper,
  [first, ...others]: ReadonlyArray<hbs.AST.Expression>,
): string | null => {
  const written = others.map(literalValue).filter((value) => value !== undefined)
  if (first === undefined || written.length < others.length) return null
  const given = [literalValue(first) ?? "", ...written]
  return Either.match(helper.run(given, utc), {
    onLeft: (reason) => `\`${name}\` ${reason}`,
    onRight: () => null,
  })
}

const characters = (value: Json): number => (typeof value === "string" ? value.length : 0)

const compileCall = (
  path: hbs.AST.PathExpression,
  params: ReadonlyArray<hbs.AST.Expression>,
  hash: hbs.AST.Hash | undefined,
  site: Site,
): Expression => {
  const values = params.map((param) => compileExpression(param, site))
  if (hash !== undefined) refuse(site, hash, "helper_misused", `\`${path.original}\` takes no named values`)
  const helper = findHelper(path, site)
  if (helper === null) return nothing
  const arity = arityProblem(path.original, helper.takes, params.length)
  const misuse = arity ?? literalProblem(path.original, helper, params)
  if (misuse !== null) refuse(site, path, "helper_misused", misuse)
  const place = placeOf(site, path)
  return (scope, run) => {
    const given = values.map((value) => value(scope, run))
    const size = given.reduce((sum: number, value) => sum + characters(value), 0)
    if (!spend(run, place, 1 + size / 64 + (helper.cost?.(given) ?? 0))) return ""
    const result = helper.run(given, run.zone)
    if (Either.isLeft(result)) return fail(run, place, `\`${path.original}\` ${result.left}`)
    const made = characters(result.right)
    if (made > evaluationLimits.value) return fail(run, place, `\`${path.original}\` makes too long a text`)
    return spend(run, place, made / 64) ? result.right : ""
  }
}

/** A value: a literal, a name, or what a helper makes of values. */
export const compileExpression = (node: hbs.AST.Expression, site: Site, asList = false): Expression => {
  if (isPath(node)) return compilePath(node, site, asList)
  if (isCall(node)) {
    // The parser reads `("a" b)` as a call, too: of a literal.
    const path: hbs.AST.Node = node.path
    if (isPath(path)) return compileCall(path, node.params, node.hash, site)
    refuse(site, node, "unknown_helper", "a literal is not a helper")
    return nothing
  }
  const literal = literalValue(node)
  if (literal === undefined) refuse(site, node, "unsupported_syntax", "undefined is not a value; null is")
  return () => literal ?? null
}

/** What stands between braces: a value, or a helper with its values. A name alone is always a variable. */
export const compilePrinted = (node: hbs.AST.MustacheStatement, site: Site): Expression => {
  const hash: hbs.AST.Hash | undefined = node.hash
  if (!isPath(node.path)) {
    refuse(site, node, "unsupported_syntax", "a literal alone: write the text without braces")
    return nothing
  }
  return node.params.length === 0 && hash === undefined
    ? compilePath(node.path, site)
    : compileCall(node.path, node.params, hash, site)
}
