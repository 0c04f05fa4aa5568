import { Command } from "@effect/cli"
import { Effect } from "effect"

/** `exlab__wizard,create,run)` is matched word by word: what was said before is one name by then. */
const afterItsGroup = (line: string): string =>
  line.replace(/^( *)(\w+(?:,\w+)+)(,\w+\))$/, (_, indent: string, before: string, last: string) => {
    return `${indent}${before.replaceAll(",", "__")}${last}`
  })

/** The library writes its own name for the program in some lines, and the program's, with a hyphen, in others. */
const byOneName = (line: string): string =>
  line
    .replace(/^( *)cmd="exlab-wizard"$/, '$1cmd="exlab__wizard"')
    .replace(/^( *)exlab-wizard\)$/, "$1exlab__wizard)")

/** Whether completions for bash are asked for. Those for other shells are the library's as they are. */
export const isForBash = (words: ReadonlyArray<string>): boolean =>
  /^--completions[ =](?:ba)?sh$/.test(words.join(" "))

/** The library's completions for bash, mended so that they go beyond the first word. */
export const bashCompletions = <Name extends string, R, E, A>(
  root: Command.Command<Name, R, E, A>,
): Effect.Effect<string> =>
  Effect.map(Command.getBashCompletions(root, "exlab-wizard"), (lines) =>
    lines.map((line) => afterItsGroup(byOneName(line))).join("\n"),
  )
