import { Command, Options } from "@effect/cli"
import { Effect, Either, Layer, type Option, Schema } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionKind } from "../../src/domain/CreateRequest.ts"
import { typed } from "../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { DoneResult } from "../../src/domain/Session.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import { ports, syncQueueOnly } from "../Embedded.ts"
import { creationOf } from "../http/creationBody.ts"
import { answerOption } from "./answering.ts"
import { isInteractive } from "./asking.ts"
import { UsageError } from "./CommandFailed.ts"
import { base, config, fromYaml, json, pairs, readPairs, toJson } from "./common.ts"
import { follow } from "./following.ts"
import { gather } from "./gathering.ts"
import { Output } from "./Output.ts"
import { isObject, readRequest, refuseOtherKind, refuseWholeGroups, withPairs } from "./requestFile.ts"

const from = Options.text("from").pipe(
  Options.withPseudoName("FILE"),
  Options.withDescription("The request in YAML, by the names that it has over HTTP"),
  Options.optional,
)
const set = pairs("set", "A field of the request, or a variable of its template")
const options = { config, json, from, set, answer: answerOption }

interface Given {
  readonly config: Option.Option<string>
  readonly json: boolean
  readonly from: Option.Option<string>
  readonly set: ReadonlyArray<string>
  readonly answer: ReadonlyArray<string>
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** How a template's variables are written on a command line: as its questions' types say. */
const variableReader = (body: JsonObject) =>
  Effect.gen(function* () {
    const engine = yield* TemplateEngine
    const { manifest } = yield* engine.locate(text(body["template_path"]), {
      equipmentId: text(body["equipment_id"]),
    })
    return (name: string, said: string): Json => {
      const question = manifest.questions?.[name]
      return question === undefined ? fromYaml(said) : typed(question, said)
    }
  }).pipe(Effect.catchTag("TemplateLoadError", () => Effect.succeed((_: string, said: string): Json => said)))

const bodyOf = Effect.fnUntraced(function* (kind: SessionKind, { from, set }: Given) {
  const said = yield* readRequest(from)
  const given = yield* readPairs("set", set)
  yield* refuseOtherKind(kind, said, given)
  yield* refuseWholeGroups(given)
  const untyped = withPairs(kind, said, given, (_, value) => value)
  const read = yield* variableReader(untyped)
  const body = withPairs(kind, said, given, read)
  const whole: JsonObject = isInteractive() ? yield* gather(kind, body) : body
  const empty: JsonObject = { variables: {}, label: "", operator: "", objective: "" }
  const lims = whole["lims_project"]
  return {
    ...empty,
    ...whole,
    ...(isObject(lims) ? { lims_project: { uid: "", source: "offline_catalogue", ...lims } } : {}),
    kind,
  }
})

const open = Effect.fnUntraced(function* (body: JsonObject) {
  const wizard = yield* CreationController
  const creation = yield* Either.mapLeft(creationOf(body), ({ message }) => new UsageError({ message }))
  return creation.kind === "project"
    ? yield* wizard.createProject(creation.request)
    : yield* wizard.createRun(creation.request)
})

const encodeResult = Schema.encode(DoneResult)

const createA = (kind: SessionKind) => (given: Given) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const answers = yield* readPairs("answer", given.answer)
    const { sessionId } = yield* open(yield* bodyOf(kind, given))
    const made = yield* follow(sessionId, answers)
    for (const { offendingPath, ruleDetail } of made.findings)
      yield* note(`! ${offendingPath}: ${ruleDetail}`)
    const whole = yield* Effect.orDie(encodeResult(made))
    yield* result(given.json ? toJson({ session_id: sessionId, ...whole }) : made.path)
  }).pipe(
    Effect.provide(
      CreationController.layer.pipe(
        Layer.provideMerge(syncQueueOnly),
        Layer.provideMerge(ports),
        Layer.provideMerge(base(given.config)),
      ),
    ),
  )

export const project = Command.make("project", options, createA("project")).pipe(
  Command.withDescription("Creates a project. At a terminal, it asks for what isn't given."),
)

export const run = Command.make("run", options, createA("run")).pipe(
  Command.withDescription("Creates a run of a project. At a terminal, it asks for what isn't given."),
)

export const create = Command.make("create").pipe(
  Command.withDescription("Creates a project or a run on this machine."),
  Command.withSubcommands([project, run]),
)
