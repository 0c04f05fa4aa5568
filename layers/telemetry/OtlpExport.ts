import { FetchHttpClient, HttpClient, HttpClientError } from "@effect/platform"
import { Effect, Layer } from "effect"
import { SettingsInvalid } from "../../src/domain/Errors.ts"

/** The variables of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
export type Environment = Readonly<Record<string, string | undefined>>

/** A collector that takes longer gets nothing for a minute: what waits for it would grow without an end. */
const requestTimeout = "5 seconds"
/** How long the way down waits for the last spans to arrive. */
const shutdownTimeout = "2 seconds"

const impatient = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.transform((response, request) =>
      Effect.timeoutFail(response, {
        duration: requestTimeout,
        onTimeout: () =>
          new HttpClientError.RequestError({
            request,
            reason: "Transport",
            description: `the collector did not answer within ${requestTimeout}`,
          }),
      }),
    ),
  ),
).pipe(Layer.provide(FetchHttpClient.layer))

/** `name=value` pairs with commas between them; values are percent-encoded. */
const headersIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(text.replaceAll(/\s*,\s*/g, "&").replaceAll("+", "%2B")))

const isHttp = (url: string): boolean => URL.canParse(url) && /^https?:/.test(url)

/**
 * Spans, metrics and logs go to the collector of `OTEL_EXPORTER_OTLP_ENDPOINT`, as JSON over HTTP; nothing is
 * done without that variable. A collector that is away holds nothing up.
 */
export const layer = (environment: Environment): Layer.Layer<never, SettingsInvalid> => {
  const endpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim() ?? ""
  if (endpoint === "") return Layer.empty
  if (!isHttp(endpoint)) {
    const problem = "OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL like http://127.0.0.1:4318"
    return Layer.fail(new SettingsInvalid({ problems: [problem] }))
  }
  // Who has no collector doesn't wait for its modules at every start.
  return Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("@effect/opentelemetry/Otlp")),
      ({ layerJson }) =>
        layerJson({
          baseUrl: endpoint,
          resource: { serviceName: environment["OTEL_SERVICE_NAME"] ?? "exlab-wizard" },
          headers: headersIn(environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? ""),
          loggerExcludeLogSpans: true,
          shutdownTimeout,
        }),
    ),
  ).pipe(Layer.provide(impatient))
}
