import { spawnSync } from "node:child_process"
import { chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { begun, hear, verdict } from "../../layers/plugins/protocol/Conversation.ts"
import { encodeInput, WorkerInput } from "../../layers/plugins/protocol/messages.ts"
import { inputFor, layOut, runProgram } from "../layers/plugins/worker/stage.ts"

const page = readFileSync(new URL("../../docs/plugin-protocol.md", import.meta.url), "utf8")

/** The blocks of code whose first line begins like this; with what else it says. */
const blocks = (opening: string) =>
  [...page.matchAll(/^```([^\n]+)\n([^]*?)^```$/gm)]
    .map(([, title = "", code = ""]) => ({ title, code }))
    .filter(({ title }) => title.startsWith(opening))

const listing = (language: string): string => {
  const [found] = blocks(`${language} listing`)
  return found?.code ?? ""
}

const onlyLine = (code: string): string => {
  expect(code.trimEnd().split("\n")).toHaveLength(1)
  return code.trimEnd()
}

const finished = { _tag: "Exited", code: 0 } as const

describe("docs/plugin-protocol.md", () => {
  it("its input is what a host sends, key by key", () => {
    const [example] = blocks("json input")
    const shown: unknown = JSON.parse(example?.code ?? "")
    const input = Schema.decodeUnknownSync(WorkerInput)(shown, { onExcessProperty: "error" })
    expect(JSON.parse(encodeInput(input))).toEqual(shown)
    // In the same order, too.
    expect(encodeInput(input)).toBe(`${JSON.stringify(shown)}\n`)
  })

  it("each message on the way is one that is handed on as it stands", () => {
    const examples = blocks("json way").map(({ code }) => onlyLine(code))
    const heard = examples.map((line) => Option.getOrThrow(hear(begun, line)[1]))
    expect(heard.map(({ kind }) => kind)).toEqual(["progress", "file", "log"])
    expect(heard[1]).toEqual(JSON.parse(examples[1] ?? ""))
    expect(heard[2]).toHaveProperty("message", 'no unit given, taking mV {"column":3}')
  })

  it("each last line comes to what the page says", () => {
    const examples = blocks("json last")
    const outcomes = examples.map(({ code }) => verdict(hear(begun, onlyLine(code))[0], finished))
    expect(outcomes.map(({ _tag }) => `json last ${_tag}`)).toEqual(examples.map(({ title }) => title))
    expect(new Set(outcomes.map(({ _tag }) => _tag))).toEqual(new Set(["Result", "Failed", "Asked"]))
  })

  it("every example is one that a test looks at", () => {
    const looked = ["json input", "json way", "json last", "python listing", "sh listing", "r listing"]
    expect(blocks("").filter(({ title }) => !looked.some((one) => title.startsWith(one)))).toEqual([])
  })
})

const has = (command: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0

/** A tree, and a program of the page's that works on it. */
const program = (name: string, code: string) =>
  Effect.gen(function* () {
    const stage = yield* layOut({ [name]: code }, { "a b.csv": "x,y\n1,2\n", "c'd.csv": "x\n3\n" })
    const path = join(stage.stage, "code", name)
    chmodSync(path, 0o755)
    return {
      path,
      input: inputFor(stage, { files: ["a b.csv", "c'd.csv"] }),
      run: (argv: ReadonlyArray<string>, input: WorkerInput) => runProgram(stage, argv, encodeInput(input)),
      read: (file: string) => readFileSync(join(stage.tree, file), "utf8"),
    }
  })

describe("listings of docs/plugin-protocol.md", () => {
  it.scopedLive("Python: checks, asks, and goes on with the answer", () =>
    Effect.gen(function* () {
      const { input, path, read, run } = yield* program("plugin.py", listing("python"))
      const argv = ["python3", path]
      const { context } = input
      const unnamed = { ...context, variables: {} }
      const refused = yield* run(argv, { ...input, mode: "validate", context: unnamed, files: [] })
      expect(refused.verdict).toEqual({ _tag: "Result", errors: ["operator is needed for the header"] })
      expect((yield* run(argv, { ...input, mode: "describe" })).verdict._tag).toBe("Result")
      const asked = yield* run(argv, input)
      expect(asked.verdict).toMatchObject({ _tag: "Asked", file: "a b.csv", fields: [{ id: "unit" }] })
      const done = yield* run(argv, { ...input, extraInputs: { unit: "mV" }, resumeFile: "c'd.csv" })
      expect(done.verdict).toEqual({ _tag: "Result", errors: [] })
      expect([read("a b.csv"), read("c'd.csv")]).toEqual(["x,y\n1,2\n", "# Ada, mV\nx\n3\n"])
      const failed = yield* run(argv, { ...input, files: ["gone.csv"], extraInputs: { unit: "mV" } })
      expect(failed.verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining("gone.csv") })
    }),
  )

  const hasJq = has("jq", "--version")

  it.scopedLive.skipIf(!hasJq)("a shell: changes every file, whatever its name", () =>
    Effect.gen(function* () {
      const { input, path, read, run } = yield* program("plugin.sh", listing("sh"))
      expect((yield* run([path], { ...input, mode: "validate", files: [] })).verdict._tag).toBe("Result")
      const done = yield* run([path], input)
      expect(done.verdict).toEqual({ _tag: "Result", errors: [] })
      expect(done.messages.map((message) => message.kind === "file" && message.path)).toEqual(input.files)
      expect(read("c'd.csv")).toBe("x\n3\noperator: Ada\n")
    }),
  )

  it.scopedLive.skipIf(!hasJq)("a shell: a command that fails is a crash", () =>
    Effect.gen(function* () {
      const { input, path, run } = yield* program("plugin.sh", listing("sh"))
      expect((yield* run([path], { ...input, files: ["no/such/folder.csv"] })).verdict._tag).toBe("Crashed")
    }),
  )

  it.scopedLive.skipIf(!has("Rscript", "-e", "library(jsonlite)"))("R: adds a column, or says why not", () =>
    Effect.gen(function* () {
      const { input, path, read, run } = yield* program("plugin.R", listing("r"))
      const argv = ["Rscript", path]
      expect((yield* run(argv, input)).verdict).toEqual({ _tag: "Result", errors: [] })
      expect(read("a b.csv")).toBe('"x","y","operator"\n1,2,"Ada"\n')
      expect((yield* run(argv, { ...input, files: ["gone.csv"] })).verdict._tag).toBe("Failed")
    }),
  )
})
