import { Schema } from "effect"
import { Field } from "../../src/domain/Field.ts"
import { IsolationTier } from "../../src/domain/PluginCatalog.ts"
import { wireStruct } from "../../src/domain/wire.ts"
import { LogFormat, LogLevelName } from "../telemetry/Logging.ts"
import { EquipmentEntry } from "./equipmentEntry.ts"

const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const Path = Schema.String
const Texts = Schema.Array(Schema.String)
const Port = Schema.Int.pipe(Schema.between(0, 65_535, { message: () => "must be 0–65535" }))

/** What a settings file may say: `docs/settings.md`. Every key may be left out. */
export const SettingsFile = wireStruct({
  paths: maybe(
    wireStruct({
      localRoot: maybe(Path),
      templatesDir: maybe(Path),
      pluginDir: maybe(Schema.NullOr(Path)),
      stateDir: maybe(Path),
    }),
  ),
  plugins: maybe(
    wireStruct({
      allowNetwork: maybe(Schema.Boolean),
      minIsolation: maybe(IsolationTier),
      readablePaths: maybe(Texts),
    }),
  ),
  equipment: maybe(Schema.Array(EquipmentEntry)),
  operators: maybe(wireStruct({ allowlist: maybe(Texts) })),
  readme: maybe(wireStruct({ defaults: maybe(Schema.Array(Field)) })),
  timeZone: maybe(Schema.String),
  validator: maybe(
    wireStruct({ contentScanExtensions: maybe(Texts), contentScanMaxMib: maybe(Schema.Number) }),
  ),
  audit: maybe(
    wireStruct({
      enabled: maybe(Schema.Boolean),
      intervalSeconds: maybe(Schema.Number),
      fullIntervalSeconds: maybe(Schema.Number),
    }),
  ),
  templates: maybe(
    wireStruct({
      maxFileMib: maybe(Schema.Number),
      maxTotalMib: maybe(Schema.Number),
      maxFiles: maybe(Schema.Int),
      maxDepth: maybe(Schema.Int),
    }),
  ),
  sessions: maybe(
    wireStruct({
      maxWorking: maybe(Schema.Int),
      maxOpen: maybe(Schema.Int),
      gcIntervalSeconds: maybe(Schema.Number),
      abandonAfterSeconds: maybe(Schema.Number),
      retainTerminalHours: maybe(Schema.Number),
      retainTerminalCount: maybe(Schema.Int),
      shutdownGraceSeconds: maybe(Schema.Number),
    }),
  ),
  disk: maybe(wireStruct({ minFreeMib: maybe(Schema.Number), lockTimeoutSeconds: maybe(Schema.Number) })),
  sync: maybe(
    wireStruct({
      enabled: maybe(Schema.Boolean),
      workers: maybe(Schema.Int),
      perEquipment: maybe(Schema.Int),
      leaseSeconds: maybe(Schema.Number),
      dataPollSeconds: maybe(Schema.Number),
      silenceSeconds: maybe(Schema.Number),
    }),
  ),
  nasCleanup: maybe(
    wireStruct({
      enabled: maybe(Schema.Boolean),
      minVerifyPasses: maybe(Schema.Int),
      minAgeHours: maybe(Schema.Number),
      trashHours: maybe(Schema.Number),
      retainCache: maybe(Schema.Boolean),
    }),
  ),
  export: maybe(
    wireStruct({
      license: maybe(Schema.NullOr(Schema.String)),
      organization: maybe(Schema.NullOr(Schema.String)),
    }),
  ),
  orchestrator: maybe(
    wireStruct({ enabled: maybe(Schema.Boolean), host: maybe(Schema.String), label: maybe(Schema.String) }),
  ),
  http: maybe(
    wireStruct({
      host: maybe(Schema.NonEmptyString),
      port: maybe(Port),
      tokenFile: maybe(Schema.NullOr(Path)),
      allowedHosts: maybe(Texts),
      headSeconds: maybe(Schema.Number),
      requestSeconds: maybe(Schema.Number),
    }),
  ),
  logging: maybe(wireStruct({ level: maybe(LogLevelName), format: maybe(LogFormat) })),
})
export type SettingsFile = typeof SettingsFile.Type
