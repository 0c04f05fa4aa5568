import { HttpLayerRouter, HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"

const prefix = "/api/v1/runs/"

/**
 * `/runs/DEMO_01/PROJ-0042` as the contract has it, with the path in one segment. Some proxies decode `%2F`, and
 * people write slashes. The router would take a semicolon for the end of a path.
 */
const oneSegment = (url: string): string => {
  if (!url.startsWith(prefix)) return url
  const end = url.search(/[?#]/)
  const path = url.slice(prefix.length, end === -1 ? undefined : end)
  return prefix + path.replaceAll("/", "%2F").replaceAll(";", "%3B") + (end === -1 ? "" : url.slice(end))
}

/** Before anything looks for the route. */
export const layer = HttpLayerRouter.use((router) =>
  router.addGlobalMiddleware((route) =>
    Effect.updateService(route, HttpServerRequest.HttpServerRequest, (request) =>
      request.modify({ url: oneSegment(request.url) }),
    ),
  ),
)
