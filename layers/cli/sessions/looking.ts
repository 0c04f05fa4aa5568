import { Command, Options } from "@effect/cli"
import { DateTime, Effect, Number, Option, Schema } from "effect"
import { SessionCursor } from "../../../src/api/parameters.ts"
import { SessionView } from "../../../src/api/SessionsApi.ts"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import { SessionKind } from "../../../src/domain/CreateRequest.ts"
import type { Field } from "../../../src/domain/Field.ts"
import { SessionState } from "../../../src/domain/SessionState.ts"
import { json, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { explained } from "./explaining.ts"
import { client, server } from "./server.ts"
import { sessionId } from "./sessionId.ts"

const state = Options.choice("state", SessionState.literals).pipe(
  Options.withDescription("Only those in this state"),
  Options.optional,
)
const kind = Options.choice("kind", SessionKind.literals).pipe(
  Options.withDescription("Only those of this kind"),
  Options.optional,
)
const limit = Options.integer("limit").pipe(
  Options.withPseudoName("COUNT"),
  Options.filterMap(
    Option.liftPredicate(Number.between({ minimum: 1, maximum: 1000 })),
    "--limit must be 1–1000",
  ),
  Options.withDescription("At most so many, 1–1000"),
  Options.withDefault(100),
)
const cursor = Options.text("cursor").pipe(
  Options.withPseudoName("CURSOR"),
  Options.filterMap(
    Option.liftPredicate(Schema.is(SessionCursor)),
    "--cursor must be one that a page before told",
  ),
  Options.withDescription("The page after that which told this cursor"),
  Options.optional,
)

const encodeView = Schema.encode(SessionView)

const lineOf = ({ createdAt, destination, kind, sessionId, state }: SessionView): string =>
  [sessionId, state, kind, DateTime.formatIso(createdAt), destination ?? ""].join("\t")

/** Lists what the service remembers, newest first. */
export const list = Command.make(
  "list",
  { ...server, json, state, kind, limit, cursor },
  ({ cursor, json, kind, limit, state, ...server }) =>
    Effect.gen(function* () {
      const { note, result } = yield* Output
      const { sessions: calls } = yield* WizardClient
      const urlParams = {
        limit,
        ...Option.match(state, { onNone: () => ({}), onSome: (state) => ({ state }) }),
        ...Option.match(kind, { onNone: () => ({}), onSome: (kind) => ({ kind }) }),
        ...Option.match(cursor, { onNone: () => ({}), onSome: (cursor) => ({ cursor }) }),
      }
      const { nextCursor, sessions } = yield* explained(calls.list({ urlParams }))
      if (json) {
        const views = yield* Effect.orDie(Effect.forEach(sessions, (one) => encodeView(one)))
        return yield* result(toJson({ sessions: views, next_cursor: nextCursor }))
      }
      for (const one of sessions) yield* result(lineOf(one))
      if (sessions.length === 0) yield* note("there are no such sessions")
      if (nextCursor !== null) yield* note(`there are more: --cursor ${nextCursor}`)
    }).pipe(Effect.provide(client(server))),
).pipe(Command.withDescription("Lists a running service's sessions, newest first."))

const outcomeOf = ({ error, result }: SessionView): ReadonlyArray<readonly [string, string]> => {
  if (error !== null) return [["error", `${error.code}: ${error.message}`]]
  if (result === null) return []
  return "code" in result
    ? [
        ["ended by", result.code],
        ["files", result.path ?? "none are left"],
      ]
    : [
        ["path", result.path],
        ["sync", result.syncStatus],
        ...result.findings.map(({ offendingPath, ruleDetail }) => {
          return ["finding", `${offendingPath}: ${ruleDetail}`] as const
        }),
      ]
}

/** What counts when nothing is answered is said: it goes on record all the same. */
const questionOf = ({ default: otherwise, id, label, required, type }: Field): string => {
  const rules = [
    type,
    ...(required === true ? ["required"] : []),
    ...(otherwise === undefined ? [] : [`default ${JSON.stringify(otherwise)}`]),
  ]
  return `${id}: ${label} (${rules.join(", ")})`
}

const questionsOf = ({ pendingInput }: SessionView): ReadonlyArray<readonly [string, string]> =>
  pendingInput === null
    ? []
    : [
        ["asks", `${pendingInput.plugin}: ${pendingInput.reason}`],
        ...pendingInput.fields.map((field) => ["", questionOf(field)] as const),
      ]

const linesOf = (view: SessionView): ReadonlyArray<string> =>
  [
    ["session", view.sessionId] as const,
    ["kind", view.kind] as const,
    ["state", view.state] as const,
    ["created", DateTime.formatIso(view.createdAt)] as const,
    ...(view.destination === null ? [] : [["for", view.destination] as const]),
    ...questionsOf(view),
    ...outcomeOf(view),
  ].map(([name, value]) => `${name.padEnd(9)}${value}`)

/** Shows one session as it is now. */
export const show = Command.make("show", { ...server, json, id: sessionId }, ({ id, json, ...server }) =>
  Effect.gen(function* () {
    const { result } = yield* Output
    const { sessions } = yield* WizardClient
    const view = yield* explained(sessions.get({ path: { id } }))
    yield* result(json ? toJson(yield* Effect.orDie(encodeView(view))) : linesOf(view).join("\n"))
  }).pipe(Effect.provide(client(server))),
).pipe(
  Command.withDescription("Shows one session of a running service: how it is, what it asks, what it made."),
)
