import { Option } from "effect"
import type { Accepted } from "./gate.ts"

interface Doubt {
  readonly message: string
  readonly code?: string
}

/** What is odd about a request that the gate lets pass: each becomes a warning. */
export const doubts = ({ place }: Accepted): ReadonlyArray<Doubt> => {
  if (!place.limsAssumed || place.destination.level === "project") return []
  const id = place.builtIn.project_short_id
  const why = Option.match(place.recordProblem, {
    onNone: () => ({ message: `no record tells the LIMS entry of project ${id}` }),
    onSome: ({ code, message }) => ({
      message: `the LIMS entry of project ${id} isn't known: ${message}`,
      code,
    }),
  })
  return [{ ...why, message: `${why.message}; its folder's name is used` }]
}
