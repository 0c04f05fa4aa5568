const shells = ["bash", "zsh", "fish", "sh"]

/** What is wrong with the program's words that their parser doesn't see; null: nothing. */
export const misuseOf = (words: ReadonlyArray<string>): string | null => {
  const last = words.at(-1)
  if (last === "--set" || last === "--answer") return `${last} must be followed by NAME=VALUE`
  const [, shell] = /^--completions[ =]?(.*)$/.exec(words.join(" ")) ?? []
  return shell === undefined || shells.includes(shell)
    ? null
    : "--completions must be followed by bash, zsh or fish"
}
