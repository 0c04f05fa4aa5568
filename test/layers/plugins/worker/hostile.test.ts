import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Verdict } from "../../../../layers/plugins/protocol/Conversation.ts"
import { inputFor, layOut, pluginOf, runPlugin, type RunOptions } from "./stage.ts"

const runCode = (code: Readonly<Record<string, string>>, options?: RunOptions) =>
  Effect.gen(function* () {
    const stage = yield* layOut(code, { "a.txt": "a" })
    return yield* runPlugin(stage, inputFor(stage, { files: ["a.txt"] }), options)
  })

const run = (hooks: string, before = "", options?: RunOptions) =>
  runCode({ "plugin.mjs": pluginOf(hooks, before) }, options)

describe("runner: plugins that fail", () => {
  it.scopedLive.each([
    ["an error", `new Error("no such column")`, "a.txt: no such column"],
    ["an error without a message", `new RangeError()`, "a.txt: RangeError"],
    ["a text", `"oh"`, "a.txt: oh"],
    ["nothing", `undefined`, "a.txt: it threw undefined"],
    ["an object", `{ code: 3 }`, 'a.txt: it threw {"code":3}'],
    [
      "a thing that can't be shown",
      `{ toJSON() { throw 1 }, get [Symbol.toStringTag]() { throw 2 } }`,
      "a.txt: it threw something that can't be shown",
    ],
    [
      "a thing that bites",
      `new Proxy({}, { get() { throw 3 }, getPrototypeOf() { throw 4 } })`,
      "a.txt: it threw something that can't be shown",
    ],
  ])("one that throws %s says so, after onFailure", ([, thrown, message]) =>
    Effect.gen(function* () {
      const { messages, verdict } = yield* run(
        `transform() { throw ${thrown} }, onFailure: (error, ctx) => ctx.log.info("failure")`,
      )
      expect(verdict).toEqual({ _tag: "Failed", message })
      expect(messages.at(-1)).toMatchObject({ kind: "log", message: "failure" })
    }),
  )

  it.scopedLive("where it failed is told to those who look for it", () =>
    Effect.gen(function* () {
      const { stderr } = yield* run(`transform() { throw new Error("oh", { cause: new Error("deep") }) }`)
      expect(stderr).toMatch(/oh[\s\S]*plugin\.mjs:\d+[\s\S]*deep/)
    }),
  )

  it.scopedLive("one that fails in onFailure, too, is told of with its first error", () =>
    Effect.gen(function* () {
      const { messages, verdict } = yield* run(
        `transform() { throw new Error("first") }, onFailure() { throw new Error("second") }`,
      )
      expect(verdict).toEqual({ _tag: "Failed", message: "a.txt: first" })
      expect(messages.at(-1)).toMatchObject({ level: "ERROR", message: expect.stringContaining("second") })
    }),
  )

  it.scopedLive("one that gives back what is no status fails", () =>
    Effect.gen(function* () {
      const { verdict } = yield* run(`transform: () => "eaten"`)
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining("modified, created") })
    }),
  )
})

describe("runner: plugins that can't be loaded", () => {
  it.scopedLive.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ["that isn't there", {}, "Cannot find module"],
    ["with a mistake", { "plugin.mjs": "export default {" }, "SyntaxError"],
    ["that throws", { "plugin.mjs": "throw new Error('at once')" }, "at once"],
    ["that throws nothing", { "plugin.mjs": "throw undefined" }, "it can't be run"],
    ["without a default", { "plugin.mjs": "export const a = 1" }, "definePlugin"],
    ["with null", { "plugin.mjs": "export default null" }, "definePlugin"],
    ["with bare hooks", { "plugin.mjs": "export default { transform() {} }" }, "definePlugin"],
    ["without transform", { "plugin.mjs": pluginOf("") }, "needs a transform"],
    ["with a misspelt hook", { "plugin.mjs": pluginOf("transform() {}, befor() {}") }, "no befor"],
    ["with a hook that is none", { "plugin.mjs": pluginOf("transform() {}, before: 1") }, "not a function"],
    ["that waits for ever", { "plugin.mjs": "await new Promise(() => {})" }, "a promise that nobody settles"],
    ["that leaves", { "plugin.mjs": "process.exit(0)" }, "process.exit(0)"],
    ["of another package's", { "plugin.mjs": "import 'left-pad'" }, "left-pad"],
  ])("an entry %s is an error", ([, code, told]) =>
    Effect.gen(function* () {
      const { verdict } = yield* runCode(code)
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining(told) })
    }),
  )

  it.scopedLive.each<readonly [string, string, string]>([
    ["no line", "", "it can't be run"],
    ["half a line", '{"v":1,', "it can't be run"],
    ["another version", '{"v":2}\n', "version 1 of the protocol, not 2"],
  ])("input of %s is an error", ([, stdin, told]) =>
    Effect.gen(function* () {
      const { verdict } = yield* run("transform() {}", "", { stdin })
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining(told) })
    }),
  )

  it.scopedLive("a kit of the plugin's own, and entries in CommonJS's folders, are loaded", () =>
    Effect.gen(function* () {
      const { verdict } = yield* runCode(
        {
          "lib/entry.js": pluginOf("transform() {}"),
          "package.json": '{"type":"module"}',
          "node_modules/exlab-wizard/package.json": '{"exports":{"./plugin":"./own.mjs"}}',
          "node_modules/exlab-wizard/own.mjs":
            "export const definePlugin = () => ({ kit: 1, drive: async () => ({ kind: 'error', message: 'own' }) })",
        },
        { entry: "lib/entry.js" },
      )
      expect(verdict).toEqual({ _tag: "Failed", message: "own" })
    }),
  )
})

