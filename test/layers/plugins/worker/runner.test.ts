import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Verdict } from "../../../../layers/plugins/protocol/Conversation.ts"
import type { WorkerInput } from "../../../../layers/plugins/protocol/messages.ts"
import { inputFor, layOut, pluginOf, type Ran, runPlugin, type RunOptions } from "./stage.ts"

const files = { "a.txt": "a", "b.txt": "b", "sub/c.txt": "c" }
const names = Object.keys(files)

/** Runs a plugin of one module over three files. */
const run = (code: string, input: Partial<WorkerInput> = {}, options?: RunOptions) =>
  Effect.gen(function* () {
    const stage = yield* layOut({ "plugin.mjs": code }, files)
    const ran = yield* runPlugin(stage, inputFor(stage, { files: names, ...input }), options)
    const read = (path: string) => Effect.promise(() => readFile(join(stage.tree, path), "utf8"))
    return { ...ran, ...stage, read }
  })

const logged = ({ messages }: Ran): ReadonlyArray<string> =>
  messages.flatMap((message) => (message.kind === "log" ? [message.message] : []))

const ask = (id = "q") => `ctx.requestInput([{ id: "${id}", label: "Q", type: "string" }], "why")`

const append = `appendFileSync(join(ctx.root, file), "!")`

describe("runner: transform", () => {
  it.scopedLive("goes through all hooks and files in order, and reports them", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`
          before: (ctx) => ctx.log.info("before"),
          canHandle: async (file, ctx) => (ctx.log.info("can " + file), file !== "b.txt"),
          transform: async (file, ctx) => { ctx.log.info("do " + file); ${append} },
          after: (ctx) => ctx.log.info("after"),
          onFailure: (error, ctx) => ctx.log.info("failure"),
          describe: (file, ctx) => ctx.log.info("describe"),
          validateVariables: () => ["never"]`),
      )
      expect(ran.verdict).toEqual({ _tag: "Result", errors: [] })
      expect(ran.code).toBe(0)
      expect(logged(ran)).toEqual([
        ...["before", "can a.txt", "do a.txt", "can b.txt", "can sub/c.txt", "do sub/c.txt", "after"],
      ])
      expect(ran.messages.filter(({ kind }) => kind !== "log")).toEqual([
        { kind: "progress", file: "a.txt", current: 1, total: 3 },
        { kind: "file", path: "a.txt", status: "modified" },
        { kind: "progress", file: "sub/c.txt", current: 3, total: 3 },
        { kind: "file", path: "sub/c.txt", status: "modified" },
      ])
      expect(yield* ran.read("sub/c.txt")).toBe("c!")
      expect(yield* ran.read("b.txt")).toBe("b")
    }),
  )

  it.scopedLive("the context is what the host said, in the author's spelling, and can't be changed", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`transform: (file, ctx) => {
          const { log, requestInput, ...plain } = ctx
          ctx.log.info(JSON.stringify({ ...plain, cwd: process.cwd(), frozen: Object.isFrozen(ctx) }))
        }`),
        { files: ["a.txt"], extraInputs: { q: 1 } },
      )
      expect(JSON.parse(logged(ran)[0] ?? "")).toEqual({
        variables: { operator: "Ada" },
        root: ran.tree,
        destination: "/data/DEMO_01/PROJ-0042",
        template: { name: "confocal_run", version: "2.1" },
        runKind: "experimental",
        equipmentId: "DEMO_01",
        project: "PROJ-0042",
        dryRun: false,
        extraInputs: { q: 1 },
        cwd: ran.tree,
        frozen: true,
      })
    }),
  )

  it.scopedLive("says of a file what the plugin says, and skips what isn't there any more", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`transform: (file) => file === "a.txt" ? "skipped" : { status: "renamed", detail: "to d" }`),
        { files: ["a.txt", "gone.txt", "b.txt"] },
      )
      expect(ran.messages.filter(({ kind }) => kind === "file")).toEqual([
        { kind: "file", path: "a.txt", status: "skipped" },
        { kind: "file", path: "gone.txt", status: "skipped", detail: "isn't there any more" },
        { kind: "file", path: "b.txt", status: "renamed", detail: "to d" },
      ])
    }),
  )

  it.scopedLive("log contexts that are no JSON don't end a plugin; long texts don't make long lines", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`transform: (file, ctx) => {
          const circle = {}; circle.circle = circle
          ctx.log.warn("circle", circle); ctx.log.error("big", { n: 1n }); ctx.log.info("list", [1])
          ctx.log.info("\\ud800".repeat(3e6), { long: "\\u0000".repeat(3e6) }); ctx.log.info(Symbol("s"))
          throw new Error("\\u0001".repeat(5e6))
        }`),
        { files: ["a.txt"] },
      )
      expect(logged(ran)).toHaveLength(5)
      expect(ran.verdict._tag).toBe("Failed")
      expect(Math.max(...ran.lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(1024 * 1024)
    }),
  )

  it.scopedLive("lines are whole when there are many, and input is read when it is long", () =>
    Effect.gen(function* () {
      const ran = yield* run(pluginOf(`canHandle: (file) => file === "a.txt", transform() {}`), {
        files: ["a.txt", ...Array.from({ length: 20_000 }, (_, at) => `sub/not-there-${at}-äöü😀.txt`)],
      })
      expect(ran.verdict._tag).toBe("Result")
      expect(ran.lines).toHaveLength(20_003)
    }),
  )
})

