import { Command } from "@effect/cli"
import { override, revoke } from "./deciding.ts"
import { history } from "./history.ts"

export const problems = Command.make("problems").pipe(
  Command.withDescription("Overrules what the rules find in a directory, on record, and tells who did."),
  Command.withSubcommands([override, revoke, history]),
)
