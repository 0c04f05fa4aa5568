import { userInfo } from "node:os"
import { type DateTime, Effect, Layer } from "effect"
import type { ReadmeFields } from "../../src/domain/CreationRecord.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { type ReadmeContext, ReadmeGenerator } from "../../src/ports/ReadmeGenerator.ts"
import { coreReadme, readmeDigest, writeReadme } from "./readmeFields.ts"

/** Who runs the service. A user id without a name, as containers have them, has no better one. */
const osUser: Effect.Effect<string> = Effect.try(() => userInfo().username).pipe(
  Effect.orElseSucceed(() => `uid-${process.getuid?.() ?? "unknown"}`),
)

const systemFields = (context: ReadmeContext, createdBy: string): JsonObject => ({
  created: recordTime(context.createdAt),
  created_by: createdBy,
  equipment: { id: context.equipment.id, label: context.equipment.label },
  template: { name: context.template.manifest.name, version: context.template.manifest.version },
  project: context.projectShortId,
  ...(context.level === "run" ? { run: context.runName ?? "", run_kind: context.runKind } : {}),
})

const readmeFields = (context: ReadmeContext, createdBy: string, now: DateTime.Utc): ReadmeFields => {
  const core = coreReadme(context, now)
  return {
    ...core,
    templateFields: context.layers.templateFields,
    configFields: context.layers.configFields,
    customFields: context.layers.customFields,
    systemFields: systemFields(context, createdBy),
    body: context.body ?? core.body,
  }
}

/** A README with every layer of fields. */
export const layer: Layer.Layer<ReadmeGenerator, never, Disk> = Layer.effect(
  ReadmeGenerator,
  Effect.gen(function* () {
    const disk = yield* Disk
    const createdBy = yield* osUser
    return {
      generate: Effect.fn("ReadmeGenerator.generate")((directory, context) =>
        writeReadme(disk, directory, (now) => readmeFields(context, createdBy, now)),
      ),
      digest: readmeDigest,
    }
  }),
)
