import { DateTime, Either } from "effect"
import type { Json, JsonObject } from "../../../../src/domain/Json.ts"
import { compile } from "../../../../layers/templates/language/compile.ts"
import { evaluate } from "../../../../layers/templates/language/evaluation.ts"
import type { Program } from "../../../../layers/templates/language/Program.ts"

const zone = DateTime.zoneUnsafeMakeNamed("Europe/Zurich")

const program = (source: string, file = "a.hbs", partial = false): Program =>
  Either.getOrThrowWith(compile(source, { file, partial }), (problems) => new Error(JSON.stringify(problems)))

export interface RenderOptions {
  readonly partials?: Readonly<Record<string, string>>
  readonly maxLength?: number
}

/** The text, or the failure as `file:line message`. */
export const attempt = (source: string, variables: Json, options: RenderOptions = {}) => {
  const partials = new Map(
    Object.entries(options.partials ?? {}).map(([name, text]) => [
      name,
      program(text, `_partials/${name}.hbs`, true),
    ]),
  )
  const maxLength = options.maxLength ?? 16 * 1024 * 1024
  return Either.mapLeft(
    evaluate(program(source), variables, { zone, partials, maxLength }),
    ({ file, line, message }) => `${file}:${line} ${message}`,
  )
}

export const render = (source: string, variables: JsonObject = {}, options?: RenderOptions): string =>
  Either.getOrThrowWith(attempt(source, variables, options), (failure) => new Error(failure))

export const failure = (source: string, variables: JsonObject = {}, options?: RenderOptions): string =>
  Either.match(attempt(source, variables, options), {
    onLeft: (message) => message,
    onRight: (text) => `rendered: ${text}`,
  })

/** What is found wrong with a source, as `line code message`. */
export const problems = (source: string): ReadonlyArray<string> =>
  Either.match(compile(source, { file: "a.hbs" }), {
    onLeft: (found) => found.problems.map(({ line, code, message }) => `${line} ${code} ${message}`),
    onRight: () => [],
  })
