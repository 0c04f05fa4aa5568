import type { Json } from "../../../src/domain/Json.ts"
import { fail } from "./evaluation.ts"
import type { Evaluation, Expression, Frame, Locals, Loop, Place, Scope } from "./Program.ts"
import { note, placeOf, refuse, type Site } from "./site.ts"
import { member } from "./values.ts"

const nothing: Expression = () => ""

type Start = (scope: Scope, run: Evaluation) => Json

const frameAt = (frame: Frame, depth: number): Frame | null => {
  let found: Frame | null = frame
  for (let left = depth; left > 0 && found !== null; left -= 1) found = found.outer
  return found
}

const loopAt = (loop: Loop | null, depth: number): Loop | null => {
  let found = loop
  for (let left = depth; left > 0 && found !== null; left -= 1) found = found.outer
  return found
}

const localsAt = (locals: Locals | null, depth: number): Locals | null => {
  let found = locals
  for (let left = depth; left > 0 && found !== null; left -= 1) found = found.outer
  return found
}

/** Takes members out of a value, one after the other; a missing one fails the evaluation. */
const members = (start: Start, parts: ReadonlyArray<string>, original: string, place: Place): Expression => {
  if (parts.length === 0) return start
  return (scope, run) => {
    let value = start(scope, run)
    for (const part of parts) {
      if (run.failure !== null) return ""
      const next = member(value, part)
      if (next === undefined) return fail(run, place, `\`${original}\` is missing: there is no \`${part}\``)
      value = next
    }
    return value
  }
}

const loopValues: Readonly<Record<string, ((loop: Loop) => Json) | undefined>> = {
  index: (loop) => loop.index,
  key: (loop) => loop.key,
  first: (loop) => loop.first,
  last: (loop) => loop.last,
}

const compileData = (path: hbs.AST.PathExpression, site: Site, asList: boolean): Expression => {
  const [name = "", ...rest] = path.parts
  const place = placeOf(site, path)
  if (name === "root") {
    note(site, path, rest, { root: true, asList })
    return members((scope) => scope.root, rest, path.original, place)
  }
  const read = Object.hasOwn(loopValues, name) ? loopValues[name] : undefined
  if (read === undefined || rest.length > 0) {
    refuse(
      site,
      path,
      "variable_misused",
      `\`${path.original}\` is not one of @index, @key, @first, @last, @root`,
    )
    return nothing
  }
  if (path.depth >= site.loops && !site.partial) {
    refuse(site, path, "variable_misused", `\`${path.original}\` has a value inside {{#each}} only`)
    return nothing
  }
  return (scope, run) => {
    const loop = loopAt(scope.loop, path.depth)
    return loop === null
      ? fail(run, place, `\`${path.original}\` is missing: the partial is not used inside {{#each}}`)
      : read(loop)
  }
}

const compileLocal = (path: hbs.AST.PathExpression, site: Site, depth: number, index: number): Expression => {
  const start: Start = (scope) => localsAt(scope.locals, depth)?.values[index] ?? ""
  return members(start, path.parts.slice(1), path.original, placeOf(site, path))
}

const compileContext = (path: hbs.AST.PathExpression, site: Site, asList: boolean): Expression => {
  const kind = site.frames[path.depth]
  if (kind === undefined) {
    refuse(
      site,
      path,
      "variable_misused",
      `\`${path.original}\` leads out of the ${site.partial ? "partial" : "template"}`,
    )
    return nothing
  }
  if (kind === "variables") note(site, path, path.parts, { root: false, asList })
  const start: Start = (scope) => frameAt(scope.frame, path.depth)?.value ?? ""
  return members(start, path.parts, path.original, placeOf(site, path))
}

/** A name, and what it means at its place. */
export const compilePath = (path: hbs.AST.PathExpression, site: Site, asList = false): Expression => {
  if (path.data) return compileData(path, site, asList)
  const scoped = path.depth > 0 || /^\.|^this\b/.test(path.original)
  const [head = ""] = path.parts
  const depth = scoped ? -1 : site.locals.findIndex((names) => names.includes(head))
  if (depth >= 0) return compileLocal(path, site, depth, site.locals[depth]?.indexOf(head) ?? 0)
  return compileContext(path, site, asList)
}

/** Whether a path is all of what names are looked up in at its place: `this`, `.`, `..`. */
export const seenBy = (path: hbs.AST.PathExpression, site: Site): "variables" | "value" =>
  !path.data && path.parts.length === 0 ? (site.frames[path.depth] ?? "value") : "value"
