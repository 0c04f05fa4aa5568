import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { manual } from "../../../layers/cli/manual.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

/** The commands that the parser knows, as its own list names them. */
const commandsIn = (help: string): ReadonlyArray<string> =>
  [...help.matchAll(/^ +- ([a-z]+(?: [a-z]+)*)/gm)].map(([, words = ""]) => words.trim())

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
    const commands = commandsIn(yield* helpOf(""))
    expect(commands).toContain("sessions watch")
    expect(Object.keys(manual).toSorted()).toEqual(["", ...commands].toSorted())
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
      for (const code of [0, 1, 2, 130]) expect(codes).toMatch(new RegExp(`^ *${code} +\\S+`, "m"))
      expect(help).not.toContain("\u001B")
    }),
)
