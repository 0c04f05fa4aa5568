import { HttpApi } from "@effect/platform"
import { Option, SchemaAST } from "effect"
import { Api } from "../../src/api/Api.ts"

interface Route {
  readonly method: string
  readonly path: RegExp
  /** What a query may name. */
  readonly parameters: ReadonlyArray<string>
}

const routes: Array<Route> = []
HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint: { method, path, urlParamsSchema } }) => {
    const fields = Option.match(urlParamsSchema, {
      onNone: () => [],
      onSome: ({ ast }) => SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ast)),
    })
    routes.push({
      method,
      path: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`),
      parameters: fields.map(({ name }) => String(name)),
    })
  },
})

// They describe the contract, and aren't in it.
routes.push({ method: "GET", path: /^\/api\/v1\/(?:docs|openapi\.json)$/, parameters: [] })

/** A request's target without its query. */
export const pathOf = (url: string): string => url.replace(/[?#].*$/s, "")

const routesAt = (url: string): ReadonlyArray<Route> => {
  const path = pathOf(url)
  return routes.filter((route) => route.path.test(path))
}

/** The methods that the contract has for a path; none when it has no such path. */
export const methodsOf = (url: string): ReadonlyArray<string> => [
  ...new Set(routesAt(url).map(({ method }) => method)),
]

/** What the contract lets a request's query name; null when it has no such request. */
export const parametersOf = (method: string, url: string): ReadonlyArray<string> | null =>
  routesAt(url).find((route) => route.method === method)?.parameters ?? null
