import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { withoutColour } from "../../../layers/cli/colours.ts"
import { processesAround } from "../../support/leftProcesses.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { leftInStaging, until } from "../../support/world.ts"
import { lotProject, withPlugin } from "./lab.ts"
import { runAtTerminal, runProgram, startProgram } from "./program.ts"

const colour = /\u001B\[(?:\d+;)*(?:3\d|4\d|9[0-7]|10[0-7])(?:;\d+)*m/

/** Works until it is ended. */
const neverEnds = `import { definePlugin } from "exlab-wizard/plugin"
export default definePlugin({
  async transform() {
    await new Promise((resolve) => setTimeout(resolve, 3_600_000))
  },
})
`

const create = ["create", "project", ...lotProject]

/** One plugin has ended, the next one never does: this stays how far it is. */
const atWork = (cwd: string) =>
  Effect.as(withPlugin(cwd, neverEnds, ["hello"]), [...create, "--set", "hello_greeting=Hi"])

const nothingIn = (cwd: string) =>
  Effect.gen(function* () {
    expect(yield* leftInStaging(join(cwd, "lab"))).toEqual([])
    expect(existsSync(join(cwd, "lab/DEMO_01/PROJ-1"))).toBe(false)
  })

describe("a terminal", () => {
  it.scopedLive("has a project's path on its last line when it is made", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const { code, stdout } = yield* runAtTerminal([...create, "--answer", "lot=7"], [], { cwd })
      expect(code).toBe(0)
      expect(stdout).toMatch(/\r\u001B\[Kwriting_cache\r\n/)
      expect(stdout.endsWith(`${join(cwd, "lab", "DEMO_01", "PROJ-1")}\r\n`)).toBe(true)
    }),
  )

  it.scopedLive.each([
    ["none where NO_COLOR asks for none, and the choice is still to be seen", "1", false],
    ["some otherwise", "", true],
  ] as const)("gets colours: %s", ([, NO_COLOR, isColourful]) =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const at = { cwd, env: { NO_COLOR, TERM: "xterm-256color" } }
      const asked = yield* runAtTerminal(["create", "project"], [["DEMO_01", "\u0003"]], at)
      expect({ code: asked.code, coloured: colour.test(asked.stdout) }).toEqual({
        code: 130,
        coloured: isColourful,
      })
      expect(asked.stdout).toMatch(/\u001B\[[\d;]*4mDEMO_01/)
      const help = yield* runAtTerminal(["create", "--help"], [], at)
      expect(help.code).toBe(0)
      expect(help.stdout.includes("\u001B[")).toBe(isColourful)
    }),
  )

  it.scopedLive("shows how far it is in one line, and Ctrl-C ends it: 130, and nothing is left", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const typing = [["\r\u001B[K  1/2 hello", "\u0003"]] as const
      const { code, stdout } = yield* runAtTerminal(yield* atWork(cwd), typing, { cwd })
      expect({ code, stdout: code === 130 ? "" : stdout }).toEqual({ code: 130, stdout: "" })
      yield* nothingIn(cwd)
    }),
  )
})

describe("a terminal that is closed", () => {
  it.scopedLive("ends what is at work, and nothing is left", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const program = yield* startProgram(yield* atWork(cwd), { cwd, terminal: true })
      yield* program.shown("\r\u001B[K  1/2 hello")
      expect(yield* leftInStaging(join(cwd, "lab"))).not.toEqual([])
      yield* program.signal("SIGKILL")
      yield* until(
        "the end of the program",
        Effect.sync(() => processesAround(cwd, []).length === 0),
      )
      yield* nothingIn(cwd)
    }),
  )
})

describe("a pipe", () => {
  it.scopedLive.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends what is at work with %s: 130, and nothing is left",
    (signal) =>
      Effect.gen(function* () {
        const cwd = yield* temporaryDirectory
        const program = yield* startProgram(yield* atWork(cwd), { cwd })
        yield* program.shown("  1/2 hello\n", "stderr")
        yield* program.signal(signal)
        const { code, stdout } = yield* program.ended
        expect({ code, stdout }).toEqual({ code: 130, stdout: "" })
        yield* nothingIn(cwd)
      }),
  )

  it.scopedLive.each([
    ["create project", "SIGINT", 130],
    ["create project", "SIGTERM", 130],
    ["serve", "SIGTERM", 0],
    ["serve", "SIGHUP", 0],
  ] as const)("has %s ended by %s before it is loaded with %d", ([words, signal, expected]) =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const early = join(cwd, "early.mjs")
      yield* Effect.promise(() =>
        writeFile(
          early,
          `let isHeard = false
          process.on("newListener", (name) => {
            if (isHeard || name !== "${signal}") return
            isHeard = true
            if ("effect/GlobalValue" in globalThis) console.error("is listened to late")
            else setImmediate(() => process.kill(process.pid, name))
          })`,
        ),
      )
      const env = { NODE_OPTIONS: `--import ${early}`, EXLAB_HTTP__PORT: "0" }
      const program = yield* startProgram(words.split(" "), { cwd, env })
      expect(yield* program.ended).toEqual({ code: expected, stdout: "", stderr: "" })
    }),
  )

  it.scopedLive("gets plain lines, and nothing is asked", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const { code, stderr, stdout } = yield* runProgram([...create, "--answer", "lot=7"], {
        cwd,
        env: { NO_COLOR: "" },
      })
      expect(code).toBe(0)
      expect(`${stdout}${stderr}`).not.toContain("\u001B")
      expect(stderr).toMatch(/^writing_cache$/m)
    }),
  )
})

it("a text loses its colours, and keeps what else draws it", () => {
  expect(withoutColour("\u001B[0;96;4mDEMO_01\u001B[0m \u001B[31mred\u001B[39m\u001B[2K")).toBe(
    "\u001B[0;4mDEMO_01\u001B[0m red\u001B[2K",
  )
})
