import { Command } from "@effect/cli"
import { cancel, resume } from "./acting.ts"
import { list, show } from "./looking.ts"
import { watch } from "./watch.ts"

export const sessions = Command.make("sessions").pipe(
  Command.withDescription("Looks at a running service's sessions, answers and ends them."),
  Command.withSubcommands([list, show, watch, resume, cancel]),
)
