import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { manual } from "../../../layers/cli/manual.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

/** The commands that the parser knows, as it tells them to a shell that completes. */
const commandsIn = (completions: string): ReadonlyArray<string> => [
  ...new Set(
    [...completions.matchAll(/cmd="exlab__wizard__(\w+)"/g)].map(([, words = ""]) =>
      words.replaceAll("__", " "),
    ),
  ),
]

/** They end otherwise when they can't look at what was named than when something is wrong with it. */
const tellsUnseen = new Set(["templates lint", "plugins lint", "plugins exec"])

const isGroup = (words: string) =>
  words === "" || Object.keys(manual).some((other) => other.startsWith(`${words} `))

const helpOf = (words: string) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { code, stderr, stdout } = yield* runProgram([...words.split(" "), "--help"].filter(Boolean), {
      cwd,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    return stdout
  })

it.scopedLive("there is a page for every command, and for no other", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const commands = commandsIn((yield* runProgram(["--completions", "bash"], { cwd })).stdout)
    expect(commands).toContain("sessions watch")
    // The shell's functions have the same sign for what is between words and for a hyphen.
    const pages = Object.keys(manual).map((words) => words.replaceAll("-", " "))
    expect(pages.toSorted()).toEqual(["", ...commands].toSorted())
  }),
)

it.scopedLive.each(Object.keys(manual))(
  "has a description, examples and all exit codes: exlab-wizard %s",
  (words) =>
    Effect.gen(function* () {
      const help = yield* helpOf(words)
      expect(help).toMatch(/^DESCRIPTION\n\n\S.+\.$/m)
      const [, examples = "", codes = ""] = /^EXAMPLES\n([\s\S]+)^EXIT CODES\n([\s\S]+)/m.exec(help) ?? []
      const lines = examples.split("\n").filter((line) => line.trim() !== "")
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expect(line.trim().startsWith(`exlab-wizard ${words}`)).toBe(true)
      const above = help.slice(0, help.indexOf("\nEXAMPLES"))
      for (const option of examples.match(/--[a-z-]+/g) ?? []) expect(above).toContain(option)
      for (const code of isGroup(words)
        ? [2, "other"]
        : [0, 1, 2, ...(tellsUnseen.has(words) ? [3] : []), 130])
        expect(codes).toMatch(new RegExp(`^ *${code} +\\S+`, "m"))
      expect(help).not.toContain("\u001B")
    }),
)

it.scopedLive("shows what may be left out in brackets, also what may be given often", () =>
  Effect.map(helpOf("plugins exec"), (help) => expect(help).toContain(" [--set NAME=VALUE]... <folder>")),
)

it.scopedLive.each([
  [["nonsense", "--help"], "exlab-wizard COMMAND"],
  [["plugins", "nonsense", "-h"], "exlab-wizard plugins COMMAND"],
  [["plugins", "lint", "folder", "--help"], "exlab-wizard plugins lint ["],
] as const)("is shown for the nearest that the words name: %s", ([words, usage]) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { code, stderr, stdout } = yield* runProgram(words, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toContain(`USAGE\n\n  ${usage}`)
  }),
)

it.scopedLive("lists in a group's page the commands in it, and in the program's all that do something", () =>
  Effect.gen(function* () {
    const listed = (help: string) =>
      (/^COMMANDS\n\n([\s\S]*?)\n\n/m.exec(help)?.[1] ?? "")
        .split("\n")
        .map((line) => line.trim().split(/ {2,}/)[0])
    const names = Object.keys(manual)
    const doing = names.filter((one) => one !== "" && !names.some((other) => other.startsWith(`${one} `)))
    expect(listed(yield* helpOf("")).toSorted()).toEqual(doing.toSorted())
    expect(listed(yield* helpOf("create"))).toEqual(["create project", "create run"])
  }),
)
