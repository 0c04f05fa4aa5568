import { Command } from "@effect/cli"
import { enqueue, initTarget, retry } from "./acting.ts"
import { revalidate, verify } from "./checking.ts"
import { status } from "./status.ts"

export const sync = Command.make("sync").pipe(
  Command.withDescription("Looks at what is copied to the NAS, and steers it. The service copies."),
  Command.withSubcommands([status, initTarget, enqueue, retry, verify, revalidate]),
)
