import type { HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"
import { parametersOf } from "./contractRoutes.ts"
import { RequestRefused } from "./RequestRefused.ts"

const shown = (name: string): string => (name.length <= 100 ? name : `${name.slice(0, 100)}…`)

const stray = (names: ReadonlyArray<string>, known: ReadonlyArray<string>): RequestRefused => {
  const takes = known.length === 0 ? "none" : known.join(", ")
  const issues = names
    .slice(0, 100)
    .map((name) => ({ field: shown(name), message: `is no parameter here; known are: ${takes}` }))
  return new RequestRefused({
    code: "malformed_request",
    message: issues.map(({ field, message }) => `${field}: ${message}`).join("; "),
    details: { issues },
  })
}

/** What nobody would look at was meant to do something: a filter that is misspelled would let all through. */
export const checkQuery = ({
  method,
  url,
}: HttpServerRequest.HttpServerRequest): Effect.Effect<void, RequestRefused> => {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? ""
  const known = query === "" ? null : parametersOf(method, url)
  if (known === null) return Effect.void
  const names = [...new Set(new URLSearchParams(query).keys())].filter((name) => !known.includes(name))
  return names.length === 0 ? Effect.void : stray(names, known)
}
