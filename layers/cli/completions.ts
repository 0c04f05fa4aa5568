import { Command } from "@effect/cli"
import { Console, Effect } from "effect"

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

const isForBash = (words: ReadonlyArray<string>): boolean =>
  /^--completions[ =](?:ba)?sh$/.test(words.join(" "))

/**
 * Prints the completions for bash, where they are asked for, so that they go beyond the first word; the
 * library's are used as they are for other shells.
 */
export const completionsOr = <Name extends string, R0, E0, A0, A, E, R>(
  root: Command.Command<Name, R0, E0, A0>,
  words: ReadonlyArray<string>,
  otherwise: Effect.Effect<A, E, R>,
): Effect.Effect<A | void, E, R> =>
  isForBash(words)
    ? Effect.flatMap(Command.getBashCompletions(root, "exlab-wizard"), (lines) =>
        Console.log(lines.map((line) => afterItsGroup(byOneName(line))).join("\n")),
      )
    : otherwise
