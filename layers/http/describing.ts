import { HttpApiScalar, HttpLayerRouter, HttpServerResponse, OpenApi } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Api } from "../../src/api/Api.ts"

const document = HttpServerResponse.unsafeJson(OpenApi.fromApi(Api))

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

const withPolicy = HttpLayerRouter.middleware((page) =>
  Effect.map(page, HttpServerResponse.setHeader("content-security-policy", policy)),
)

/** What the service says about itself: OpenAPI 3.1, and a page that renders it. */
export const layer = Layer.merge(
  HttpLayerRouter.add("GET", "/api/v1/openapi.json", Effect.succeed(document)),
  HttpApiScalar.layerHttpLayerRouter({
    api: Api,
    path: "/api/v1/docs",
    scalar: { withDefaultFonts: false },
  }).pipe(Layer.provide(withPolicy.layer)),
)
