import { Effect, Either } from "effect"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body's JSON; an empty object when it is none. */
  readonly json: Record<string, unknown>
}

const parsed = (text: string): Record<string, unknown> =>
  Either.getOrElse(
    Either.try(() => JSON.parse(text) as Record<string, unknown>),
    () => ({}),
  )

/** One request by plain `fetch`, read to its end. */
export const call = (url: string, init: RequestInit = {}): Effect.Effect<Answer> =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { ...init, signal })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  })

export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  call(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })

export const projectBody = {
  kind: "project",
  equipment_id: "DEMO_01",
  template_path: "plain_project",
  lims_project: { uid: "b1f0", short_id: "PROJ-0042", name_at_creation: "Mitochondria", source: "live" },
  variables: {},
  label: "Mitochondria in motion",
  operator: "asmith",
  objective: "Follow single mitochondria through a cell cycle",
}
/** A project of another name. */
export const projectNamed = (shortId: string, over: Record<string, unknown> = {}) => ({
  ...projectBody,
  lims_project: { ...projectBody.lims_project, short_id: shortId },
  ...over,
})

export interface Frame {
  readonly id?: string
  readonly event?: string
  readonly data?: Record<string, unknown>
}

/** The frames of a whole stream of server-sent events; comments are left out. */
export const framesOf = (text: string): ReadonlyArray<Frame> =>
  text
    .split("\n\n")
    .map((block) => block.split("\n").filter((line) => line !== "" && !line.startsWith(":")))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const fields = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      )
      return { ...fields, ...(fields["data"] === undefined ? {} : { data: parsed(fields["data"]) }) }
    })
