import { CliConfig, Command, ValidationError } from "@effect/cli"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import { version } from "../http/version.ts"
import { CommandFailed, UsageError } from "./CommandFailed.ts"
import { completionsOr } from "./completions.ts"
import { create } from "./create.ts"
import { doctor } from "./doctor.ts"
import { init } from "./init.ts"
import { pageFor } from "./manual.ts"
import { Output } from "./Output.ts"
import { plugins } from "./plugins.ts"
import { sentenceOf } from "./sentences.ts"
import { serve } from "./serve.ts"
import { sessions } from "./sessions/sessions.ts"
import { templates } from "./templates.ts"

const root = Command.make("exlab-wizard").pipe(
  Command.withDescription("Takes a lab's project and run requests to finished, self-describing directories."),
  Command.withSubcommands([serve, create, sessions, templates, plugins, init, doctor]),
)

const exitCodeOf = (error: unknown): number => {
  if (ValidationError.isValidationError(error) || error instanceof UsageError) return 2
  return error instanceof CommandFailed ? (error.exitCode ?? 1) : 1
}

/** The program, from its words. It tells its errors itself; the exit still has them. */
export const main = (argv: ReadonlyArray<string>) => {
  const words = argv.slice(2)
  const run = Command.run(root, { name: "exlab-wizard", version, footer: pageFor(words) })
  return completionsOr(root, words, run(argv)).pipe(
    Effect.tapErrorCause((cause) =>
      Effect.flatMap(Output, ({ note }) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.void
        const text = Option.match(Cause.failureOption(cause), {
          onNone: () => Cause.pretty(cause),
          onSome: sentenceOf,
        })
        return text === null ? Effect.void : note(text)
      }),
    ),
    Effect.provide(Layer.merge(Output.layer, CliConfig.layer({ showBuiltIns: false }))),
  )
}

/** What the manual says; a service that is told to end has done its work. */
export const exitCode = (exit: Exit.Exit<unknown, unknown>, isService: boolean): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return isService ? 0 : 130
  return Option.match(Cause.failureOption(exit.cause), { onNone: () => 1, onSome: exitCodeOf })
}
