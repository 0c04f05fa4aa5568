import { CliConfig, Command, ValidationError } from "@effect/cli"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import { version } from "../http/version.ts"
import { CommandFailed, UsageError } from "./CommandFailed.ts"
import { audit } from "./audit/audit.ts"
import { bashCompletions, isForBash } from "./completions.ts"
import * as create from "./create.ts"
import { doctor } from "./doctor.ts"
import { commandIn, type Commands, described, helpFor } from "./help.ts"
import { exporting } from "./export.ts"
import { init } from "./init.ts"
import { misuseOf } from "./misuse.ts"
import { Output } from "./Output.ts"
import * as plugins from "./plugins.ts"
import { override, revoke } from "./problems/deciding.ts"
import { history } from "./problems/history.ts"
import { problems } from "./problems/problems.ts"
import { sentenceOf } from "./sentences.ts"
import { serve } from "./serve.ts"
import { cancel, resume } from "./sessions/acting.ts"
import { list, show } from "./sessions/looking.ts"
import { sessions } from "./sessions/sessions.ts"
import { watch } from "./sessions/watch.ts"
import { enqueue, initTarget, retry } from "./sync/acting.ts"
import { revalidate, verify } from "./sync/checking.ts"
import { status } from "./sync/status.ts"
import { sync } from "./sync/sync.ts"
import * as templates from "./templates.ts"
import { verify as verifyDirectory } from "./verify.ts"

const root = Command.make("exlab-wizard").pipe(
  Command.withDescription("Takes a lab's project and run requests to finished, self-describing directories."),
  Command.withSubcommands([
    serve,
    create.create,
    sessions,
    sync,
    audit,
    verifyDirectory,
    problems,
    exporting,
    templates.templates,
    plugins.plugins,
    init,
    doctor,
  ]),
)

const commands: Commands = {
  "": described(root),
  init: described(init),
  doctor: described(doctor),
  create: described(create.create),
  "create project": described(create.project),
  "create run": described(create.run),
  serve: described(serve),
  sessions: described(sessions),
  "sessions list": described(list),
  "sessions show": described(show),
  "sessions watch": described(watch),
  "sessions resume": described(resume),
  "sessions cancel": described(cancel),
  sync: described(sync),
  "sync status": described(status),
  "sync init-target": described(initTarget),
  "sync enqueue": described(enqueue),
  "sync retry": described(retry),
  "sync verify": described(verify),
  "sync revalidate": described(revalidate),
  audit: described(audit),
  verify: described(verifyDirectory),
  problems: described(problems),
  "problems override": described(override),
  "problems revoke": described(revoke),
  "problems history": described(history),
  export: described(exporting),
  templates: described(templates.templates),
  "templates list": described(templates.list),
  "templates lint": described(templates.lint),
  plugins: described(plugins.plugins),
  "plugins list": described(plugins.list),
  "plugins lint": described(plugins.lint),
  "plugins exec": described(plugins.exec),
}

const parse = Command.run(root, { name: "exlab-wizard", version })

/** What these words ask for: help and completions are our own, all else is the parser's. */
const answer = Effect.fnUntraced(function* (argv: ReadonlyArray<string>) {
  const { page, result } = yield* Output
  const words = argv.slice(2)
  const help = helpFor(commands, words)
  if (help !== null) return yield* page(help)
  if (words.includes("--version")) return yield* result(version)
  const misuse = misuseOf(Object.keys(commands), words)
  if (misuse !== null) return yield* new UsageError({ message: misuse })
  return isForBash(words) ? yield* result(yield* bashCompletions(root)) : yield* parse(argv)
})

const exitCodeOf = (error: unknown): number => {
  if (ValidationError.isValidationError(error) || error instanceof UsageError) return 2
  return error instanceof CommandFailed ? (error.exitCode ?? 1) : 1
}

/** What follows the parser's own words about what it didn't understand. */
const howToCall = (argv: ReadonlyArray<string>): string => {
  const command = ["exlab-wizard", commandIn(commands, argv.slice(2))].join(" ").trimEnd()
  return `\`${command} --help\` tells how it is called`
}

/** The program, from its words. It tells its errors itself; the exit still has them. */
export const main = (argv: ReadonlyArray<string>) =>
  answer(argv).pipe(
    Effect.tapErrorCause((cause) =>
      Effect.flatMap(Output, ({ note }) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.void
        return note(
          Option.match(Cause.failureOption(cause), {
            onNone: () => Cause.pretty(cause),
            onSome: (error) => sentenceOf(error) ?? howToCall(argv),
          }),
        )
      }),
    ),
    Effect.provide(Layer.merge(Output.layer, CliConfig.layer({ showBuiltIns: false }))),
  )

/** What the manual says; a service that is told to end has done its work. */
export const exitCode = (exit: Exit.Exit<unknown, unknown>, isService: boolean): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return isService ? 0 : 130
  return Option.match(Cause.failureOption(exit.cause), { onNone: () => 1, onSome: exitCodeOf })
}
