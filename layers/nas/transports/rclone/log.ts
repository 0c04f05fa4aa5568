import { Option, Schema } from "effect"

/** A line of `--use-json-log`. */
const Line = Schema.parseJson(
  Schema.Struct({
    level: Schema.String,
    msg: Schema.String,
    object: Schema.optional(Schema.String),
    stats: Schema.optional(
      Schema.Struct({
        bytes: Schema.Number,
        transfers: Schema.Number,
        transferring: Schema.optional(Schema.NullOr(Schema.Array(Schema.Struct({ name: Schema.String })))),
      }),
    ),
  }),
)
type Line = typeof Line.Type

const decode = Schema.decodeUnknownOption(Line)

/** What is a line of the log. */
export const readLog = (text: string): ReadonlyArray<Line> =>
  text.split("\n").flatMap((line) => (line.startsWith("{") ? Option.toArray(decode(line)) : []))

/** What went wrong, as the log says it, or as the program said it before there was a log. */
export const complaintsIn = (stderr: string): string => {
  const found = readLog(stderr).filter(({ level }) => ["error", "critical", "fatal"].includes(level))
  const said = found.map(({ msg, object }) => (object === undefined ? msg : `${object}: ${msg}`))
  const others = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"))
  return [...new Set([...others, ...said])].join("\n")
}

/** The files that errors are about. */
export const filesIn = (stderr: string): ReadonlyArray<string> => [
  ...new Set(
    readLog(stderr).flatMap(({ level, object }) =>
      level === "error" && object !== undefined ? [object] : [],
    ),
  ),
]
