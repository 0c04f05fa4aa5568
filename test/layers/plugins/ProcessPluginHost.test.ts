import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import { layerWith } from "../../../layers/plugins/ProcessPluginHost.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { PluginPass } from "../../../src/domain/Plugin.ts"
import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"
import { type PassReport, PluginHost } from "../../../src/ports/PluginHost.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

/** What a plugin in `sh` does when it is asked to transform; `result` ends it well. */
const result = `echo '{"kind":"result"}'`

interface Script {
  readonly transform: string
  readonly validate?: string
  readonly manifest?: ReadonlyArray<string>
}

const scriptOf = ({ transform, validate = result }: Script): string => `#!/bin/sh
read -r input
case "$input" in
*'"mode":"validate"'*) ${validate} ;;
*) ${transform} ;;
esac
`

const writePlugin = async (root: string, name: string, script: Script) => {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  const lines = [
    `name: ${name}`,
    'version: "1.2"',
    'api_version: "1"',
    "runtime: command",
    "command: [./run.sh]",
  ]
  await writeFile(join(folder, "manifest.yaml"), [...lines, ...(script.manifest ?? []), ""].join("\n"))
  await writeFile(join(folder, "run.sh"), scriptOf(script))
  await chmod(join(folder, "run.sh"), 0o755)
}

interface Stage {
  readonly host: PluginHost["Type"]
  readonly pass: (plugins: ReadonlyArray<string>, more?: Partial<PluginPass>) => PluginPass
  readonly report: PassReport
  /** What was reported, in order. */
  readonly said: ReadonlyArray<string>
  readonly tree: string
  readonly copies: string
}

interface Options {
  readonly lab?: Readonly<Record<string, Script>>
  readonly bundled?: Readonly<Record<string, Script>>
  readonly minIsolation?: IsolationTier
  readonly tier?: IsolationTier
  readonly variables?: JsonObject
}

/** A tree with two files, plugins around it, and the host. */
const onStage = <A, E>(options: Options, body: (stage: Stage) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const [tree, copies, lab, bundled] = ["tree", "copies", "lab", "bundled"].map((name) =>
      join(root, name),
    ) as [string, string, string, string]
    yield* Effect.promise(async () => {
      for (const folder of [tree, copies, lab, bundled]) await mkdir(folder)
      await writeFile(join(tree, "a.csv"), "1\n")
      await writeFile(join(tree, "b.txt"), "2\n")
      for (const [name, script] of Object.entries(options.lab ?? {})) await writePlugin(lab, name, script)
      for (const [name, script] of Object.entries(options.bundled ?? {}))
        await writePlugin(bundled, name, script)
    })
    const said: Array<string> = []
    const say = (text: string) => Effect.sync(() => void said.push(text))
    const report: PassReport = {
      progress: (current, total, plugin) => say(`${current}/${total} ${plugin}`),
      warning: (message, code) => say(`warning ${code ?? ""}: ${message}`),
      log: (plugin, level, message) => say(`log ${plugin} ${level}: ${message}`),
    }
    const pass = (plugins: ReadonlyArray<string>, more: Partial<PluginPass> = {}): PluginPass => ({
      sessionId: "s",
      tree,
      copies,
      destination: join(root, "destination"),
      plugins,
      pluginsFatal: false,
      files: ["a.csv", "b.txt"],
      variables: options.variables ?? {},
      template: { name: "t", version: "1" },
      runKind: "test",
      equipmentId: "DEMO_01",
      project: "PROJ-1",
      ...more,
    })
    const settings = withDefaults({
      paths: { localRoot: join(root, "local"), pluginDir: lab },
      plugins: { minIsolation: options.minIsolation ?? "none" },
      disk: { minFreeMib: 0 },
    })
    const host = layerWith({ bundled, tier: options.tier ?? "none" }).pipe(
      Layer.provide(NodeDisk.layer),
      Layer.provide(Settings.layer(settings)),
    )
    return yield* Effect.flatMap(PluginHost, (host) => body({ host, pass, report, said, tree, copies })).pipe(
      Effect.provide(host),
    )
  }).pipe(Effect.scoped)

const read = (...path: ReadonlyArray<string>) => Effect.promise(() => readFile(join(...path), "utf8"))
const names = (path: string) => Effect.promise(async () => (await readdir(path)).toSorted())

