import { Command, Options } from "@effect/cli"
import { Effect, Number, Option, Schema, Stream } from "effect"
import type { SessionView } from "../../../src/api/SessionsApi.ts"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import { type SessionId, SessionAborted, SessionFailed } from "../../../src/domain/Session.ts"
import { SessionEvent } from "../../../src/domain/SessionEvent.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { json } from "../common.ts"
import { Output } from "../Output.ts"
import { tell } from "../telling.ts"
import { explained } from "./explaining.ts"
import { client, server } from "./server.ts"
import { sessionId } from "./sessionId.ts"

const after = Options.integer("after").pipe(
  Options.withPseudoName("NUMBER"),
  Options.filterMap(Option.liftPredicate(Number.greaterThanOrEqualTo(0)), "--after must be 0 or more"),
  Options.withDescription("Only events with a greater number"),
  Options.withDefault(0),
)

const encodeEvent = Schema.encode(Schema.parseJson(SessionEvent))

const tellIn = Effect.fnUntraced(function* (id: SessionId, event: SessionEvent, isJson: boolean) {
  const { note, result } = yield* Output
  if (isJson) return yield* result(yield* Effect.orDie(encodeEvent(event)))
  yield* tell(event)
  if (event.kind !== "input_required") return
  const answers = event.fields.map((field) => ` --answer ${field.id}=…`).join("")
  yield* note(`  answer with: exlab-wizard sessions resume${answers} ${id}`)
})

type Ending = Pick<SessionView, "error" | "result">

const endingOf = (last: Option.Option<SessionEvent>): Ending | null => {
  const event = Option.getOrNull(last)
  if (event?.kind === "failed") return { error: event.error, result: null }
  return event?.kind === "done" || event?.kind === "aborted" ? { error: null, result: event.result } : null
}

/** What it made, or why nothing. */
const verdict = Effect.fnUntraced(function* (sessionId: SessionId, { error, result }: Ending) {
  if (error !== null) return yield* new SessionFailed({ sessionId, envelope: error })
  if (result === null)
    return yield* new CommandFailed({
      message: `session ${sessionId} hasn't ended, and its service tells no more of it; \`exlab-wizard sessions show\` tells how it is`,
    })
  if ("code" in result) return yield* new SessionAborted({ sessionId, result })
  return result.path
})

/** Follows a session to its end; to leave it changes nothing for it. */
export const watch = Command.make(
  "watch",
  { ...server, json, after, id: sessionId },
  ({ after, id, json, ...server }) =>
    Effect.gen(function* () {
      const { result } = yield* Output
      const { events, sessions } = yield* WizardClient
      const look = explained(sessions.get({ path: { id } }))
      // A service that isn't there is told at once; one that goes away later is waited for.
      yield* look
      const last = yield* events(id, { after }).pipe(
        Stream.tap((event) => tellIn(id, event, json)),
        Stream.runLast,
        explained,
      )
      const path = yield* verdict(id, endingOf(last) ?? (yield* look))
      if (!json) yield* result(path)
    }).pipe(Effect.provide(client(server))),
).pipe(
  Command.withDescription(
    "Follows a session of a running service to its end, through lost connections. Ctrl-C leaves it as it is.",
  ),
)
