import { Effect } from "effect"
import type { ReadmeFields } from "../domain/CreationRecord.ts"
import { type Field, isBlank } from "../domain/Field.ts"
import type { Json } from "../domain/Json.ts"
import { coreFieldIds } from "../domain/ReadmeFieldLayers.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import { Settings } from "../ports/Settings.ts"
import { TemplateEngine } from "../ports/TemplateEngine.ts"

/** The ids of README fields that must be filled in today. */
export type RequiredIds = ReadonlyArray<string>

const requiredOf = (fields: ReadonlyArray<Field>): RequiredIds =>
  fields.filter(({ required }) => required === true).map(({ id }) => id)

/** Which template a directory was made from: what else it requires depends on it. */
export interface TemplateUse {
  readonly equipmentId: string
  readonly name: string
}

export const templateUse = (equipmentId: string, { template }: StoredRecord): TemplateUse => ({
  equipmentId,
  name: template.name,
})

export type RequiredBy = (use: TemplateUse) => Effect.Effect<RequiredIds>

/** Asks for what the settings and a template require now. A template that isn't there any more requires nothing. */
export const makeRequirements = Effect.gen(function* () {
  const engine = yield* TemplateEngine
  const { readme } = yield* Settings
  const always = [...coreFieldIds, ...requiredOf(readme.defaults)]
  const requiredBy: RequiredBy = ({ equipmentId, name }) =>
    name === ""
      ? Effect.succeed(always)
      : engine.locate(name, { equipmentId }).pipe(
          // What the settings ask for, templates may ask for, too.
          Effect.map(({ manifest }) => [
            ...new Set([...always, ...requiredOf(manifest.readme?.fields ?? [])]),
          ]),
          Effect.orElseSucceed(() => always),
        )
  return requiredBy
})

/** Asks for each template once, for those who look at many directories. */
export const askOnce = (requiredBy: RequiredBy): Effect.Effect<RequiredBy> =>
  Effect.sync(() => {
    const asked = new Map<string, Effect.Effect<RequiredIds>>()
    return (use) =>
      Effect.suspend(() => {
        const key = `${use.equipmentId}/${use.name}`
        const before = asked.get(key)
        if (before !== undefined) return before
        return Effect.flatMap(Effect.cached(requiredBy(use)), (answer) => {
          asked.set(key, answer)
          return answer
        })
      })
  })

const valueIn = (fields: ReadmeFields, id: string): Json | undefined => {
  for (const layer of [fields.coreFields, fields.templateFields, fields.configFields]) {
    const value = Object.entries(layer).find(([key]) => key === id)?.[1]
    if (!isBlank(value)) return value
  }
  return fields.customFields.find(({ label }) => label.trim() === id)?.value
}

/** Which of them nobody has filled in. */
export const missingIds = (required: RequiredIds, fields: ReadmeFields | null): RequiredIds =>
  required.filter((id) => fields === null || isBlank(valueIn(fields, id)))