const append = (text: string): Script => ({ transform: `echo ${text} >> a.csv; ${result}` })

describe("a pass of plugins in processes", () => {
  it.live("plugins run in the template's order, each on what the one before left", () =>
    onStage(
      { lab: { one: append("one"), two: append("two") } },
      ({ copies, host, pass, report, said, tree }) =>
        Effect.gen(function* () {
          const step = yield* host.start(pass(["two", "one"]), report)
          expect(
            step._tag === "Finished" && step.applied.map(({ plugin, status }) => [plugin, status]),
          ).toEqual([
            ["two", "success"],
            ["one", "success"],
          ])
          expect(yield* read(tree, "a.csv")).toBe("1\ntwo\none\n")
          expect(said).toEqual(["1/2 two", "2/2 one"])
          expect(yield* names(copies)).toEqual([])
        }),
    ),
  )

  it.live("the record of a plugin says what it did, how it was kept apart, and what ran", () =>
    onStage({ lab: { one: append("one") } }, ({ host, pass, report }) =>
      Effect.gen(function* () {
        const step = yield* host.start(pass(["one"]), report)
        const [applied] = step._tag === "Finished" ? step.applied : []
        expect(applied).toMatchObject({
          plugin: "one",
          version: "1.2",
          filesAffected: ["a.csv"],
          status: "success",
          isolation: { exitCode: 0 },
          answers: [],
          facts: { tier: "none", source: "lab" },
        })
        const { code_digest, tree_after, tree_before } = applied?.facts ?? {}
        expect(code_digest).toMatch(/^[0-9a-f]{64}$/)
        expect(tree_before).toMatch(/^[0-9a-f]{64}$/)
        expect(tree_after).not.toBe(tree_before)
      }),
    ),
  )

  it.live("a plugin that fails, breaks off, or has nothing to do leaves the files as they were", () =>
    onStage(
      {
        lab: {
          fails: { transform: `echo x >> a.csv; rm b.txt; echo '{"kind":"error","message":"no luck"}'` },
          breaks: { transform: "echo y >> a.csv; echo oops >&2; exit 3" },
          idle: { transform: result },
          good: append("good"),
        },
      },
      ({ host, pass, report, said, tree }) =>
        Effect.gen(function* () {
          const step = yield* host.start(pass(["fails", "breaks", "idle", "good"]), report)
          expect(step._tag === "Finished" && step.applied.map(({ status }) => status)).toEqual([
            "failed",
            "failed",
            "skipped",
            "success",
          ])
          expect(yield* read(tree, "a.csv")).toBe("1\ngood\n")
          expect(yield* names(tree)).toEqual(["a.csv", "b.txt"])
          const warnings = said.filter((line) => line.startsWith("warning"))
          expect(warnings).toHaveLength(2)
          expect(warnings[0]).toContain("no luck")
          expect(warnings[1]).toContain("exit code 3")
          expect(said).toContain("log breaks WARN: standard error: oops")
        }),
    ),
  )

  it.live("where failures are fatal, the first one ends the pass", () =>
    onStage(
      { lab: { fails: { transform: "exit 1" }, good: append("good") } },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            host.start(pass(["fails", "good"], { pluginsFatal: true }), report),
          )
          expect(error._tag).toBe("PluginFailed")
          expect(yield* read(tree, "a.csv")).toBe("1\n")
        }),
    ),
  )

  it.live("what every plugin has against the variables comes together, before anything is changed", () =>
    onStage(
      {
        lab: {
          one: { ...append("one"), validate: `echo '{"kind":"result","errors":["too long","too late"]}'` },
          two: { ...append("two"), validate: "exit 9" },
          three: append("three"),
        },
      },
      ({ copies, host, pass, report, tree }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(host.start(pass(["three", "one", "two"]), report))
          expect(error._tag).toBe("PluginVariablesInvalid")
          expect(error.message).toContain("plugin one: too long")
          expect(error.message).toContain("plugin one: too late")
          expect(error.message).toContain("plugin two: it could not check the variables")
          expect(yield* read(tree, "a.csv")).toBe("1\n")
          expect(yield* names(copies)).toEqual([])
        }),
    ),
  )

  it.live("a broken plugin that nobody named is left out, and named; one that was named ends the pass", () =>
    onStage(
      {
        lab: {
          broken: {
            transform: "exit 1",
            validate: "echo no module >&2; exit 1",
            manifest: ["matches: [.csv]"],
          },
          good: append("good"),
        },
      },
      ({ host, pass, report, said, tree }) =>
        Effect.gen(function* () {
          const step = yield* host.start(pass(["good"]), report)
          expect(step._tag === "Finished" && step.applied.map(({ plugin }) => plugin)).toEqual(["good"])
          expect(yield* read(tree, "a.csv")).toBe("1\ngood\n")
          const [warning] = said.filter((line) => line.startsWith("warning"))
          expect(warning).toContain("broken")
          expect(warning).toContain("no module")
          const error = yield* Effect.flip(host.start(pass(["broken"]), report))
          expect(error._tag).toBe("PluginVariablesInvalid")
        }),
    ),
  )

  it.live("one that takes too long is told how long it may take", () =>
    onStage(
      { lab: { slow: { transform: "sleep 20", manifest: ["isolation: { timeout_seconds: 0.3 }"] } } },
      ({ host, pass, report }) =>
        Effect.gen(function* () {
          const step = yield* host.start(pass(["slow"]), report)
          const [slow] = step._tag === "Finished" ? step.applied : []
          expect(slow).toMatchObject({ status: "timeout", isolation: { exitCode: 124 } })
          expect(slow?.facts.reason).toContain("0.3 s, by isolation.timeout_seconds")
        }),
    ),
  )

  it.live("files that are kept for the service aren't given to a plugin", () =>
    onStage(
      { lab: { lists: { transform: `echo "$input" > seen.txt; ${result}` } } },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          yield* Effect.promise(() => writeFile(join(tree, ".exlab-answers.yml"), "a: 1\n"))
          yield* host.start(pass(["lists"]), report)
          const { files } = JSON.parse(yield* read(tree, "seen.txt")) as { readonly files: unknown }
          expect(files).toEqual(["a.csv", "b.txt"])
        }),
    ),
  )

  it.live("what was left blank is null, so that a plugin can tell it from what it never asked", () =>
    onStage(
      {
        lab: {
          asks: {
            transform: `case "$input" in
              *'"extra_inputs":null'*) echo '{"kind":"input_required","reason":"?","fields":[{"id":"note","label":"Note","type":"string"}]}' ;;
              *'"extra_inputs":{"note":null}'*) echo blank >> a.csv; ${result} ;;
              *) exit 4 ;; esac`,
          },
        },
      },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          const asked = yield* host.start(pass(["asks"]), report)
          if (asked._tag !== "Asked") return expect.fail("nobody asked")
          const { promptId } = asked.prompt
          const answer = { promptId, inputs: {}, answeredBy: "a", answeredAt: yield* DateTime.now }
          yield* host.continue(asked.continuation, answer, report)
          expect(yield* read(tree, "a.csv")).toBe("1\nblank\n")
        }),
    ),
  )

  it.live("code that was changed after it looked at the variables isn't run", () =>
    onStage(
      {
        lab: {
          edits: {
            transform: `root=$(echo "$input" | sed 's/.*"destination":"\\([^"]*\\)\\/destination".*/\\1/')
              echo "# changed" >> "$root/lab/two/run.sh"; echo one >> a.csv; ${result}`,
          },
          two: append("two"),
        },
      },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          const step = yield* host.start(pass(["edits", "two"]), report)
          const [edits, two] = step._tag === "Finished" ? step.applied : []
          expect(edits?.status).toBe("success")
          expect(two).toMatchObject({
            status: "failed",
            facts: { reason: expect.stringContaining("changed") },
          })
          expect(yield* read(tree, "a.csv")).toBe("1\none\n")
        }),
    ),
  )

  it.live("a plugin that nobody named comes along for what it matches", () =>
    onStage(
      {
        bundled: {
          header: { ...append("header"), manifest: ["matches: [.csv]", "required_variables: [title]"] },
        },
        variables: { title: "T" },
      },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          yield* host.start(pass([]), report)
          expect(yield* read(tree, "a.csv")).toBe("1\nheader\n")
        }),
    ),
  )

  it.live("a plugin that asks goes on with the answer, in its own copy, and the others after it", () =>
    onStage(
      {
        lab: {
          asks: {
            transform: `case "$input" in
              *'"extra_inputs":null'*) echo first >> a.csv; echo '{"kind":"input_required","reason":"Which?","fields":[{"id":"well","label":"Well","type":"string"}]}' ;;
              *'"well":"A1"'*) echo A1 >> a.csv; ${result} ;;
              *) exit 4 ;; esac`,
          },
          good: append("good"),
        },
      },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          const asked = yield* host.start(pass(["asks", "good"]), report)
          if (asked._tag !== "Asked") return expect.fail("nobody asked")
          expect(asked.prompt).toMatchObject({ plugin: "asks", reason: "Which?" })
          expect(yield* read(tree, "a.csv")).toBe("1\n")
          const answer = {
            promptId: asked.prompt.promptId,
            inputs: { well: "A1" },
            answeredBy: "asmith",
            answeredAt: yield* DateTime.now,
          }
          const step = yield* host.continue(asked.continuation, answer, report)
          expect(
            step._tag === "Finished" && step.applied.map(({ answers, status }) => [status, answers]),
          ).toEqual([
            ["success", [answer]],
            ["success", []],
          ])
          expect(yield* read(tree, "a.csv")).toBe("1\nfirst\nA1\ngood\n")
        }),
    ),
  )
})

