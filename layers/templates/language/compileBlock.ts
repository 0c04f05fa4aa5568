import type { Json } from "../../../src/domain/Json.ts"
import { compileExpression } from "./compileExpression.ts"
import { descend, fail, spend } from "./evaluation.ts"
import type { Evaluation, Expression, Place, Scope, Statement } from "./Program.ts"
import { placeOf, refuse, type Site } from "./site.ts"
import { isPath, literalValue, simpleName } from "./syntax.ts"
import { holds, isList, isObject } from "./values.ts"

type CompileBody = (program: hbs.AST.Program, site: Site) => Statement

interface Block {
  readonly value: Expression
  /** Whether the value counts as true. */
  readonly test: (value: Json) => boolean
  readonly body: Statement
  readonly otherwise: Statement
  readonly named: boolean
  readonly place: Place
}

type BlockName = "if" | "unless" | "each" | "with"

const isBlockName = (name: string | null): name is BlockName =>
  name === "if" || name === "unless" || name === "each" || name === "with"

const condition =
  (wanted: boolean) =>
  ({ value, test, body, otherwise, place }: Block): Statement =>
  (scope, run) => {
    const branch = test(value(scope, run)) === wanted ? body : otherwise
    if (run.failure === null) descend(run, place, () => branch(scope, run))
  }

/** The scope inside a block that looks its names up in a value of its own. */
const inside = (block: Block, scope: Scope, value: Json, names: ReadonlyArray<Json>): Scope => ({
  ...scope,
  frame: { value, outer: scope.frame },
  locals: block.named ? { values: names, outer: scope.locals } : scope.locals,
})

const withBlock =
  (block: Block): Statement =>
  (scope, run) => {
    const value = block.value(scope, run)
    if (run.failure !== null) return
    descend(run, block.place, () => {
      if (block.test(value)) block.body(inside(block, scope, value, [value]), run)
      else block.otherwise(scope, run)
    })
  }

type Items = ReadonlyArray<readonly [key: string | number, item: Json]>

/** What an `each` goes through; null when it is a single value. */
const itemsOf = (value: Json): Items | null => {
  if (isList(value)) return value.map((item, index) => [index, item])
  if (isObject(value)) return Object.entries(value)
  return value === null || value === "" || value === false ? [] : null
}

const needsList = "{{#each}} needs a list or an object, not a single value"

const turns = (block: Block, scope: Scope, items: Items, run: Evaluation): void => {
  for (const [index, [key, item]] of items.entries()) {
    if (!spend(run, block.place, 1)) return
    const loop = { index, key, first: index === 0, last: index === items.length - 1, outer: scope.loop }
    block.body({ ...inside(block, scope, item, [item, key]), loop }, run)
  }
}

const eachBlock =
  (block: Block): Statement =>
  (scope, run) => {
    const items = itemsOf(block.value(scope, run))
    if (run.failure !== null) return
    if (items === null) {
      fail(run, block.place, needsList)
      return
    }
    descend(run, block.place, () =>
      items.length > 0 ? turns(block, scope, items, run) : block.otherwise(scope, run),
    )
  }

const blocks: Readonly<Record<BlockName, (block: Block) => Statement>> = {
  if: condition(true),
  unless: condition(false),
  each: eachBlock,
  with: withBlock,
}

/** `{{#if @index}}` means "not the first", as ever; a number of the variables counts as its text. */
const testOf = (param: hbs.AST.Expression): Block["test"] =>
  isPath(param) && param.data && param.parts[0] !== "root" ? (value) => value !== 0 && holds(value) : holds

const innerSite = (name: BlockName, names: ReadonlyArray<string>, site: Site): Site =>
  name === "if" || name === "unless"
    ? site
    : {
        ...site,
        frames: ["value", ...site.frames],
        loops: name === "each" ? site.loops + 1 : site.loops,
        locals: names.length > 0 ? [names, ...site.locals] : site.locals,
      }

const compileKnown = (
  node: hbs.AST.BlockStatement,
  name: BlockName,
  site: Site,
  compileBody: CompileBody,
): Statement | null => {
  const [param] = node.params
  const hash: hbs.AST.Hash | undefined = node.hash
  if (param === undefined || node.params.length > 1 || hash !== undefined) {
    refuse(site, node, "helper_misused", `{{#${name}}} takes one value and nothing else`)
    return null
  }
  const written = literalValue(param)
  if (name === "each" && written !== undefined && itemsOf(written) === null)
    refuse(site, node, "helper_misused", needsList)
  const program: hbs.AST.Program | undefined = node.program
  const inverse: hbs.AST.Program | undefined = node.inverse
  const names: ReadonlyArray<string> = program?.blockParams ?? []
  if (names.length > 2 || (names.length > 0 && (name === "if" || name === "unless"))) {
    refuse(site, node, "helper_misused", `{{#${name}}} has nothing to give the names ${names.join(", ")} to`)
  }
  const body = (part: hbs.AST.Program | undefined, at: Site): Statement =>
    part === undefined ? () => undefined : compileBody(part, at)
  return blocks[name]({
    value: compileExpression(param, site, name === "each"),
    test: testOf(param),
    body: body(program, innerSite(name, names, site)),
    otherwise: body(inverse, site),
    named: names.length > 0,
    place: placeOf(site, node),
  })
}

/** `{{#if}}`, `{{#unless}}`, `{{#each}}` and `{{#with}}`: there are no other blocks. */
export const compileBlock = (
  node: hbs.AST.BlockStatement,
  site: Site,
  compileBody: CompileBody,
): Statement | null => {
  const name = simpleName(node.path)
  if (isBlockName(name)) return compileKnown(node, name, site, compileBody)
  const advice = "the blocks are if, unless, each and with"
  refuse(site, node, "unknown_helper", `there is no block {{#${node.path.original}}}; ${advice}`)
  return null
}
