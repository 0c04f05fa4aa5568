import { resolve } from "node:path"
import { Effect, Either, Option } from "effect"
import type { SessionKind } from "../../src/domain/CreateRequest.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { readYaml } from "../yaml/readYaml.ts"
import { UsageError } from "./CommandFailed.ts"
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

/** The request's own fields; all other names are variables of the template. */
const fieldsOf: Readonly<Record<SessionKind, ReadonlySet<string>>> = {
  project: new Set(["equipment_id", "template_path", "label", "operator", "objective", "request_id"]),
  run: new Set([
    ...["equipment_id", "template_path", "label", "operator", "objective", "request_id"],
    ...["project_short_id", "run_kind", "run_date"],
  ]),
}

const nested = /^(lims_project|readme_extra)\.(\w+)$/

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
    const [into, at, value] = group === undefined ? ["variables", name, read(name, text)] : [group, key, text]
    const before = so[into]
    return { ...so, [into]: { ...(isObject(before) ? before : {}), [at]: value } }
  }, body)
