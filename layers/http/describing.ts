import { HttpApiScalar, HttpLayerRouter, HttpServerResponse, OpenApi } from "@effect/platform"
import { Duration, Effect, Layer } from "effect"
import { Api } from "../../src/api/Api.ts"
import { recent } from "../sharing/recent.ts"

const document = Effect.sync(() => HttpServerResponse.unsafeJson(OpenApi.fromApi(Api)))

/** The reference's page holds all that it needs; what it would fetch elsewhere is refused by the browser. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

const path = "/api/v1/docs"

const reference = HttpApiScalar.layerHttpLayerRouter({
  api: Api,
  path,
  scalar: { withDefaultFonts: false },
})

/** Its own router: the service's has been built by then. */
const page = HttpLayerRouter.toHttpEffect(reference).pipe(
  Effect.provideServiceEffect(Layer.CurrentMemoMap, Layer.makeMemoMap),
  Effect.flatten,
  Effect.map(HttpServerResponse.setHeader("content-security-policy", policy)),
  Effect.orDie,
)

/**
 * What the service says about itself: OpenAPI 3.1, and a page that renders it. Both are made when somebody first
 * asks: most starts are not for their sake.
 */
export const layer = HttpLayerRouter.use((router) =>
  Effect.gen(function* () {
    yield* router.add("GET", "/api/v1/openapi.json", yield* recent(Duration.infinity, document))
    yield* router.add("GET", path, yield* recent(Duration.infinity, page))
  }),
)
