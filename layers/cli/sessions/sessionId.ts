import { Args, HelpDoc } from "@effect/cli"
import { Effect, Schema } from "effect"
import { SessionId } from "../../../src/domain/Session.ts"

const decode = Schema.decode(SessionId)

export const sessionId = Args.text({ name: "id" }).pipe(
  Args.withDescription("The session, as `sessions list` tells it"),
  Args.mapEffect((text) =>
    Effect.mapError(decode(text), () =>
      HelpDoc.p(`${text} is no session's id, which is a UUID; \`exlab-wizard sessions list\` tells them`),
    ),
  ),
)
