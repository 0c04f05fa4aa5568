import { CliConfig, Command, HelpDoc, Span, Usage } from "@effect/cli"
import { manual, standardCodes } from "./manual.ts"

const name = "exlab-wizard"

const config = CliConfig.make({ showBuiltIns: false })

/** What the parser knows of a command. */
export interface Described {
  readonly doc: HelpDoc.HelpDoc
  readonly usage: Usage.Usage
}

export const described = <Name extends string, R, E, A>(
  command: Command.Command<Name, R, E, A>,
): Described => ({ doc: Command.getHelp(command, config), usage: Command.getUsage(command) })

/** Every command by its words; the program itself has none. */
export type Commands = Readonly<Record<string, Described>>

/** What the library says of every option and argument, and tells nobody anything. */
const filler = new Set([
  "A user-defined piece of text.",
  "A true or false value.",
  "An integer.",
  "This setting is optional.",
])

const isFiller = (text: string): boolean => filler.has(text) || text.startsWith("One of the following: ")

const textOf = (doc: HelpDoc.HelpDoc): string => HelpDoc.toAnsiText(doc).trim()

const withoutFiller = (doc: HelpDoc.HelpDoc): HelpDoc.HelpDoc => {
  if (HelpDoc.isSequence(doc)) return HelpDoc.sequence(withoutFiller(doc.left), withoutFiller(doc.right))
  if (HelpDoc.isParagraph(doc)) return isFiller(textOf(doc)) ? HelpDoc.empty : doc
  return HelpDoc.isDescriptionList(doc)
    ? HelpDoc.mapDescriptionList(doc, (term, said) => [term, withoutFiller(said)])
    : doc
}

/** The first paragraph. */
const descriptionOf = (doc: HelpDoc.HelpDoc): string => {
  if (HelpDoc.isParagraph(doc)) return textOf(doc)
  return HelpDoc.isSequence(doc) ? descriptionOf(doc.left) || descriptionOf(doc.right) : ""
}

const everywhere = [
  "--help               what a command does, its options, examples and exit codes",
  "--wizard             asks for a command's options",
  "--version            which version this is",
  "--completions SHELL  a script of completions, for bash, zsh or fish",
]

const lines = (texts: ReadonlyArray<string>): HelpDoc.HelpDoc =>
  HelpDoc.p(Span.text(texts.map((text) => `  ${text}`).join("\n")))

const all = (docs: ReadonlyArray<HelpDoc.HelpDoc>): HelpDoc.HelpDoc =>
  docs.reduce(HelpDoc.sequence, HelpDoc.empty)

/** Commands that do something, below these words. */
const below = (commands: Commands, words: string): ReadonlyArray<string> => {
  const names = Object.keys(commands).filter((one) => one !== "")
  return names.filter(
    (one) =>
      (words === "" || one.startsWith(`${words} `)) && !names.some((other) => other.startsWith(`${one} `)),
  )
}

const ofGroup = (commands: Commands, words: string, children: ReadonlyArray<string>): HelpDoc.HelpDoc => {
  const width = Math.max(...children.map((child) => child.length))
  return all([
    lines([[name, words, "COMMAND"].filter((word) => word !== "").join(" ")]),
    HelpDoc.h1("DESCRIPTION"),
    HelpDoc.p(descriptionOf(commands[words]?.doc ?? HelpDoc.empty)),
    HelpDoc.h1("COMMANDS"),
    lines(
      children.map(
        (child) => `${child.padEnd(width)}  ${descriptionOf(commands[child]?.doc ?? HelpDoc.empty)}`,
      ),
    ),
  ])
}

/** The library writes an option that may be given often as if it had to be given. */
const asOptional = (usage: string): string => usage.replace(/(--[a-z-]+ \S+?)\.\.\./g, "[$1]...")

const ofCommand = ({ doc, usage }: Described, words: string): HelpDoc.HelpDoc => {
  const group = words.split(" ").slice(0, -1)
  const usages = Usage.enumerate(usage, config).map((span) => asOptional(textOf(HelpDoc.p(span))))
  return all([lines(usages.map((one) => [name, ...group, one].join(" "))), withoutFiller(doc)])
}

const codeLines = (codes: Readonly<Record<string, string>>): HelpDoc.HelpDoc => {
  const width = Math.max(...Object.keys(codes).map((code) => code.length)) + 2
  return lines(Object.entries(codes).map(([code, meaning]) => code.padEnd(width) + meaning))
}

/** What a group ends with by itself. */
const ofGroups = {
  2: "no command is named, or none that there is",
  other: "as the command in it says: its own --help tells",
}

const pageOf = (commands: Commands, words: string): HelpDoc.HelpDoc => {
  const children = below(commands, words)
  const { codes, examples } = manual[words] ?? { examples: [] }
  const command = commands[words]
  return all([
    HelpDoc.h1("USAGE"),
    command === undefined || children.length > 0
      ? ofGroup(commands, words, children)
      : ofCommand(command, words),
    ...(words === "" ? [HelpDoc.h1("OPTIONS"), lines(everywhere)] : []),
    HelpDoc.h1("EXAMPLES"),
    lines(examples.map((example) => `${name} ${example}`)),
    HelpDoc.h1("EXIT CODES"),
    codeLines(children.length > 0 ? ofGroups : { ...standardCodes, ...codes }),
    HelpDoc.p("More: docs/cli.md"),
  ])
}

/** The command that these words name, or the group that they are in. */
export const commandIn = (commands: Commands, words: ReadonlyArray<string>): string => {
  const firstOption = words.findIndex((word) => word.startsWith("-"))
  const said = firstOption === -1 ? words : words.slice(0, firstOption)
  const heads = [2, 1].map((count) => said.slice(0, count).join(" ").toLowerCase())
  return heads.find((head) => Object.hasOwn(commands, head)) ?? ""
}

/** The page that these words ask for, by `--help`; null: none. */
export const helpFor = (commands: Commands, words: ReadonlyArray<string>): string | null =>
  words.some((word) => word === "--help" || word === "-h")
    ? HelpDoc.toAnsiText(pageOf(commands, commandIn(commands, words)))
    : null
