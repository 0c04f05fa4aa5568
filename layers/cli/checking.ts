import { resolve } from "node:path"
import { Options } from "@effect/cli"
import { Effect } from "effect"
import type { LintFinding } from "../../src/domain/Template.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { CommandFailed, UsageError } from "./CommandFailed.ts"
import { toJson } from "./common.ts"
import { Output } from "./Output.ts"
import { diskSentence, sentenceOf } from "./sentences.ts"

export const strict = Options.boolean("strict").pipe(Options.withDescription("Warnings count as errors"))

const exitCodes = { warnings: 1, errors: 2, unseen: 3 } as const

const lineOf = ({ code, file, line, message, severity }: LintFinding): string =>
  `${file}${line === 0 ? "" : `:${line}`} ${severity} ${code}: ${message}`

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** Prints what a check found, and fails with the exit code of the worst. */
export const report = Effect.fnUntraced(function* (
  findings: ReadonlyArray<LintFinding>,
  { json, strict }: { readonly json: boolean; readonly strict: boolean },
) {
  const { note, result } = yield* Output
  if (json) yield* result(toJson(findings))
  else for (const finding of findings) yield* result(lineOf(finding))
  if (findings.length === 0) return json ? undefined : yield* note("nothing is wrong")
  const errors = findings.filter(({ severity }) => severity === "error").length
  const exitCode = errors > 0 || strict ? exitCodes.errors : exitCodes.warnings
  const message = `found ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}`
  return yield* new CommandFailed({ message, exitCode })
})

/** A folder that somebody named, by its real path. */
export const folderAt = (path: string): Effect.Effect<string, CommandFailed, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const real = yield* disk.realPath(resolve(path))
    yield* disk.list(real)
    return real
  }).pipe(
    Effect.mapError(
      (error) => new CommandFailed({ message: diskSentence(error), exitCode: exitCodes.unseen }),
    ),
  )

/** Whatever keeps a check from being made is told apart from what it finds. */
export const unlessUnseen = <A, E extends Error, R>(
  check: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | CommandFailed, R> =>
  Effect.mapError(check, (error) => {
    const isVerdict = error instanceof CommandFailed && error.exitCode !== undefined
    if (isVerdict || error instanceof UsageError) return error
    return new CommandFailed({ message: sentenceOf(error) ?? "", exitCode: exitCodes.unseen })
  })
