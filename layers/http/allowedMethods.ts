import { HttpApi } from "@effect/platform"
import { Api } from "../../src/api/Api.ts"

interface Route {
  readonly method: string
  readonly path: RegExp
}

const routes: Array<Route> = []
HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint }) => {
    routes.push({ method: endpoint.method, path: new RegExp(`^${endpoint.path.replace(/:\w+/g, "[^/]+")}$`) })
  },
})

/** The methods that the contract has for a path; none when it has no such path. */
export const methodsOf = (url: string): ReadonlyArray<string> => {
  const path = url.replace(/[?#].*$/s, "")
  return [...new Set(routes.filter((route) => route.path.test(path)).map(({ method }) => method))]
}
