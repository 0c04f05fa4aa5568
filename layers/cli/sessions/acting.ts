import { Command, Options } from "@effect/cli"
import { Effect, Option, Predicate, Schema } from "effect"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import { AbortedResult, SessionHandle } from "../../../src/domain/Session.ts"
import { answerFields, answerOption, type GivenAnswers } from "../answering.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { json, readPairs, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { explained } from "./explaining.ts"
import { client, server } from "./server.ts"
import { sessionId } from "./sessionId.ts"

const answeredBy = Options.text("answered-by").pipe(
  Options.withPseudoName("NAME"),
  Options.withDescription("Who answers, for the record; default: the session's operator"),
  Options.optional,
)

/** Answers to what nobody asked for are mistakes. */
const refuseStray = (given: GivenAnswers, ids: ReadonlyArray<string>) => {
  const stray = Object.keys(given).find((id) => !ids.includes(id))
  return stray === undefined
    ? Effect.void
    : new CommandFailed({ message: `nothing asks for ${stray}; answers are wanted for ${ids.join(", ")}` })
}

const isWrongAnswer = (error: { readonly message: string }): boolean =>
  Predicate.hasProperty(error, "code") && error.code === "input_invalid"

const encodeHandle = Schema.encode(SessionHandle)

/** Answers what a session's plugin asked. */
export const resume = Command.make(
  "resume",
  { ...server, json, answer: answerOption, answeredBy, id: sessionId },
  ({ answer, answeredBy, id, json, ...server }) =>
    Effect.gen(function* () {
      const { note, result } = yield* Output
      const { sessions } = yield* WizardClient
      const given = yield* readPairs("answer", answer)
      const path = { id }
      const { pendingInput, state } = yield* explained(sessions.get({ path }))
      if (pendingInput === null)
        return yield* new CommandFailed({
          message: `session ${id} asks for nothing: it is in ${state}; \`exlab-wizard sessions show\` tells how it is`,
        })
      const { fields, plugin, promptId, reason } = pendingInput
      yield* refuseStray(
        given,
        fields.map(({ id }) => id),
      )
      yield* note(`${plugin} asks: ${reason}`)
      const by = Option.match(answeredBy, { onNone: () => ({}), onSome: (name) => ({ answeredBy: name }) })
      const submit = (extraInputs: JsonObject) =>
        sessions.resume({ path, payload: { extraInputs, promptId, ...by } })
      const handle = yield* explained(answerFields(fields, given, { submit, isWrongAnswer }))
      if (json) return yield* result(toJson(yield* Effect.orDie(encodeHandle(handle))))
      yield* note(`it goes on: exlab-wizard sessions watch ${id}`)
      yield* result(handle.state)
    }).pipe(Effect.provide(client(server))),
).pipe(
  Command.withDescription(
    "Answers what a plugin of a running service's session asks; at a terminal, it asks you.",
  ),
)

const discardFiles = Options.boolean("discard-files").pipe(
  Options.withDescription("Deletes what was rendered so far; otherwise it is kept, and the path of it told"),
)

const encodeAborted = Schema.encode(AbortedResult)

/** Ends a session, and waits for its clean-up. */
export const cancel = Command.make(
  "cancel",
  { ...server, json, discardFiles, id: sessionId },
  ({ discardFiles, id, json, ...server }) =>
    Effect.gen(function* () {
      const { note, result } = yield* Output
      const { sessions } = yield* WizardClient
      const ended = yield* explained(sessions.cancel({ path: { id }, payload: { discardFiles } }))
      if (json) return yield* result(toJson(yield* Effect.orDie(encodeAborted(ended))))
      yield* note(ended.discarded ? "cancelled; no files are left" : "cancelled; its files are kept")
      if (ended.path !== undefined) yield* result(ended.path)
    }).pipe(Effect.provide(client(server))),
).pipe(Command.withDescription("Ends a session of a running service, once its clean-up is over."))