describe("runner: plugins that misbehave", () => {
  it.scopedLive("what they print is no part of the protocol", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        `transform() {
          console.log("one"); console.table([{ two: 2 }]); process.stdout.write("three\\n")
          stdout.write("four\\n"); new console.Console(process.stdout).log("five")
        }`,
        `import { stdout } from "node:process"`,
      )
      expect(ran.verdict._tag).toBe("Result")
      expect(ran.lines.every((line) => line.startsWith('{"kind":"'))).toBe(true)
      expect(ran.stderr).toMatch(/one[\s\S]*two[\s\S]*three[\s\S]*four[\s\S]*five/)
    }),
  )

  it.scopedLive.each<readonly [string, string, Verdict]>([
    ["leaves", "transform() { process.exit(0) }", { _tag: "Failed", message: "it called process.exit(0)" }],
    [
      "leaves with a code",
      "transform() { process.exit(3) }",
      {
        _tag: "Crashed",
        reason: "it ended with exit code 3, after its error: it called process.exit(3)",
      },
    ],
    ["sets an exit code", "transform() { process.exitCode = 3 }", { _tag: "Result", errors: [] }],
    [
      "waits for ever",
      "transform: () => new Promise(() => {})",
      {
        _tag: "Failed",
        message: "it waits for something that never comes: a promise that nobody settles",
      },
    ],
    ["keeps a timer", "transform() { setInterval(() => {}, 1000) }", { _tag: "Result", errors: [] }],
    [
      "forgets a rejection",
      "async transform() { Promise.reject(new Error('lost')); await new Promise((go) => setImmediate(go)) }",
      { _tag: "Failed", message: "a rejected promise that it didn't wait for: Error: lost" },
    ],
    [
      "forgets a rejection of nothing that can be shown",
      "async transform() { Promise.reject(Object.create(null)); await new Promise((go) => setImmediate(go)) }",
      { _tag: "Failed", message: "a rejected promise that it didn't wait for" },
    ],
    [
      "throws from a timer",
      "transform: () => new Promise(() => setTimeout(() => { throw new Error('late') }, 1))",
      { _tag: "Failed", message: "an error outside of its hooks: Error: late" },
    ],
    [
      "speaks after its end",
      "transform(file, ctx) { process.on('exit', () => ctx.log.info('late')) }",
      { _tag: "Result", errors: [] },
    ],
  ])("one that %s comes to one verdict", ([, hooks, verdict]) =>
    Effect.gen(function* () {
      expect((yield* run(hooks)).verdict).toEqual(verdict)
    }),
  )

  it.scopedLive("one that kills itself is seen to have said nothing", () =>
    Effect.gen(function* () {
      const ran = yield* run("transform() { process.kill(process.pid, 'SIGKILL') }")
      expect(ran.code).toBeNull()
      expect(ran.verdict._tag).toBe("Crashed")
    }),
  )

  it.scopedLive("standard input may stay open", () =>
    Effect.gen(function* () {
      expect((yield* run("transform() {}", "", { keepOpen: true })).verdict._tag).toBe("Result")
    }),
  )
})

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission"

describe("runner: under Node's permission model", () => {
  const confined = (hooks: string) =>
    Effect.gen(function* () {
      const stage = yield* layOut({ "plugin.mjs": pluginOf(hooks) }, { "a.txt": "a" })
      const nodeFlags = [
        permission,
        `--allow-fs-read=${stage.stage}/`,
        `--allow-fs-read=${stage.tree}/`,
        `--allow-fs-write=${stage.tree}/`,
      ]
      return yield* runPlugin(stage, inputFor(stage, { files: ["a.txt"] }), { nodeFlags })
    })

  it.scopedLive("a plugin does its work", () =>
    Effect.gen(function* () {
      const ran = yield* confined(`transform: (file, ctx) => {
        writeFileSync(join(ctx.root, file), readFileSync(file, "utf8") + "!")
        ctx.log.info(readFileSync(join(ctx.root, file), "utf8"))
      }`)
      expect(ran.verdict._tag).toBe("Result")
      expect(ran.messages).toContainEqual({ kind: "log", level: "INFO", message: "a!" })
    }),
  )

  it.scopedLive("one that reads elsewhere is told that it may not, and fails", () =>
    Effect.gen(function* () {
      const { verdict } = yield* confined(`transform: () => readFileSync("/etc/hostname", "utf8")`)
      expect(verdict).toMatchObject({ _tag: "Failed", message: expect.stringContaining("restricted") })
    }),
  )
})
