import type { HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"
import { parametersOf } from "./contractRoutes.ts"
import { RequestRefused } from "./RequestRefused.ts"

const shown = (name: string): string => (name.length <= 100 ? name : `${name.slice(0, 100)}…`)

interface Issue {
  readonly field: string
  readonly message: string
}

const malformed = (issues: ReadonlyArray<Issue>): RequestRefused =>
  new RequestRefused({
    code: "malformed_request",
    message: issues.map(({ field, message }) => `${field}: ${message}`).join("; "),
    details: { issues: issues.map(({ field, message }) => ({ field, message })) },
  })

const issueOf = (name: string, count: number, known: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  if (!known.includes(name)) {
    const takes = known.length === 0 ? "none" : known.join(", ")
    return [{ field: shown(name), message: `is no parameter here; known are: ${takes}` }]
  }
  return count === 1 ? [] : [{ field: name, message: `is given ${count} times: give it once` }]
}

/** What nobody would look at was meant to do something: a filter that is misspelled would let all through. */
export const checkQuery = ({
  method,
  url,
}: HttpServerRequest.HttpServerRequest): Effect.Effect<void, RequestRefused> => {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? ""
  const known = query === "" ? null : parametersOf(method, url)
  if (known === null) return Effect.void
  const counts = new Map<string, number>()
  for (const name of new URLSearchParams(query).keys()) counts.set(name, (counts.get(name) ?? 0) + 1)
  const issues = [...counts].flatMap(([name, count]) => issueOf(name, count, known)).slice(0, 100)
  return issues.length === 0 ? Effect.void : malformed(issues)
}
