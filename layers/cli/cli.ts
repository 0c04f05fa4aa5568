import { CliConfig, Command, HelpDoc, ValidationError } from "@effect/cli"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import { version } from "../http/version.ts"
import { help } from "./common.ts"
import { create } from "./create.ts"
import { doctor } from "./doctor.ts"
import { init } from "./init.ts"
import { Output } from "./Output.ts"
import { plugins } from "./plugins.ts"
import { serve } from "./serve.ts"
import { sessions } from "./sessions/sessions.ts"
import { templates } from "./templates.ts"

const root = Command.make("exlab-wizard").pipe(
  Command.withDescription(
    help("Takes a lab's project and run requests to finished, self-describing directories.", "init lab"),
  ),
  Command.withSubcommands([serve, create, sessions, templates, plugins, init, doctor]),
)

const run = Command.run(root, {
  name: "exlab-wizard",
  version,
  footer: HelpDoc.p(
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted. More: docs/cli.md",
  ),
})

const isUsage = (error: unknown): boolean =>
  ValidationError.isValidationError(error) ||
  (typeof error === "object" && error !== null && "_tag" in error && error._tag === "UsageError")

/** The parser has said what is wrong with the words that it was given. */
const sentence = (error: ValidationError.ValidationError | Error): string | null =>
  ValidationError.isValidationError(error) ? null : error.message

/** The program, from its words. It tells its errors itself; the exit still has them. */
export const main = (argv: ReadonlyArray<string>) =>
  run(argv).pipe(
    Effect.tapErrorCause((cause) =>
      Effect.flatMap(Output, ({ note }) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.void
        const text = Option.match(Cause.failureOption(cause), {
          onNone: () => Cause.pretty(cause),
          onSome: sentence,
        })
        return text === null ? Effect.void : note(text)
      }),
    ),
    Effect.provide(Layer.merge(Output.layer, CliConfig.layer({ showBuiltIns: false }))),
  )

/** 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted; a service that is told to end has done its work. */
export const exitCode = (exit: Exit.Exit<unknown, unknown>, isService: boolean): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return isService ? 0 : 130
  return Option.exists(Cause.failureOption(exit.cause), isUsage) ? 2 : 1
}
