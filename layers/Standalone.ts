import { resolve } from "node:path"
import { Config, type ConfigError, Effect, Layer, Logger } from "effect"
import type { DiskError, LocksUnsupported, SettingsInvalid } from "../src/domain/Errors.ts"
import type { HttpServer, HttpServerError } from "@effect/platform"
import * as Embedded from "./Embedded.ts"
import { defaults, type PartialSettings } from "./EmbeddedSettings.ts"
import { defaultHttp, HttpSettings } from "./http/HttpSettings.ts"
import * as HttpService from "./http/HttpService.ts"

export interface StandaloneOptions {
  readonly settings?: PartialSettings
  readonly http?: Partial<HttpSettings["Type"]>
}

/** The whole service with its HTTP server, on its real adapters. Logs go to standard error. */
export const layer = ({ http, settings }: StandaloneOptions = {}): Layer.Layer<
  HttpServer.HttpServer,
  LocksUnsupported | SettingsInvalid | DiskError | HttpServerError.ServeError
> =>
  HttpService.layer.pipe(
    Layer.provide(Embedded.adapters(settings)),
    Layer.provide(Layer.succeed(HttpSettings, { ...defaultHttp, ...http })),
    Layer.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))),
  )

const environment = Config.all({
  dataDir: Config.string("EXLAB_DATA_DIR").pipe(Config.withDefault("exlab-data")),
  host: Config.string("EXLAB_HTTP__HOST").pipe(Config.withDefault(defaultHttp.host)),
  port: Config.integer("EXLAB_HTTP__PORT").pipe(
    Config.validate({ message: "must be 0–65535", validation: (port) => port >= 0 && port <= 65_535 }),
    Config.withDefault(defaultHttp.port),
  ),
  tokenFile: Config.string("EXLAB_HTTP__TOKEN_FILE").pipe(
    Config.map((path): string | null => resolve(path)),
    Config.withDefault(null),
  ),
})

/** The same on the embedded defaults, below a folder of one's own. */
export const layerFromEnv: Layer.Layer<
  HttpServer.HttpServer,
  LocksUnsupported | SettingsInvalid | DiskError | HttpServerError.ServeError | ConfigError.ConfigError
> = Layer.unwrapEffect(
  Effect.map(environment, ({ dataDir, ...http }) =>
    layer({ settings: { paths: defaults(resolve(dataDir)).paths }, http }),
  ),
)

const example = `{"kind":"project","equipment_id":"DEMO_01","template_path":"imaging_project",
"lims_project":{"uid":"","short_id":"DEMO-'$(date +%s)'","name_at_creation":"Try-out","source":"live"},
"variables":{"principal_investigator":"R. Levi","species":"Yeast"},
"label":"Try-out","operator":"me","objective":"See what comes out"}`

/** Where the service is, and a line for the shell that makes a project with it. */
export const greeting = HttpService.address((url) => {
  const body = example.replaceAll("\n", "")
  return [
    `exlab-wizard listens on ${url} and describes itself at ${url}/api/v1/docs. Try:`,
    `curl -sS ${url}/api/v1/sessions -H 'content-type: application/json' -d '${body}'`,
  ].join("\n\n")
})
