import { Effect, Either, DateTime } from "effect"
import type { SessionKind } from "../../src/domain/CreateRequest.ts"
import { type Field, isBlank } from "../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import type { BuiltInVariables, Manifest } from "../../src/domain/Template.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import { questionsOf } from "../templates/manifest/questions.ts"
import { isAsked } from "../templates/render/answerQuestions.ts"
import { ask } from "./asking.ts"
import { isObject } from "./requestFile.ts"

const required = (id: string, label: string): Field => ({ id, label, type: "string", required: true })

const choice = (id: string, label: string, options: ReadonlyArray<string>): Field => {
  return { id, label, type: "choice", options, required: true }
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** Asks for what isn't there yet. */
const fill = (body: JsonObject, field: Field) =>
  isBlank(body[field.id])
    ? Effect.map(ask(field), (value): JsonObject => ({ ...body, [field.id]: value }))
    : Effect.succeed(body)

const fillAll = (body: JsonObject, fields: ReadonlyArray<Field>) => Effect.reduce(fields, body, fill)

/** Where and by which template. */
const askPlace = Effect.fnUntraced(function* (kind: SessionKind, given: JsonObject) {
  const { equipment } = yield* Settings
  const engine = yield* TemplateEngine
  const ids = equipment.map(({ id }) => id)
  const body = yield* fill(given, choice("equipment_id", "Equipment", ids))
  const { templates } = yield* engine.list({ equipmentId: textOf(body["equipment_id"]) })
  const names = templates.filter(({ located }) => located.manifest.type === kind).map(({ name }) => name)
  return yield* fill(body, choice("template_path", "Template", names))
})

const askLims = Effect.fnUntraced(function* (body: JsonObject) {
  const given = isObject(body["lims_project"]) ? body["lims_project"] : {}
  const asked = yield* fillAll(given, [
    required("short_id", "Project's short id, the name of its folder"),
    required("name_at_creation", "Project's name"),
  ])
  return { ...body, lims_project: asked }
})

const notes = [
  required("label", "Label"),
  { ...required("operator", "Operator"), default: process.env["USER"] ?? "" },
  required("objective", "Objective"),
]

const ofRuns = [
  required("project_short_id", "Project's short id"),
  choice("run_kind", "Kind", ["experimental", "test"]),
]

/** The variables as far as they are known before anything is made. */
const builtInOf = (body: JsonObject): BuiltInVariables => ({
  label: textOf(body["label"]),
  operator: textOf(body["operator"]),
  objective: textOf(body["objective"]),
  equipment_id: textOf(body["equipment_id"]),
  equipment_label: "",
  project_short_id: textOf(body["project_short_id"]),
  project_name: "",
  run_kind: textOf(body["run_kind"]),
  run_name: "",
  run_date: "",
  created_at: "",
})

/** The template's questions, in their order: those that apply, and have no answer yet. */
const askQuestions = Effect.fnUntraced(function* (body: JsonObject, manifest: Manifest) {
  const { timeZone } = yield* Settings
  const questions = questionsOf(manifest)
  const given = isObject(body["variables"]) ? body["variables"] : {}
  const zone = DateTime.zoneUnsafeMakeNamed(timeZone)
  const context = { questions, builtIn: builtInOf(body), variables: given, pluginVariables: [], zone }
  let answers: JsonObject = Object.fromEntries(questions.map(({ id }) => [id, given[id] ?? ""]))
  for (const asked of questions) {
    const { default: byDefault, id, question } = asked
    const applies = Either.getOrElse(isAsked(asked, context, answers), () => true)
    if (!applies || !isBlank(given[id])) continue
    const { default: _, help, label = id, ...rest } = question
    const isComputed = byDefault !== null && "expression" in byDefault
    const answer = yield* ask({
      ...rest,
      id,
      label,
      // The service works it out when it stays empty.
      required: question.required === true && !isComputed,
      ...(byDefault !== null && "literal" in byDefault ? { default: byDefault.literal } : {}),
      ...(help === undefined ? {} : { hint: help }),
    })
    answers = { ...answers, [id]: answer }
  }
  const filled = Object.entries(answers).filter(([, value]) => !isBlank(value))
  return { ...body, variables: { ...given, ...Object.fromEntries(filled) } }
})

/** Asks at the terminal for all that a request lacks. */
export const gather = Effect.fnUntraced(function* (kind: SessionKind, given: JsonObject) {
  const engine = yield* TemplateEngine
  const placed = yield* askPlace(kind, given)
  const noted = yield* fillAll(kind === "run" ? yield* fillAll(placed, ofRuns) : placed, notes)
  const body: JsonObject = kind === "project" ? yield* askLims(noted) : noted
  const { manifest } = yield* engine.locate(textOf(body["template_path"]), {
    equipmentId: textOf(body["equipment_id"]),
  })
  return yield* askQuestions(body, manifest)
})
