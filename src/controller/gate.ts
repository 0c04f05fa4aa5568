import { Array, DateTime, Effect, Either, Option } from "effect"
import type { CreateRequest } from "../domain/CreateRequest.ts"
import type { Destination } from "../domain/Destination.ts"
import {
  GateRefused,
  type Issue,
  type PluginHostUnavailable,
  type PluginVariablesInvalid,
  type TemplateLoadError,
} from "../domain/Errors.ts"
import type { JsonObject } from "../domain/Json.ts"
import { type ClassifiedReadme, classifyReadme } from "../domain/ReadmeFieldLayers.ts"
import type { Session } from "../domain/Session.ts"
import type { EquipmentSettings, Settings as SettingsShape } from "../domain/Settings.ts"
import {
  type BuiltInVariables,
  type LocatedTemplate,
  modeProblem,
  type ResolvedTemplate,
} from "../domain/Template.ts"
import { PluginHost } from "../ports/PluginHost.ts"
import { Settings } from "../ports/Settings.ts"
import { TemplateEngine } from "../ports/TemplateEngine.ts"
import { Validator } from "../ports/Validator.ts"
import { destinationIssues } from "./destinationChecks.ts"
import { type Place, placeOf, runDateOf, runKindOf } from "./place.ts"
import { findProject, type FoundProject } from "./projectLookup.ts"
import {
  type CoreFields,
  coreFieldIssues,
  coreFields,
  equipmentOf,
  issue,
  projectIdOf,
  projectIssues,
} from "./requestChecks.ts"
import { shapeIssues } from "./requestShape.ts"

/** What the gate lets through: everything that later steps need, computed once. */
export interface Accepted {
  readonly session: Session
  readonly core: CoreFields
  readonly equipment: EquipmentSettings
  readonly place: Place
  readonly template: ResolvedTemplate
  readonly answers: JsonObject
  /** Names that the template may use because a plugin declares them. */
  readonly pluginVariables: ReadonlyArray<string>
  readonly readme: ClassifiedReadme
}

const refuse = (issues: ReadonlyArray<Issue>): Effect.Effect<void, GateRefused> =>
  Array.isNonEmptyReadonlyArray(issues) ? new GateRefused({ issues }) : Effect.void

const refuseTemplate = (error: TemplateLoadError) =>
  new GateRefused({ issues: [issue("template_path", error.code, error.message)] })

const refusePlugins = (error: PluginVariablesInvalid | PluginHostUnavailable) =>
  new GateRefused({
    issues:
      error._tag === "PluginHostUnavailable"
        ? [issue("template_path", error.code, error.message)]
        : Array.map(error.problems, ({ plugin, message }) =>
            issue("variables", error.code, `plugin ${plugin}: ${message}`),
          ),
  })

/** 1: the template is there, and serves this kind of request. */
const modeStage = Effect.fnUntraced(function* ({ kind, request }: Session) {
  const engine = yield* TemplateEngine
  const located = yield* engine
    .locate(request.templatePath, { equipmentId: request.equipmentId })
    .pipe(Effect.mapError(refuseTemplate))
  const problem = modeProblem(located.manifest, kind, runKindOf(request))
  if (problem !== null) yield* refuse([issue(problem.field, "mode_mismatch", problem.message)])
  return located
})

/** 2: the equipment and the project are known and safely named. */
const namingStage = Effect.fnUntraced(function* (request: CreateRequest, settings: SettingsShape) {
  const equipment = equipmentOf(request.equipmentId, settings)
  const named = projectIssues(request)
  const { field, shortId } = projectIdOf(request)
  const unsafe = named.some(({ code }) => code === "unsafe_project_name")
  if (Either.isLeft(equipment)) return yield* new GateRefused({ issues: [equipment.left, ...named] })
  if (!("projectShortId" in request) || unsafe) {
    yield* refuse(named)
    return { equipment: equipment.right, project: Option.none<FoundProject>() }
  }
  const found = yield* findProject(settings.paths.localRoot, request.equipmentId, shortId)
  yield* refuse(Either.isRight(found) ? named : [...named, issue(field, "project_not_found", found.left)])
  return { equipment: equipment.right, project: Either.getRight(found) }
})

/** 3: the core fields, trimmed, and the run's date. */
const coreStage = Effect.fnUntraced(function* (session: Session, settings: SettingsShape) {
  const core = coreFields(session.request)
  const issues = coreFieldIssues(core, settings.operators.allowlist)
  const date = runDateOf(session, DateTime.zoneUnsafeMakeNamed(settings.timeZone))
  if (Either.isLeft(date)) return yield* new GateRefused({ issues: Array.append(issues, date.left) })
  yield* refuse(issues)
  return { core, runDate: date.right }
})

/** 4: the template's files are sound, and its questions are answered. */
const templateStage = Effect.fnUntraced(function* (
  located: LocatedTemplate,
  builtIn: BuiltInVariables,
  variables: JsonObject,
) {
  const engine = yield* TemplateEngine
  const plugins = yield* PluginHost
  const declarations = yield* plugins
    .declarations(located.manifest.plugins ?? [])
    .pipe(Effect.mapError(refusePlugins))
  const declared = declarations.flatMap((plugin) => [
    ...plugin.requiredVariables,
    ...plugin.optionalVariables,
  ])
  const template = yield* engine.resolve(located, declared).pipe(Effect.mapError(refuseTemplate))
  const answers = yield* engine
    .answer(template, builtIn, variables, declared)
    .pipe(Effect.mapError((issues) => new GateRefused({ issues })))
  return { template, answers, pluginVariables: declared }
})

/** 5: README fields that the template and the settings require. */
const readmeStage = (template: ResolvedTemplate, request: CreateRequest, settings: SettingsShape) =>
  Either.mapLeft(
    classifyReadme({
      templateFields: template.manifest.readme?.fields ?? [],
      configFields: settings.readme.defaults,
      extra: request.readmeExtra ?? {},
    }),
    (issues) => new GateRefused({ issues }),
  )

/** 7: no segment of the destination breaks a rule. */
const pathStage = Effect.fnUntraced(function* (destination: Destination, field: string) {
  const validator = yield* Validator
  yield* refuse(
    validator
      .checkDestination(destination)
      .map((finding) => issue(field, "validation_failed", finding.ruleDetail)),
  )
})

/**
 * Everything that must hold before anything is written. It writes nothing. Problems of one stage come
 * together, and the first stage that has any ends it. `docs/sessions.md` lists the stages.
 */
export const gate = Effect.fn("gate")(function* (session: Session) {
  const settings = yield* Settings
  const plugins = yield* PluginHost
  const { request } = session
  yield* refuse(shapeIssues(session.kind, request))
  const located = yield* modeStage(session)
  const { equipment, project } = yield* namingStage(request, settings)
  const { core, runDate } = yield* coreStage(session, settings)
  const place = placeOf(settings.paths.localRoot, { session, core, equipment, project, runDate })
  const { answers, pluginVariables, template } = yield* templateStage(
    located,
    place.builtIn,
    request.variables,
  )
  const readme = yield* readmeStage(template, request, settings)
  yield* plugins
    .check(template.plugins, { ...place.builtIn, ...answers })
    .pipe(Effect.mapError(refusePlugins))
  yield* pathStage(place.destination, projectIdOf(request).field)
  yield* refuse(yield* destinationIssues(place.destination, settings.disk.minFreeMib))
  return { session, core, equipment, place, template, answers, pluginVariables, readme } satisfies Accepted
})
