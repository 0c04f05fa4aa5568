import { Effect } from "effect"
import { TemplateNotFound } from "../../src/domain/Errors.ts"
import type { LocatedTemplate } from "../../src/domain/Template.ts"
import type { TemplateEngine } from "../../src/ports/TemplateEngine.ts"

/** By a name of the list; one that is there and can't be used says why. */
export const findTemplate = Effect.fnUntraced(function* (
  engine: typeof TemplateEngine.Service,
  name: string,
  equipmentId: string | null,
) {
  const { templates, unusable } = yield* engine.list({ equipmentId })
  const broken = unusable.find((template) => template.name === name)
  if (broken !== undefined) return yield* broken.error
  const found = templates.find((template) => template.name === name)
  const located: LocatedTemplate | undefined = found?.located
  return located ?? (yield* new TemplateNotFound({ name }))
})
