import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Layer } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as JsonCreationWriter from "../../layers/records/JsonCreationWriter.ts"
import * as HandlebarsTemplateEngine from "../../layers/templates/HandlebarsTemplateEngine.ts"
import * as RuleValidator from "../../layers/validator/RuleValidator.ts"
import { Directories } from "../../src/audit/Directories.ts"
import { SyncGate } from "../../src/audit/SyncGate.ts"
import { JobNotFound } from "../../src/domain/SyncErrors.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import { creationJson } from "../domain/records.ts"
import * as FaultDisk from "../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { settingsBelow } from "../support/world.ts"

/** Nothing was ever queued. */
const idle: Partial<typeof SyncService.Service> = {
  status: (job) => new JobNotFound({ job }),
  progress: Effect.succeed(new Map()),
}

export const known = "DEMO_01"

const settings = (root: string) =>
  Settings.layer(settingsBelow(root, { equipment: [{ id: known, label: "Demonstration", nasRoot: "" }] }))

const directoriesAt = (root: string, sync: typeof idle) =>
  Directories.layer.pipe(
    Layer.provide(SyncGate.layer),
    Layer.provide([
      HandlebarsTemplateEngine.layer,
      JsonCreationWriter.layer,
      RuleValidator.layer,
      Layer.mock(SyncService, sync),
    ]),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provide(Layer.merge(NodeDisk.layer, settings(root))),
  )

/** `root/local` is the local root, and there is nothing there yet; the disk's operations can be watched. */
export const withDirectories = <A, E, R>(
  body: (localRoot: string, root: string) => Effect.Effect<A, E, R>,
  sync: typeof idle = idle,
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* fastTemporaryDirectory
      return yield* Effect.provide(body(join(root, "local"), root), directoriesAt(root, sync))
    }),
  )

export const put = (path: string, content: string | Uint8Array = ""): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

export const recordAt = (directory: string, name = "creation.json"): string =>
  join(directory, ".exlab-wizard", name)

/** A directory that says of itself what it is. */
export const putRecorded = (directory: string, over: Readonly<Record<string, unknown>> = {}): void => {
  put(recordAt(directory), JSON.stringify({ ...creationJson, ...over }))
  const core_fields = { label: "What it is called", operator: "asmith", objective: "Look" }
  put(recordAt(directory, "readme_fields.json"), JSON.stringify({ schema_version: "1.1", core_fields }))
}
