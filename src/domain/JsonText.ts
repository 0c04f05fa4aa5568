import { Either } from "effect"
import type { Json, JsonObject } from "./Json.ts"
import { jsonFaultPlace } from "./jsonFault.ts"

/**
 * Changes to a JSON text that leave every other byte of it alone: numbers that don't fit a double, the
 * order of keys, layout, and members that this service doesn't know.
 */

/** A record nested deeper than this counts as unreadable. */
export const maxRecordDepth = 256

interface Span {
  readonly start: number
  readonly end: number
}

interface Member {
  readonly key: string
  readonly start: number
  readonly value: Span
}

interface Edit extends Span {
  readonly text: string
}

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at + 1
}

const opens = (char: string | undefined): boolean => char === "{" || char === "["
const closes = (char: string | undefined): boolean => char === "}" || char === "]"

const exceedsDepth = (text: string, limit: number): boolean => {
  let depth = 0
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') {
      at = endOfString(text, at)
      continue
    }
    if (opens(text[at]) && ++depth > limit) return true
    if (closes(text[at])) depth -= 1
    at += 1
  }
  return false
}

/** A JSON object, or why the text isn't one. */
export const parseJsonObject = (text: string): Either.Either<JsonObject, string> => {
  if (text.trim() === "") return Either.left("is empty")
  if (exceedsDepth(text, maxRecordDepth)) {
    return Either.left(`is nested deeper than ${maxRecordDepth} levels`)
  }
  const parsed: Either.Either<Json, string> = Either.try({
    try: () => JSON.parse(text) as Json,
    catch: () => `is not JSON: ${jsonFaultPlace(text)}`,
  })
  return Either.flatMap(parsed, (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Either.right(value as JsonObject)
      : Either.left("is not a JSON object"),
  )
}

const skip = (text: string, at: number, what: RegExp): number => {
  let next = at
  while (next < text.length && what.test(text[next]!)) next += 1
  return next
}

const endOfValue = (text: string, start: number): number => {
  if (text[start] === '"') return endOfString(text, start)
  if (!opens(text[start])) return skip(text, start, /[^\s,\]}]/)
  let depth = 0
  let at = start
  while (at < text.length) {
    if (text[at] === '"') {
      at = endOfString(text, at)
      continue
    }
    if (opens(text[at])) depth += 1
    if (closes(text[at]) && --depth === 0) return at + 1
    at += 1
  }
  return at
}

/** The elements of the array that starts at `start`. */
const elementsAt = (text: string, start: number): ReadonlyArray<Span> => {
  const elements: Array<Span> = []
  let at = skip(text, start + 1, /[\s,]/)
  while (at < text.length && !closes(text[at])) {
    const end = endOfValue(text, at)
    elements.push({ start: at, end })
    at = skip(text, end, /[\s,]/)
  }
  return elements
}

/** The members of the object that starts at `start`. */
const membersAt = (text: string, start: number): ReadonlyArray<Member> => {
  const members: Array<Member> = []
  let at = skip(text, start + 1, /[\s,]/)
  while (at < text.length && !closes(text[at])) {
    const endOfKey = endOfString(text, at)
    const valueStart = skip(text, endOfKey, /[\s:]/)
    const value = { start: valueStart, end: endOfValue(text, valueStart) }
    members.push({ key: JSON.parse(text.slice(at, endOfKey)) as string, start: at, value })
    at = skip(text, value.end, /[\s,]/)
  }
  return members
}

/** The member that readers see: of two with the same name that is the last. */
const memberNamed = (members: ReadonlyArray<Member>, key: string): Member | undefined =>
  members.filter((member) => member.key === key).at(-1)

const applyEdits = (text: string, edits: ReadonlyArray<Edit>): string => {
  const parts: Array<string> = []
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  return parts.join("") + text.slice(at)
}

/** The line break and indentation before a position; null when something else stands on its line. */
const layoutBefore = (text: string, at: number): string | null =>
  /\r?\n[ \t]*$/.exec(text.slice(Math.max(0, at - 256), at))?.[0] ?? null

/** Written the way its surroundings are: on one line, or indented below `layout`. */
const write = (value: Json, layout: string | null, unit: string): string =>
  layout === null ? JSON.stringify(value) : JSON.stringify(value, null, unit).replaceAll("\n", layout)

const rootOf = (text: string): number => text.indexOf("{")

const unitOf = (text: string, members: ReadonlyArray<Member>): string =>
  layoutBefore(text, members[0]?.start ?? 0)?.replace(/^\r?\n/, "") || "  "

/** Sets members of a valid JSON object; those that aren't there are added at its end. */
export const setMembers = (text: string, values: JsonObject): string => {
  const members = membersAt(text, rootOf(text))
  const layout = layoutBefore(text, members[0]?.start ?? 0)
  const unit = unitOf(text, members)
  const edits: Array<Edit> = []
  const added: Array<string> = []
  for (const [key, value] of Object.entries(values)) {
    const member = memberNamed(members, key)
    const written = write(value, layout, unit)
    if (member === undefined) added.push(`${layout ?? ""}${JSON.stringify(key)}: ${written}`)
    else edits.push({ ...member.value, text: written })
  }
  const last = members.at(-1)?.value.end
  if (added.length > 0) {
    const at = last ?? rootOf(text) + 1
    edits.push({ start: at, end: at, text: (last === undefined ? "" : ",") + added.join(",") })
  }
  return applyEdits(text, edits)
}

/** Adds to the end of a member that is an array; one that is absent, null or empty is set instead. */
export const appendTo = (text: string, key: string, values: ReadonlyArray<Json>): string => {
  if (values.length === 0) return text
  const members = membersAt(text, rootOf(text))
  const member = memberNamed(members, key)
  const last = member === undefined ? undefined : elementsOf(text, member).at(-1)
  if (last === undefined) return setMembers(text, { [key]: values })
  const layout = layoutBefore(text, last.start)
  const written = values.map((value) => `,${layout ?? " "}${write(value, layout, unitOf(text, members))}`)
  return applyEdits(text, [{ start: last.end, end: last.end, text: written.join("") }])
}

const elementsOf = (text: string, member: Member): ReadonlyArray<Span> =>
  text[member.value.start] === "[" ? elementsAt(text, member.value.start) : []

/** Sets one text member in elements, which are objects, of a member that is an array. */
export const setInElements = (
  text: string,
  key: string,
  name: string,
  values: ReadonlyMap<number, string>,
): string => {
  const member = memberNamed(membersAt(text, rootOf(text)), key)
  if (member === undefined) return text
  const edits: Array<Edit> = []
  for (const [index, element] of elementsOf(text, member).entries()) {
    const value = values.get(index)
    if (value === undefined) continue
    const members = membersAt(text, element.start)
    const existing = memberNamed(members, name)
    const first = members[0]
    const at = element.start + 1
    if (existing !== undefined) edits.push({ ...existing.value, text: JSON.stringify(value) })
    else {
      const gap = first === undefined ? "" : text.slice(at, first.start)
      const comma = first === undefined ? "" : ","
      edits.push({
        start: at,
        end: at,
        text: `${gap}${JSON.stringify(name)}: ${JSON.stringify(value)}${comma}`,
      })
    }
  }
  return applyEdits(text, edits)
}