describe("what the gate is told", () => {
  it.live("missing variables are told for each plugin, all at once", () =>
    onStage({ lab: { p: { ...append("p"), manifest: ["required_variables: [one, two]"] } } }, ({ host }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(host.check(["p"], { two: "" }))
        expect(error._tag).toBe("PluginVariablesInvalid")
        expect(error.message).toContain("needs the variable one")
        expect(error.message).toContain("needs the variable two")
        yield* host.check(["p"], { one: 1, two: false })
        expect(yield* host.declarations(["p", "unknown"])).toEqual([
          { name: "p", requiredVariables: ["one", "two"], optionalVariables: [] },
        ])
      }),
    ),
  )

  it.live("plugins that aren't there, or can't be used, are named with the reason", () =>
    onStage({ lab: { wrong: { ...append("x"), manifest: ["nonsense: 1"] } } }, ({ host }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(host.check(["missing", "wrong"], {}))
        expect(error._tag).toBe("PluginHostUnavailable")
        expect(error.message).toContain("missing")
        expect(error.message).toContain("nonsense")
      }),
    ),
  )

  it.live("a lab's plugin stands in for a bundled one of the same name", () =>
    onStage(
      { bundled: { p: append("bundled") }, lab: { p: append("lab") } },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          yield* host.start(pass(["p"]), report)
          expect(yield* read(tree, "a.csv")).toBe("1\nlab\n")
          const { plugins, replaced, tiers } = yield* host.inventory
          expect(plugins.map(({ source }) => source)).toEqual(["lab"])
          expect(replaced.map(({ source }) => source)).toEqual(["bundled"])
          expect(tiers).toEqual({ node: "none", command: "none" })
        }),
    ),
  )

  it.live("plugins that can't be isolated well enough are refused, and don't come along by themselves", () =>
    onStage(
      {
        lab: { p: { ...append("p"), manifest: ["matches: [.csv]"] } },
        minIsolation: "permission",
      },
      ({ host, pass, report, tree }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(host.check(["p"], {}))
          expect(error._tag).toBe("PluginHostUnavailable")
          expect(error.message).toContain("plugins.min_isolation")
          const step = yield* host.start(pass([]), report)
          expect(step).toEqual({ _tag: "Finished", applied: [] })
          expect(yield* read(tree, "a.csv")).toBe("1\n")
        }),
    ),
  )

  it.live("a continuation that isn't the host's own is refused", () =>
    onStage({}, ({ host, pass, report }) =>
      Effect.gen(function* () {
        const answer = { promptId: "p", inputs: {}, answeredBy: "a", answeredAt: yield* DateTime.now }
        const error = yield* Effect.flip(
          host.continue({ pass: pass([]), state: { nonsense: 1 } }, answer, report),
        )
        expect(error._tag).toBe("PluginHostUnavailable")
      }),
    ),
  )
})
