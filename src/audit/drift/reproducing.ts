import { Effect, Either } from "effect"
import type { RenderingFacts } from "../../domain/CreationFacts.ts"
import { leafName, parentPath } from "../../domain/Destination.ts"
import type { DriftSourceState, TemplateDrift } from "../../domain/Drift.ts"
import type { TemplateLoadError } from "../../domain/Errors.ts"
import type { StoredRecord } from "../../domain/StoredRecord.ts"
import type { RenderedFile, ResolvedTemplate } from "../../domain/Template.ts"
import { TemplateEngine } from "../../ports/TemplateEngine.ts"

/** What the recorded answers give today. */
export interface Reproduction {
  readonly files: ReadonlyArray<RenderedFile>
  readonly directories: ReadonlyArray<string>
  /** The README's prose; null when the template has none. */
  readonly readmeBody: string | null
  /** Whether everything that went into the rendering was on record. */
  readonly isExact: boolean
}

export interface Reproduced {
  readonly template: TemplateDrift
  readonly reproduction: Reproduction | null
  readonly state: DriftSourceState
}

export interface ReproductionRequest {
  readonly record: StoredRecord
  readonly recordedDigest: string | null
  readonly facts: RenderingFacts
  readonly isExact: boolean
  readonly equipmentId: string
}

/** Where the template was, and where it is when the folder of templates has moved. */
const candidates = (sourcePath: string): ReadonlyArray<string> => {
  const name = leafName(sourcePath)
  const shelf = leafName(parentPath(sourcePath))
  return sourcePath === "" ? [] : [...new Set([sourcePath, `${shelf}/${name}`, name])]
}

type Sight =
  | { readonly _tag: "Resolved"; readonly template: ResolvedTemplate }
  | { readonly _tag: "Missing"; readonly error: TemplateLoadError }
  | { readonly _tag: "Unusable"; readonly error: TemplateLoadError }

const lookFor = Effect.fnUntraced(function* (path: string, { equipmentId, facts }: ReproductionRequest) {
  const engine = yield* TemplateEngine
  const located = yield* Effect.either(engine.locate(path, { equipmentId }))
  if (Either.isLeft(located)) return { _tag: "Missing", error: located.left } satisfies Sight
  const resolved = yield* Effect.either(engine.resolve(located.right, facts.pluginVariables))
  const sight: Sight = Either.match(resolved, {
    onLeft: (error) => ({ _tag: "Unusable", error }),
    onRight: (template) => ({ _tag: "Resolved", template }),
  })
  return sight
})

/** The template with the recorded digest, wherever it is now; else the first that was seen at all. */
const findTemplate = Effect.fnUntraced(function* (request: ReproductionRequest) {
  let seen: Sight | null = null
  for (const path of candidates(request.record.template.sourcePath)) {
    const sight: Sight = yield* lookFor(path, request)
    if (sight._tag === "Resolved" && sight.template.digest === request.recordedDigest) return sight
    if (seen === null || (seen._tag === "Missing" && sight._tag !== "Missing")) seen = sight
  }
  return seen
})

const none = (detail: string): DriftSourceState => ({ source: "rendered", state: "none", detail })

const notRendered = (
  { name, sourcePath, version }: StoredRecord["template"],
  status: TemplateDrift["status"],
  recordedDigest: string | null,
  foundDigest: string | null,
  detail: string,
): Reproduced => ({
  template: { name, version, sourcePath, status, recordedDigest, foundDigest, detail },
  reproduction: null,
  state: none(detail),
})

/**
 * Renders a directory again from its recorded answers, in memory, if its template is what it was. Whatever keeps it
 * from that is told, and fails nothing.
 */
export const reproduce = Effect.fn("DriftCheck.reproduce")(function* (request: ReproductionRequest) {
  const { facts, isExact, record, recordedDigest } = request
  const { template } = record
  if (recordedDigest === null)
    return notRendered(template, "not_recorded", null, null, "its record doesn't say what the template was")
  const sight = yield* findTemplate(request)
  if (sight === null)
    return notRendered(
      template,
      "missing",
      recordedDigest,
      null,
      "its record doesn't say where the template was",
    )
  if (sight._tag === "Missing")
    return notRendered(template, "missing", recordedDigest, null, sight.error.message)
  if (sight._tag === "Unusable")
    return notRendered(template, "unusable", recordedDigest, null, sight.error.message)
  const { digest } = sight.template
  if (digest !== recordedDigest)
    return notRendered(template, "changed", recordedDigest, digest, "the template has changed since")
  const engine = yield* TemplateEngine
  const variables = { builtIn: facts.builtIn, answers: record.variables, timeZone: facts.timeZone }
  const rendered = yield* Effect.either(engine.preview(sight.template, variables, null))
  const { name, sourcePath, version } = template
  const drift: TemplateDrift = {
    name,
    version,
    sourcePath,
    status: "matches",
    recordedDigest,
    foundDigest: digest,
    detail: null,
  }
  if (Either.isLeft(rendered)) {
    const { message } = rendered.left
    const state: DriftSourceState = {
      source: "rendered",
      state: isExact ? "broken" : "none",
      detail: message,
    }
    return { template: drift, reproduction: null, state } satisfies Reproduced
  }
  const { directories, files, readmeBody } = rendered.right
  const state: DriftSourceState = isExact
    ? { source: "rendered", state: "compared", detail: null }
    : { source: "rendered", state: "partly", detail: "its record lacks some of what it was rendered with" }
  const reproduced: Reproduced = {
    template: drift,
    reproduction: { files, directories, readmeBody, isExact },
    state,
  }
  return reproduced
})