describe("runner: questions", () => {
  it.scopedLive("ends with the file in work; the others are not touched, and no hook runs after it", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`
          transform: (file, ctx) => { if (file === "b.txt") ${ask()}; ${append} },
          after: (ctx) => ctx.log.info("after"), onFailure: (_, ctx) => ctx.log.info("failure")`),
      )
      expect(ran.verdict).toEqual({
        _tag: "Asked",
        fields: [{ id: "q", label: "Q", type: "string" }],
        reason: "why",
        file: "b.txt",
      })
      expect(logged(ran)).toEqual([])
      expect([yield* ran.read("a.txt"), yield* ran.read("b.txt")]).toEqual(["a!", "b"])
    }),
  )

  it.scopedLive("one that is swallowed ends the plugin all the same", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`
          transform: (file, ctx) => { ctx.log.info(file); try { ${ask()} } catch {} },
          after: (ctx) => ctx.log.info("after")`),
      )
      expect(ran.verdict).toMatchObject({ _tag: "Asked", file: "a.txt" })
      expect(logged(ran)).toEqual(["a.txt"])
    }),
  )

  it.scopedLive("goes on at that file, after `before`; what was finished is not done again", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        pluginOf(`
          before: (ctx) => ctx.log.info("before " + ctx.extraInputs.q),
          transform: (file, ctx) => { ${append} }`),
        { extraInputs: { q: "yes" }, resumeFile: "b.txt" },
      )
      expect(ran.verdict._tag).toBe("Result")
      expect(logged(ran)).toEqual(["before yes"])
      expect(ran.messages[1]).toEqual({ kind: "progress", file: "b.txt", current: 2, total: 3 })
      expect([yield* ran.read("a.txt"), yield* ran.read("b.txt")]).toEqual(["a", "b!"])
    }),
  )

  it.scopedLive("a second question in `before` doesn't start from the first file again", () =>
    Effect.gen(function* () {
      const ran = yield* run(pluginOf(`before: (ctx) => ${ask()}, transform() {}`), { resumeFile: "b.txt" })
      expect(ran.verdict).toMatchObject({ _tag: "Asked", file: "b.txt" })
    }),
  )

  it.scopedLive("the file in work is given to the plugin even when it took it away before it asked", () =>
    Effect.gen(function* () {
      const code = pluginOf(`transform: (file, ctx) => ctx.log.info(file)`)
      const ran = yield* run(code, { files: ["a.txt", "gone.txt"], resumeFile: "gone.txt" })
      expect(logged(ran)).toEqual(["gone.txt"])
    }),
  )

  it.scopedLive.each<readonly [string, string]>([
    ["in before", `before: (ctx) => ${ask()}, transform() {}`],
    ["in canHandle", `canHandle: (file, ctx) => ${ask()}, transform() {}`],
    ["after an await", `transform: async (file, ctx) => { await null; ${ask()} }`],
    ["and swallowed", `transform: (file, ctx) => { try { ${ask()} } catch {} }`],
    ["and wrapped", `transform: (file, ctx) => { try { ${ask()} } catch (e) { throw new Error("x") } }`],
    ["twice", `transform: (file, ctx) => { try { ${ask()} } catch {} ${ask("other")} }`],
  ])("a question is one %s", ([, hooks]) =>
    Effect.gen(function* () {
      const ran = yield* run(pluginOf(hooks))
      expect(ran.verdict).toMatchObject({ _tag: "Asked", fields: [{ id: "q" }] })
    }),
  )

  it.scopedLive.each<readonly [string, string, string]>([
    [
      "when all files are finished",
      `transform() {}, after: (ctx) => ${ask()}`,
      "once all files are finished",
    ],
    ["without a reason", `transform: (file, ctx) => ctx.requestInput([{}], " ")`, "takes a reason"],
    ["without fields", `transform: (file, ctx) => ctx.requestInput([], "why")`, "1 to 50 fields"],
    ["of null", `transform: (file, ctx) => ctx.requestInput([null], "why")`, "a.txt: "],
    [
      "that is endless",
      `transform: (file, ctx) => ctx.requestInput([{ id: "a", label: "l".repeat(9e5), type: "text" }], "why")`,
      "too long",
    ],
  ])("a question %s fails the plugin", ([, hooks, told]) =>
    Effect.gen(function* () {
      const { verdict } = yield* run(pluginOf(hooks))
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining(told) })
    }),
  )

  it.scopedLive("a file to go on with that isn't among the files fails the plugin", () =>
    Effect.gen(function* () {
      const { verdict } = yield* run(pluginOf(`transform() {}`), { resumeFile: "z.txt" })
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining("z.txt") })
    }),
  )
})

