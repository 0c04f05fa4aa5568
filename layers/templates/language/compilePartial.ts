import type { Json } from "../../../src/domain/Json.ts"
import { compileExpression } from "./compileExpression.ts"
import { seenBy } from "./compilePath.ts"
import { capture, descend, fail, write } from "./evaluation.ts"
import type { Evaluation, Expression, PartialCall, Place, Scope, Statement } from "./Program.ts"
import { placeOf, refuse, type Site } from "./site.ts"
import { isCall, isPath } from "./syntax.ts"
import { isObject } from "./values.ts"

interface Call {
  readonly name: string
  readonly context: Expression
  readonly named: ReadonlyArray<readonly [string, Expression]>
  readonly indent: string
  readonly place: Place
}

/** Every line but an empty last one, as Handlebars indents a partial that stands alone on its line. */
const indented = (text: string, indent: string): string =>
  text
    .split("\n")
    .map((line, index, lines) => (line === "" && index === lines.length - 1 ? line : indent + line))
    .join("\n")

const contextOf = (call: Call, scope: Scope, run: Evaluation): Json => {
  const value = call.context(scope, run)
  if (call.named.length === 0) return value
  const named = call.named.map(([key, expression]): readonly [string, Json] => [key, expression(scope, run)])
  return Object.fromEntries([...(isObject(value) ? Object.entries(value) : []), ...named])
}

const runPartial = (call: Call, scope: Scope, run: Evaluation): void => {
  const partial = run.partials.get(call.name)
  if (partial === undefined) {
    fail(run, call.place, `there is no partial \`${call.name}\``)
    return
  }
  const value = contextOf(call, scope, run)
  if (run.failure !== null) return
  const inner: Scope = { ...scope, frame: { value, outer: null }, locals: null }
  descend(run, call.place, () => {
    if (call.indent === "") partial.body(inner, run)
    else
      write(
        run,
        call.place,
        indented(
          capture(run, () => partial.body(inner, run)),
          call.indent,
        ),
      )
  })
}

const seesOf = (context: hbs.AST.Expression | undefined, site: Site): PartialCall["sees"] => {
  if (context === undefined) return site.frames[0] ?? "value"
  return isPath(context) ? seenBy(context, site) : "value"
}

/** `{{> name}}`, `{{> name value}}`, `{{> name key=value}}`: a file of `_partials/`, without `.hbs`. */
export const compilePartial = (node: hbs.AST.PartialStatement, site: Site): Statement | null => {
  if (isCall(node.name)) {
    refuse(site, node, "unsupported_syntax", "a partial is called by its name, not by an expression")
    return null
  }
  if (node.params.length > 1) {
    refuse(site, node, "helper_misused", "a partial takes one value, and others by name")
    return null
  }
  const [context] = node.params
  const hash: hbs.AST.Hash | undefined = node.hash
  const pairs = hash?.pairs ?? []
  const name = String(node.name.original)
  const place = placeOf(site, node)
  const named = pairs.map(({ key }) => key)
  site.found.partials.push({ name, line: place.line, sees: seesOf(context, site), named })
  const call: Call = {
    name,
    context: context === undefined ? (scope) => scope.frame.value : compileExpression(context, site),
    named: pairs.map(({ key, value }) => [key, compileExpression(value, site)]),
    indent: node.indent,
    place,
  }
  return (scope, run) => runPartial(call, scope, run)
}
