import { resolve } from "node:path"
import { Effect, Either, Option } from "effect"
import { ProjectCreateRequest, RunCreateRequest, type SessionKind } from "../../src/domain/CreateRequest.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { toSnake } from "../../src/domain/wire.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { readYaml } from "../yaml/readYaml.ts"
import { CommandFailed, UsageError } from "./CommandFailed.ts"
import { anyOf } from "./words.ts"
import { diskSentence } from "./sentences.ts"

const maxBytes = 1024 * 1024

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A request in a file of YAML, by the names that it has over HTTP. */
export const readRequest = Effect.fnUntraced(function* (from: Option.Option<string>) {
  if (Option.isNone(from)) return {}
  const disk = yield* Disk
  const bytes = yield* disk.realPath(resolve(from.value)).pipe(
    Effect.flatMap((path) => disk.readFile(path, { maxBytes })),
    Effect.mapError((error) => new UsageError({ message: `--from: ${diskSentence(error)}` })),
  )
  const read = readYaml(new TextDecoder().decode(bytes))
  if (Either.isLeft(read)) {
    const lines = read.left.map(({ line, message }) => `${from.value}:${line} ${message}`)
    return yield* new UsageError({ message: lines.join("\n") })
  }
  const { value } = read.right
  return isObject(value)
    ? value
    : yield* new UsageError({ message: `${from.value} must have a request's fields` })
})

const groups = ["lims_project", "readme_extra", "variables"]

const namesIn = (fields: object): ReadonlySet<string> => new Set(Object.keys(fields).map(toSnake))

/** The request's own fields; all other names are variables of the template. */
const fieldsOf: Readonly<Record<SessionKind, ReadonlySet<string>>> = {
  project: namesIn(ProjectCreateRequest.fields),
  run: namesIn(RunCreateRequest.fields),
}

const nested = /^(lims_project|readme_extra|variables)\.(\w+)$/

/** Refuses what makes sense in a request of the other kind only, whichever way it was given. */
export const refuseOtherKind = (
  kind: SessionKind,
  said: JsonObject,
  given: Readonly<Record<string, string>>,
): Effect.Effect<void, CommandFailed> => {
  const other = kind === "project" ? "run" : "project"
  const command = `\`exlab-wizard create ${other}\``
  if (said["kind"] === other) {
    return new CommandFailed({ message: `kind says that it is the request of a ${other}: call ${command}` })
  }
  const names = [...Object.keys(said).map(toSnake), ...Object.keys(given)]
  const stray = [...new Set(names)].filter((name) => !fieldsOf[kind].has(name) && fieldsOf[other].has(name))
  if (stray.length === 0) return Effect.void
  const message = `a ${kind} has no ${anyOf(stray)}, which a ${other} has: leave that out, or call ${command}`
  return new CommandFailed({ message })
}

/** Fields that have fields of their own are given by these. */
export const refuseWholeGroups = (
  given: Readonly<Record<string, string>>,
): Effect.Effect<void, UsageError> => {
  const group = groups.find((name) => Object.hasOwn(given, name))
  return group === undefined
    ? Effect.void
    : new UsageError({ message: `--set ${group}: it is given by its parts, with --set ${group}.NAME=VALUE` })
}

/** Puts `--set` over what the file says. Variables are read by `read`, once the template is known. */
export const withPairs = (
  kind: SessionKind,
  body: JsonObject,
  pairs: Readonly<Record<string, string>>,
  read: (name: string, text: string) => Json,
): JsonObject =>
  Object.entries(pairs).reduce<JsonObject>((so, [name, text]) => {
    if (fieldsOf[kind].has(name)) return { ...so, [name]: text }
    const [, group, key = ""] = nested.exec(name) ?? []
    const [into, at] = group === undefined ? ["variables", name] : [group, key]
    const value = into === "variables" ? read(at, text) : text
    const before = so[into]
    return { ...so, [into]: { ...(isObject(before) ? before : {}), [at]: value } }
  }, body)
