import { createServer, type Server } from "node:http"
import { Effect } from "effect"

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}

export interface Span {
  readonly name: string
  readonly traceId: string
  readonly attributes: ReadonlyArray<Attribute>
}

/** What came in, by its kind: `traces`, `metrics`, `logs`. */
type Received = Record<string, Array<unknown>>

const listen = (server: Server) =>
  Effect.async<string>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      resume(Effect.succeed(`http://127.0.0.1:${port}`))
    })
  })

const close = (server: Server) =>
  Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Takes what is exported to it, and answers; or takes it, and never answers. */
export const startCollector = ({ answers }: { readonly answers: boolean }) =>
  Effect.gen(function* () {
    const received: Received = {}
    const headers: Array<NodeJS.Dict<string | Array<string>>> = []
    const server = createServer((request, response) => {
      let text = ""
      request.on("data", (chunk) => (text += String(chunk)))
      request.on("end", () => {
        headers.push(request.headers)
        const kind = request.url?.split("/").at(-1) ?? ""
        received[kind] = [...(received[kind] ?? []), JSON.parse(text) as unknown]
        if (answers) response.end("{}")
      })
    })
    const url = yield* Effect.acquireRelease(listen(server), () => close(server))
    return { url, received, headers }
  })

/** Every value of a key, however deep. */
const all = (value: unknown, key: string): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value.flatMap((inner) => all(inner, key))
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === key ? [inner] : all(inner, key)))
}

export const spansIn = ({ traces }: Received): ReadonlyArray<Span> =>
  all(traces, "spans").flat() as ReadonlyArray<Span>

export const metricNamesIn = ({ metrics }: Received): ReadonlyArray<unknown> =>
  all(metrics, "metrics")
    .flat()
    .flatMap((metric) => all(metric, "name"))

export const logsIn = ({ logs }: Received): ReadonlyArray<unknown> => all(logs, "logRecords").flat()

export const attributesOf = (span: Span | undefined): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]))