describe("runner: validate and describe", () => {
  it.scopedLive.each<readonly [string, string, Verdict]>([
    ["nothing to check", "", { _tag: "Result", errors: [] }],
    ["nothing to say", "validateVariables: async () => undefined,", { _tag: "Result", errors: [] }],
    [
      "complaints",
      "validateVariables: async (variables) => [variables.operator + ' is unknown'],",
      { _tag: "Result", errors: ["Ada is unknown"] },
    ],
    ["an error", "validateVariables() { throw new Error('oh') },", { _tag: "Failed", message: "oh" }],
    [
      "no list",
      "validateVariables: () => 'wrong',",
      { _tag: "Failed", message: "validateVariables gives back a list of sentences, or nothing" },
    ],
  ])("validates with %s, and runs no other hook", ([, hook, verdict]) =>
    Effect.gen(function* () {
      const never = `() => process.abort()`
      const hooks = `${hook} before: ${never}, canHandle: ${never}, transform: ${never}, after: ${never}`
      expect((yield* run(pluginOf(hooks), { mode: "validate", files: [] })).verdict).toEqual(verdict)
    }),
  )

  it.scopedLive("describes each file that it can handle, without changing one", () =>
    Effect.gen(function* () {
      const never = `() => process.abort()`
      const ran = yield* run(
        pluginOf(`
          canHandle: (file) => file !== "b.txt", transform: ${never}, before: ${never}, after: ${never},
          describe: (file) => file === "a.txt" ? "gets a header" : { status: "renamed", detail: "d.txt" }`),
        { mode: "describe" },
      )
      expect(ran.messages.filter(({ kind }) => kind === "file")).toEqual([
        { kind: "file", path: "a.txt", status: "modified", detail: "gets a header" },
        { kind: "file", path: "sub/c.txt", status: "renamed", detail: "d.txt" },
      ])
      expect(ran.verdict._tag).toBe("Result")
    }),
  )
})
