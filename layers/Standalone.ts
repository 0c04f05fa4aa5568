import { Effect, Layer, Option } from "effect"
import type { DiskError } from "../src/domain/Errors.ts"
import type { HttpServer, HttpServerError } from "@effect/platform"
import * as NodeDisk from "./disk/NodeDisk.ts"
import * as Embedded from "./Embedded.ts"
import type { PartialSettings } from "./EmbeddedSettings.ts"
import { defaultHttp, HttpSettings } from "./http/HttpSettings.ts"
import * as HttpService from "./http/HttpService.ts"
import { Settings } from "../src/ports/Settings.ts"
import { SyncService } from "../src/ports/SyncService.ts"
import { TemplateEngine } from "../src/ports/TemplateEngine.ts"
import * as SignalHurry from "./SignalHurry.ts"
import * as YamlSettings from "./settings/YamlSettings.ts"
import * as OtlpExport from "./telemetry/OtlpExport.ts"
import { defaultLogging, layer as logging, type Logging } from "./telemetry/Logging.ts"

export interface StandaloneOptions {
  readonly settings?: PartialSettings
  readonly http?: Partial<HttpSettings["Type"]>
  readonly logging?: Partial<Logging>
  /** Equipment whose targets are marked at the start: folders of the service's own. */
  readonly ownTargets?: ReadonlyArray<string>
}

type Service = Layer.Layer<
  HttpServer.HttpServer | HttpSettings | Settings | TemplateEngine,
  Embedded.StartError | DiskError | HttpServerError.ServeError
>

/** A target that can't be marked is paused, and health says why: nothing else is kept from starting. */
const markTargets = (equipmentIds: ReadonlyArray<string>) =>
  Layer.effectDiscard(
    Effect.flatMap(SyncService, ({ initTarget }) =>
      Effect.forEach(equipmentIds, (id) =>
        Effect.catchAll(initTarget(id), ({ message }) => Effect.logWarning(message)),
      ),
    ),
  )

/** The whole service with its HTTP server, on its real adapters. Logs go to standard error. */
export const layer = (options: StandaloneOptions = {}): Service =>
  HttpService.layer.pipe(
    Layer.merge(markTargets(options.ownTargets ?? [])),
    Layer.provideMerge(Embedded.adapters(options.settings)),
    Layer.provideMerge(Layer.succeed(HttpSettings, { ...defaultHttp, ...options.http })),
    Layer.provide(logging({ ...defaultLogging, ...options.logging })),
  )

const ownTargets = ({ settings }: YamlSettings.StandaloneSettings): ReadonlyArray<string> =>
  settings.equipment.flatMap(({ id, transport }) => (transport?.type === "mounted" ? [id] : []))

const sayWhereFrom = ({ file, logging: level, settings }: YamlSettings.StandaloneSettings) =>
  Effect.logInfo(
    file === null
      ? `there is no settings file: defaults are in force, and directories go below ${settings.paths.localRoot}`
      : `the settings are those of ${file}`,
  ).pipe(Effect.provide(logging(level)))

/**
 * The same as a program has it: with the settings of a file and the environment, a second signal that cuts
 * the way down short, and OpenTelemetry when its variables ask for it.
 */
export const layerFromFile = (place: YamlSettings.SettingsPlace): Service =>
  Layer.unwrapEffect(
    YamlSettings.load(place).pipe(
      Effect.provide(NodeDisk.layer),
      Effect.tap(sayWhereFrom),
      Effect.map((loaded) =>
        layer({ ...loaded, ownTargets: loaded.file === null ? ownTargets(loaded) : [] }),
      ),
    ),
  ).pipe(Layer.provide([SignalHurry.layer, OtlpExport.layer(place.environment)]))

const template = "imaging_project"

const exampleFor = (equipmentId: string): string =>
  `{"kind":"project","equipment_id":"${equipmentId}","template_path":"${template}",
"lims_project":{"uid":"","short_id":"DEMO-'$(date +%s)'","name_at_creation":"Try-out","source":"live"},
"variables":{"principal_investigator":"R. Levi","species":"Yeast"},
"label":"Try-out","operator":"me","objective":"See what comes out"}`.replaceAll("\n", "")

/** For the shell: what is in single quotes is taken as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const tokenHeader = (tokenFile: string | null): string =>
  tokenFile === null ? "" : ` -H "authorization: Bearer $(cat ${quoted(tokenFile)})"`

/** Where the service is, and a line for the shell that makes a project for an equipment with it. */
export const greetingAt = (url: string, tokenFile: string | null, equipmentId: string | null): string => {
  const address = `exlab-wizard listens on ${url} and describes itself at ${url}/api/v1/docs.`
  if (equipmentId === null) return address
  const command = `curl -sS ${url}/api/v1/sessions -H 'content-type: application/json'${tokenHeader(tokenFile)}`
  return [`${address} Try:`, `${command} -d '${exampleFor(equipmentId)}'`].join("\n\n")
}

/** The equipment that the line is for: one that the template of the line is there for. */
const exemplary = Effect.gen(function* () {
  const { equipment } = yield* Settings
  const { list } = yield* TemplateEngine
  return yield* Effect.findFirst(
    equipment.map(({ id }) => id),
    (equipmentId) =>
      Effect.match(list({ equipmentId }), {
        onFailure: () => false,
        onSuccess: ({ templates }) => templates.some(({ name }) => name === template),
      }),
  )
})

/** The same, of the service that runs. */
export const greeting = Effect.gen(function* () {
  const { tokenFile } = yield* HttpSettings
  const equipmentId = Option.getOrNull(yield* exemplary)
  return yield* HttpService.address((url) => greetingAt(url, tokenFile, equipmentId))
})
