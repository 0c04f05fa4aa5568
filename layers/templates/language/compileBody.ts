import { compileBlock } from "./compileBlock.ts"
import { compilePrinted } from "./compileExpression.ts"
import { compilePartial } from "./compilePartial.ts"
import { fail, spend, write } from "./evaluation.ts"
import type { Statement } from "./Program.ts"
import { placeOf, refuse, type Site } from "./site.ts"
import { isBlock, isComment, isPartial, isPath, isPrinted, isText } from "./syntax.ts"
import { asText, isList } from "./values.ts"

const compilePrint = (node: hbs.AST.MustacheStatement, site: Site): Statement => {
  const expression = compilePrinted(node, site)
  const place = placeOf(site, node)
  const original = isPath(node.path) ? node.path.original : ""
  return (scope, run) => {
    const value = expression(scope, run)
    const text = asText(value)
    if (text !== null) write(run, place, text)
    else {
      const kind = isList(value) ? "a list" : "an object"
      fail(
        run,
        place,
        `\`${original}\` is ${kind}: go through it with {{#each}}, or print it with join or json`,
      )
    }
  }
}

const compileText = (node: hbs.AST.ContentStatement, site: Site): Statement | null => {
  const place = placeOf(site, node)
  return node.value === "" ? null : (_, run) => write(run, place, node.value)
}

const unsupported: Readonly<Record<string, string | undefined>> = {
  Decorator: "decorators {{* …}} are not supported",
  DecoratorBlock: "inline partials {{#*inline}} are not supported: put it into _partials/",
  PartialBlockStatement: "partials with a block {{#> …}} are not supported: give values by name",
}

const compileStatement = (node: hbs.AST.Statement, site: Site): Statement | null => {
  if (isText(node)) return compileText(node, site)
  if (isPrinted(node)) return compilePrint(node, site)
  if (isBlock(node)) return compileBlock(node, site, compileBody)
  if (isPartial(node)) return compilePartial(node, site)
  if (!isComment(node)) {
    refuse(site, node, "unsupported_syntax", unsupported[node.type] ?? `${node.type} is not supported`)
  }
  return null
}

/** What stands between a block's tags, or the whole source: one statement after the other. */
export const compileBody = (program: hbs.AST.Program, site: Site): Statement => {
  const statements = program.body
    .map((node) => compileStatement(node, site))
    .filter((statement) => statement !== null)
  const [first] = program.body
  if (first === undefined) return () => undefined
  const place = placeOf(site, first)
  return (scope, run) => {
    if (!spend(run, place, statements.length)) return
    for (const statement of statements) {
      if (run.failure !== null) return
      statement(scope, run)
    }
  }
}
