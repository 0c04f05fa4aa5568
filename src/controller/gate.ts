import { Array, DateTime, Effect, Either, Option } from "effect"
import type { CreateRequest, LimsProject, RunKind } from "../domain/CreateRequest.ts"
import { type Destination, projectDestination, runDestination } from "../domain/Destination.ts"
import {
  GateRefused,
  type Issue,
  type PluginHostUnavailable,
  type PluginVariablesInvalid,
  type TemplateLoadError,
} from "../domain/Errors.ts"
import type { JsonObject } from "../domain/Json.ts"
import { type ClassifiedReadme, classifyReadme } from "../domain/ReadmeFieldLayers.ts"
import { parseRunDate } from "../domain/RunDate.ts"
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
import { findProject, type FoundProject } from "./projectLookup.ts"
import {
  type CoreFields,
  coreFieldIssues,
  coreFields,
  equipmentOf,
  issue,
  projectIdOf,
  projectIssues,
  shapeIssues,
} from "./requestChecks.ts"

/** What the gate lets through: everything that later steps need, computed once. */
export interface Accepted {
  readonly session: Session
  readonly core: CoreFields
  readonly equipment: EquipmentSettings
  readonly place: Place
  readonly template: ResolvedTemplate
  readonly answers: JsonObject
  readonly readme: ClassifiedReadme
}

/** Where the directory goes, for which project, and the names that follow from it. */
export interface Place {
  readonly destination: Destination
  readonly lims: LimsProject
  /** No record said what the run's project is called in the LIMS. */
  readonly limsAssumed: boolean
  readonly builtIn: BuiltInVariables
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

const runKindOf = (request: CreateRequest): RunKind =>
  "runKind" in request ? request.runKind : "experimental"

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
  const project = yield* findProject(settings.paths.localRoot, request.equipmentId, shortId)
  const missing = `${request.equipmentId} has no project ${shortId}; create it first`
  yield* refuse(Option.isSome(project) ? named : [...named, issue(field, "project_not_found", missing)])
  return { equipment: equipment.right, project }
})

/** When a run took place: given, or the moment its session opened. */
const runDateOf = ({ createdAt, request }: Session, zone: DateTime.TimeZone) => {
  const given = "runDate" in request ? (request.runDate ?? null) : null
  return Either.fromOption(
    given === null ? Option.some(DateTime.setZone(createdAt, zone)) : parseRunDate(given, zone),
    () => issue("run_date", "validation_failed", "must be an ISO-8601 date, or date and time, from 1900 on"),
  )
}

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
  return { template, answers }
})

const limsOf = (request: CreateRequest, project: Option.Option<FoundProject>) => {
  const given = request.limsProject ?? null
  if (given !== null) return { lims: given, limsAssumed: false }
  const { shortId } = projectIdOf(request)
  return Option.match(
    Option.flatMap(project, ({ lims }) => lims),
    {
      onSome: (lims) => ({ lims, limsAssumed: false }),
      onNone: () => ({
        limsAssumed: true,
        lims: {
          uid: "",
          shortId,
          nameAtCreation: Option.match(project, { onNone: () => shortId, onSome: ({ folder }) => folder }),
          source: "live" as const,
        },
      }),
    },
  )
}

const placeOf = (
  session: Session,
  localRoot: string,
  core: CoreFields,
  equipment: EquipmentSettings,
  project: Option.Option<FoundProject>,
  runDate: DateTime.Zoned,
): Place => {
  const { shortId } = projectIdOf(session.request)
  const { lims, limsAssumed } = limsOf(session.request, project)
  const folder = Option.match(project, { onNone: () => shortId, onSome: (found) => found.folder })
  const destination =
    session.kind === "project"
      ? projectDestination(localRoot, equipment.id, shortId)
      : runDestination(localRoot, equipment.id, folder, runKindOf(session.request), runDate)
  const builtIn = {
    ...core,
    equipment_id: equipment.id,
    equipment_label: equipment.label,
    project_short_id: shortId,
    project_name: lims.nameAtCreation,
    run_kind: destination.runKind,
    run_name: destination.level === "run" ? destination.leaf : "",
    run_date: DateTime.formatIsoOffset(runDate),
    created_at: DateTime.formatIso(session.createdAt),
  }
  return { destination, lims, limsAssumed, builtIn }
}

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
  const place = placeOf(session, settings.paths.localRoot, core, equipment, project, runDate)
  const { template, answers } = yield* templateStage(located, place.builtIn, request.variables)
  const readme = yield* readmeStage(template, request, settings)
  yield* plugins.check(template.plugins, answers).pipe(Effect.mapError(refusePlugins))
  yield* pathStage(place.destination, projectIdOf(request).field)
  yield* refuse(yield* destinationIssues(place.destination, settings.disk.minFreeMib))
  return { session, core, equipment, place, template, answers, readme } satisfies Accepted
})
