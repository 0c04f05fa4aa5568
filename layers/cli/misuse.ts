import { nearest } from "../yaml/nearest.ts"
import { isInteractive } from "./asking.ts"
import { anyOf } from "./words.ts"

const shells = ["bash", "zsh", "fish", "sh"]

const isBuiltIn = (word: string): boolean => /^--(?:wizard|version|completions|log-level)\b/.test(word)

/** The words that may follow these, where they name a group of commands. */
const following = (names: ReadonlyArray<string>, group: ReadonlyArray<string>): ReadonlyArray<string> =>
  names
    .map((name) => name.split(" "))
    .filter((name) => name.length === group.length + 1 && group.every((word, at) => name[at] === word))
    .map((name) => name.at(-1) ?? "")
    .filter((word) => word !== "")

/** Where the words leave off to name a command, with what could be said there; null: they name one. */
const unnamed = (
  names: ReadonlyArray<string>,
  [word = "", ...rest]: ReadonlyArray<string>,
  group: ReadonlyArray<string> = [],
): string | null => {
  const known = following(names, group)
  if (known.length === 0 || isBuiltIn(word)) return null
  const named = word.toLowerCase()
  if (known.includes(named)) return unnamed(names, rest, [...group, named])
  const meant = nearest(word, known)
  const wrong = word === "" || word.startsWith("-") ? "" : `${word} is no command`
  const guess = meant === undefined ? "" : `, did you mean ${meant}?`
  const program = ["exlab-wizard", ...group].join(" ")
  return `${wrong}${guess}${wrong === "" ? "" : guess === "" ? ": " : " "}${program} must be followed by ${anyOf(known)}; \`${program} --help\` tells what they do`
}

/** What is wrong with the program's words that their parser doesn't see, or can't explain; null: nothing. */
export const misuseOf = (names: ReadonlyArray<string>, words: ReadonlyArray<string>): string | null => {
  const last = words.at(-1)
  if (last === "--set" || last === "--answer") return `${last} must be followed by NAME=VALUE`
  const [, shell] = /^--completions[ =]?(.*)$/.exec(words.join(" ")) ?? []
  if (shell !== undefined && !shells.includes(shell)) {
    return "--completions must be followed by bash, zsh or fish"
  }
  if (words.includes("--wizard") && !isInteractive()) {
    return "--wizard asks at a terminal, and this is none: give the options, which --help tells"
  }
  return unnamed(names, words)
}
