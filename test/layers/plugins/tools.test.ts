import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import { execPlugin } from "../../../layers/plugins/tools/execPlugin.ts"
import { lintPlugin } from "../../../layers/plugins/tools/lintPlugin.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

const environment = Layer.provideMerge(
  NodeDisk.layer,
  Settings.layer(withDefaults({ paths: { localRoot: "/nowhere" }, disk: { minFreeMib: 0 } })),
)

const tier = { tier: "none" } as const

const soundManifest = {
  name: "name: tried",
  version: 'version: "1.0.0"',
  author: "author: A. Smith",
  description: "description: Adds a line",
  api_version: 'api_version: "1"',
  runtime: "runtime: command",
  command: "command: [./run.sh]",
  matches: "matches: [.csv]",
}

type Lines = Readonly<Partial<Record<keyof typeof soundManifest | "more", string>>>

const result = `echo '{"kind":"result"}'`
const adding = `read -r input
case "$input" in
*validate*) ${result} ;;
*'"extra_inputs":null'*) echo '{"kind":"input_required","reason":"Which?","fields":[{"id":"well","label":"Well","type":"string","required":true}]}' ;;
*) echo well >> a.csv; printf '\\000' > new.bin; rm old.txt; echo '{"kind":"log","level":"info","message":"added"}'; ${result} ;;
esac`

/** A plugin without fault, but for what is changed. */
const writePlugin = (root: string, changed: Lines = {}, script = adding) =>
  Effect.promise(async () => {
    const folder = join(root, "tried")
    await mkdir(folder)
    const lines = Object.values({ ...soundManifest, ...changed }).filter((line) => line !== "")
    await writeFile(join(folder, "manifest.yaml"), `${lines.join("\n")}\n`)
    await writeFile(join(folder, "run.sh"), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, "run.sh"), 0o755)
    await writeFile(join(folder, "README.md"), "# tried\n")
    return folder
  })

const codesOf = (changed: Lines, script?: string, then?: (folder: string) => Promise<void>) =>
  Effect.gen(function* () {
    const folder = yield* writePlugin(yield* temporaryDirectory, changed, script)
    yield* Effect.promise(async () => then?.(folder))
    const findings = yield* lintPlugin(folder, tier)
    return findings.map(({ code, line, severity }) => `${severity} ${code}${line === 0 ? "" : `:${line}`}`)
  }).pipe(Effect.scoped, Effect.provide(environment))

describe("a plugin's folder is looked over", () => {
  const faults: Readonly<
    Record<
      string,
      readonly [changed: Lines, expected: string, script?: string, then?: (f: string) => Promise<void>]
    >
  > = {
    "a key that nobody knows": [{ more: "colour: red" }, "error manifest_invalid:9"],
    "another version of the protocol": [{ api_version: 'api_version: "7"' }, "error manifest_invalid:5"],
    "a name that isn't the folder's": [{ name: "name: other" }, "error manifest_invalid:1"],
    "a pattern that can't work": [{ matches: 'matches: ["/etc/*"]' }, "error manifest_invalid:8"],
    "a program that isn't there": [{ command: "command: [./walk.sh]" }, "error manifest_invalid:7"],
    "a variable that no template can ask for": [
      { more: 'required_variables: ["a b"]' },
      "error variable_unusable",
    ],
    "a variable declared twice": [{ more: "optional_variables: [a, a]" }, "warning variable_twice"],
    "no description": [{ description: "" }, "warning no_description"],
    "no author": [{ author: "" }, "warning no_author"],
    "a version that says little": [{ version: "version: new" }, "warning version_unclear"],
    "no patterns": [{ matches: "" }, "warning matches_everything"],
    "the network": [{ more: "isolation: { network: true }" }, "warning network"],
    "a program that fails": [{}, "error does_not_run", "echo broken >&2; exit 3"],
    "a program that doesn't speak the protocol": [{}, "error does_not_run", "echo hello"],
    "a question where variables are checked": [
      {},
      "error asks_too_early",
      `echo '{"kind":"input_required","reason":"?","fields":[{"id":"a","label":"A","type":"string"}]}'`,
    ],
    "no README": [{}, "warning no_readme", adding, (folder) => rm(join(folder, "README.md"))],
    "a link out of the folder": [
      {},
      "error code_unusable",
      adding,
      (folder) => symlink("/etc", join(folder, "etc")),
    ],
  }
  for (const [what, [changed, expected, script, then]] of Object.entries(faults)) {
    it.live(`${what} is found`, () =>
      Effect.map(codesOf(changed, script, then), (found) => expect(found).toEqual([expected])),
    )
  }

  it.live("one without fault has no findings", () =>
    Effect.map(codesOf({}), (found) => expect(found).toEqual([])),
  )

  it.live("a folder that isn't there is an error of the disk", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(lintPlugin("/nowhere/at/all", tier))
      expect(error).toMatchObject({ _tag: "DiskError", errno: "ENOENT" })
    }).pipe(Effect.provide(environment)),
  )
})

/** Files as a template would leave them, and a plugin. */
const trial = (inputs: Record<string, string>, changed: Lines = {}, script?: string) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const against = join(root, "files")
    yield* Effect.promise(async () => {
      await mkdir(against)
      await writeFile(join(against, "a.csv"), "1\n")
      await writeFile(join(against, "old.txt"), "old\n")
    })
    const folder = yield* writePlugin(root, changed, script)
    const outcome = yield* Effect.either(execPlugin(folder, { against, inputs, ...tier }))
    const left = yield* Effect.promise(() => readFile(join(against, "a.csv"), "utf8"))
    expect(left).toBe("1\n")
    return outcome
  }).pipe(Effect.scoped, Effect.provide(environment))

describe("a plugin is tried on a folder", () => {
  it.live("its changes are shown, and the folder stays as it was", () =>
    Effect.gen(function* () {
      const outcome = yield* trial({ well: "A1" })
      expect(outcome).toMatchObject({
        _tag: "Right",
        right: {
          applied: { plugin: "tried", status: "success", filesAffected: ["a.csv", "new.bin", "old.txt"] },
          prompt: null,
          changes: [
            { kind: "modified", path: "a.csv", before: "1\n", after: "1\nwell\n" },
            { kind: "created", path: "new.bin", before: null, after: "\u0000" },
            { kind: "deleted", path: "old.txt", before: "old\n", after: null },
          ],
          said: [{ level: "INFO", message: "added" }],
        },
      })
    }),
  )

  it.live("a question without an answer ends the trial with the question", () =>
    Effect.gen(function* () {
      const outcome = yield* trial({})
      expect(outcome).toMatchObject({
        _tag: "Right",
        right: { applied: null, prompt: { reason: "Which?", fields: [{ id: "well" }] }, changes: [] },
      })
    }),
  )

  it.live("variables that it needs are asked for, a folder that is no plugin is refused", () =>
    Effect.gen(function* () {
      const needy = yield* trial({}, { more: "required_variables: [plate]" })
      expect(needy).toMatchObject({ _tag: "Left", left: { _tag: "PluginVariablesInvalid" } })
      const broken = yield* trial({}, { runtime: "runtime: cobol" })
      expect(broken).toMatchObject({ _tag: "Left", left: { _tag: "PluginUnusable" } })
    }),
  )

  it.live("a plugin that fails has changed nothing", () =>
    Effect.gen(function* () {
      const script = `read -r input; case "$input" in *validate*) ${result} ;; *) echo x >> a.csv; exit 2 ;; esac`
      expect(yield* trial({}, {}, script)).toMatchObject({
        _tag: "Right",
        right: { applied: { status: "failed" }, changes: [] },
      })
    }),
  )
})
