import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runAtTerminal, runProgram } from "./program.ts"

const run = promisify(execFile)

/** What bash offers for the last of these words. */
const offered = (cwd: string, words: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const script = `source completions.sh; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      "$(complete -p exlab-wizard | sed 's/.* -F \\([^ ]*\\) .*/\\1/')" exlab-wizard; echo "\${COMPREPLY[@]}"`
    const { stdout } = await run("bash", ["-c", script, "bash", "exlab-wizard", ...words], { cwd })
    return stdout.trim().split(" ")
  })

describe("completions", () => {
  it.scopedLive("complete commands, their commands, and the options of these, in bash", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stderr, stdout } = yield* runProgram(["--completions", "bash"], { cwd })
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      yield* Effect.promise(() => writeFile(join(cwd, "completions.sh"), stdout))
      expect(yield* offered(cwd, ["sess"])).toEqual(["sessions"])
      expect(yield* offered(cwd, ["sessions", "wa"])).toEqual(["watch"])
      expect(yield* offered(cwd, ["sessions", "watch", "--af"])).toEqual(["--after"])
      expect(yield* offered(cwd, ["create", "r"])).toEqual(["run"])
      expect(yield* offered(cwd, ["create", "run", "--fr"])).toEqual(["--from"])
      expect(yield* offered(cwd, ["doctor", "--js"])).toEqual(["--json"])
    }),
  )

  it.scopedLive.each(["zsh", "fish"])("are there for %s, with every command", (shell) =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stdout } = yield* runProgram(["--completions", shell], { cwd })
      expect(code).toBe(0)
      for (const word of ["create", "sessions", "watch", "doctor"]) expect(stdout).toContain(word)
    }),
  )
})

describe("the wizard", () => {
  it.scopedLive("asks for a command's options, shows the command, and runs it", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const typing = [
        ["use the default?", "\r"],
        ["Select true or false", "\r"],
        ["Would you like to run the command?", "\r"],
      ] as const
      const { code, stdout } = yield* runAtTerminal(["doctor", "--wizard"], typing, { cwd })
      expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" })
      expect(stdout).toContain("exlab-wizard doctor --json")
      expect(stdout).toContain('"name": "local_root"')
      expect(stdout).not.toContain("undefined")
    }),
  )
})

it.scopedLive("the version is one line", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    for (const words of [["--version"], ["create", "--version"]]) {
      const { code, stdout } = yield* runProgram(words, { cwd })
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    }
  }),
)
