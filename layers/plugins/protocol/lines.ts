import { Data, Either, ParseResult, Schema } from "effect"
import { type Json, type JsonObject, TrustedJsonObject } from "../../../src/domain/Json.ts"
import { parseJsonObject } from "../../../src/domain/JsonText.ts"
import type { LogLevel } from "../../../src/ports/WizardLog.ts"
import { FileStatus, type Log, type WorkerMessage } from "./messages.ts"
import { type Question, toQuestion } from "./prompt.ts"
import { quoted, tidy } from "./texts.ts"

const maxMessage = 1024
const maxSentence = 2000
const maxErrors = 100

/** One line of a worker: something on the way, or its last. */
export type Line = Data.TaggedEnum<{
  Said: { readonly message: WorkerMessage }
  Result: { readonly errors: ReadonlyArray<string> }
  Failed: { readonly message: string }
  Asked: Question
}>
export const Line = Data.taggedEnum<Line>()

type Reading = Either.Either<Line, string>

/** Languages without a notion of absence write null. */
const optional = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(schema, { exact: true, nullable: true })

/** Looked at only as far as it counts: a line has room for many elements. */
const List = Schema.declare((value): value is ReadonlyArray<unknown> => Array.isArray(value))

const Count = Schema.Int.pipe(Schema.nonNegative())

const levels = new Map<string, LogLevel>([
  ["warn", "WARN"],
  ["warning", "WARN"],
  ["error", "ERROR"],
  ["critical", "ERROR"],
  ["fatal", "ERROR"],
])

const log = (level: LogLevel, message: string): Log => ({
  kind: "log",
  level,
  message: tidy(message, maxMessage),
})

/** Reads the lines of one kind: first their shape, then what they mean. */
const reader = <A, I>(schema: Schema.Schema<A, I>, toLine: (value: A) => Reading) => {
  const decode = Schema.decodeUnknownEither(schema)
  return (line: JsonObject): Reading =>
    decode(line).pipe(
      Either.mapLeft(({ issue }) => {
        const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
        return tidy(`${(first?.path ?? []).map(String).join(".")}: ${first?.message ?? "is wrong"}`, 200)
      }),
      Either.flatMap(toLine),
    )
}

const said = (message: WorkerMessage): Reading => Either.right(Line.Said({ message }))

const toComplaint = (error: unknown, index: number): Either.Either<string, string> =>
  typeof error === "string"
    ? Either.right(tidy(error, maxSentence))
    : Either.left(`errors.${index} is not a text`)

const readers = new Map<string, (line: JsonObject) => Reading>([
  [
    "progress",
    reader(Schema.Struct({ file: Schema.String, current: Count, total: Count }), (progress) =>
      said({ kind: "progress", ...progress, file: tidy(progress.file, maxMessage) }),
    ),
  ],
  [
    "file",
    reader(
      Schema.Struct({ path: Schema.String, status: FileStatus, detail: optional(Schema.String) }),
      ({ detail, path, status }) =>
        said({
          kind: "file",
          path: tidy(path, maxMessage),
          status,
          ...(detail === undefined ? {} : { detail: tidy(detail, maxMessage) }),
        }),
    ),
  ],
  [
    "log",
    reader(
      Schema.Struct({ level: Schema.String, message: Schema.String, context: optional(TrustedJsonObject) }),
      ({ context, level, message }) => {
        const known = levels.get(level.toLowerCase()) ?? "INFO"
        return said(log(known, context === undefined ? message : `${message} ${JSON.stringify(context)}`))
      },
    ),
  ],
  [
    "result",
    reader(Schema.Struct({ errors: optional(List) }), ({ errors = [] }) =>
      Either.map(Either.all(errors.slice(0, maxErrors).map(toComplaint)), (errors) =>
        Line.Result({ errors }),
      ),
    ),
  ],
  [
    "error",
    reader(Schema.Struct({ message: Schema.String }), ({ message }) =>
      Either.right(
        Line.Failed({
          message: message.trim() === "" ? "it failed and gave no reason" : tidy(message, maxSentence),
        }),
      ),
    ),
  ],
  [
    "input_required",
    reader(
      Schema.Struct({
        fields: List,
        reason: Schema.String,
        file: optional(Schema.String),
      }),
      (asked) => Either.map(toQuestion(asked), (question) => Line.Asked(question)),
    ),
  ],
])

/** Keys that some languages take for more than a key. */
const hasProtoKey = (value: Json): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value)
    ? value.some(hasProtoKey)
    : Object.entries(value).some(([key, inner]) => key === "__proto__" || hasProtoKey(inner)))

/** What a line says, or why it says nothing. A kind that isn't known is something for the log. */
export const readLine = (text: string): Reading =>
  Either.gen(function* () {
    const line = yield* Either.mapLeft(
      parseJsonObject(text),
      (problem) => `${tidy(problem, 120)}: ${quoted(text)}`,
    )
    if (hasProtoKey(line)) return yield* Either.left("has a key __proto__")
    const { kind } = line
    if (typeof kind !== "string") return yield* Either.left(`has no kind: ${quoted(text)}`)
    const read = readers.get(kind)
    if (read === undefined) {
      return Line.Said({ message: log("WARN", `a line of the unknown kind ${quoted(kind)} was ignored`) })
    }
    return yield* Either.mapLeft(read(line), (problem) => `of kind ${kind} is wrong: ${tidy(problem, 300)}`)
  })
