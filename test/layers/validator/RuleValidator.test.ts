import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as RuleValidator from "../../../layers/validator/RuleValidator.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import { blocksSync } from "../../../src/domain/Finding.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { Validator } from "../../../src/ports/Validator.ts"
import { brief, check, destination, plant, type Tree, validator } from "./support.ts"

const finds = (name: string, tree: Tree, expected: ReadonlyArray<string>, rendered?: ReadonlyArray<string>) =>
  it.scopedLive(name, () =>
    Effect.gen(function* () {
      const findings = yield* check(tree, rendered)
      expect(findings.map(brief)).toEqual(expected)
    }).pipe(Effect.provide(validator())),
  )

describe("contents", () => {
  finds("a placeholder and a marker, with their lines", { "a/protocol.txt": "one\n<sample>\n{{x}}\n" }, [
    "leftover_jinja_marker a/protocol.txt:3 {{x}}",
    "unresolved_placeholder_token a/protocol.txt:2 <sample>",
  ])
  finds("several in one line, each once", { "p.csv": "<a>,<b>,<a>" }, [
    "unresolved_placeholder_token p.csv:1 <a>",
    "unresolved_placeholder_token p.csv:1 <b>",
  ])
  finds("what only looks like one is left alone", { "p.txt": "<2 mM> a < b > c { {x} } }} {{" }, [])
  finds("a copied file may say anything", { "p.txt": "{{}}<x>" }, [], [])
  finds("a rendered file that isn't there any more", {}, [], ["gone.txt"])
  finds(
    "extensions count in any case, and only the listed ones",
    { "A.TXT": "<x>", "b.bin": "<x>", txt: "<x>" },
    ["unresolved_placeholder_token A.TXT:1 <x>"],
  )
  finds(
    "a NUL in the first 8 KiB makes a file binary, a later one doesn't",
    { "a.txt": `${" ".repeat(8191)}\0<x>`, "b.txt": `${" ".repeat(8192)}\0<x>` },
    ["unresolved_placeholder_token b.txt:1 <x>"],
  )
  finds(
    "bytes that aren't UTF-8, and a byte order mark, hide nothing",
    { "a.csv": Buffer.from("caf\xe9 <x>", "latin1"), "b.csv": "\ufeff<x>" },
    ["unresolved_placeholder_token a.csv:1 <x>", "unresolved_placeholder_token b.csv:1 <x>"],
  )
  finds(
    "what the service writes itself is not scanned, elsewhere the same name is",
    {
      "README.md": "---\nlabel: <x>\n---\n",
      ".exlab-answers.yml": "label: <x>",
      ".exlab-wizard/creation.json": '"<x>"',
      "docs/README.md": "---\nlabel: <x>\n---\n",
    },
    ["unresolved_placeholder_token docs/README.md:2[label] <x>"],
  )
  finds("a link is not followed", { "a.txt": { link: "b.bin" }, "b.bin": "<x>", c: { link: "." } }, [])

  it.scopedLive("a file above the limit is not scanned, one at the limit is", () =>
    Effect.gen(function* () {
      const mib = (bytes: number) => "<x>".padEnd(bytes)
      const findings = yield* check({ "at.txt": mib(512 * 1024), "above.txt": mib(512 * 1024 + 1) })
      expect(findings.map(brief)).toEqual(["unresolved_placeholder_token at.txt:1 <x>"])
    }).pipe(Effect.provide(validator({ validator: { contentScanMaxMib: 0.5 } }))),
  )
})

describe("names", () => {
  finds(
    "of files, directories, links, whoever made them",
    { "<a>/CON": "", "d.": null, "{{l}}": { link: "nowhere" } },
    [
      "illegal_filesystem_character <a> <",
      "unresolved_placeholder_token <a> <a>",
      "reserved_filesystem_name <a>/CON CON",
      "illegal_filesystem_character d. .",
      "leftover_jinja_marker {{l}} {{l}}",
    ],
    [],
  )
  finds("near misses", { "CONFOCAL/Console.txt": "", ".hidden": "", "{ {x} }": "", "Größe µm": null }, [], [])

  it.scopedLive("one that isn't UTF-8 is a finding that any reader can read", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const { checkTree } = yield* Validator
      const tree = yield* plant({})
      yield* disk.createFile(`${tree}/caf\udce9.txt`, "<x>")
      const findings = yield* checkTree({ destination, tree, rendered: ["caf\udce9.txt"] })
      expect(findings.map(brief)).toEqual([
        "illegal_filesystem_character caf\\xe9.txt \\xe9",
        "unresolved_placeholder_token caf\\xe9.txt:1 <x>",
      ])
    }).pipe(Effect.provide(validator())),
  )
})

describe("a finding", () => {
  it.scopedLive("says everything about itself", () =>
    Effect.gen(function* () {
      const findings = yield* check({ "d./p.txt": "\n<x>" }, ["d./p.txt"])
      const common = { runPath: destination.path, syncedUnderPriorPolicy: false, overrideActive: false }
      expect(findings).toEqual([
        {
          ...common,
          rule: "illegal_filesystem_character",
          tier: "hard",
          offendingPath: `${destination.path}/d.`,
          offendingKind: "directory_segment",
          matchedToken: ".",
          ruleDetail: '"d." ends with a dot',
        },
        {
          ...common,
          rule: "unresolved_placeholder_token",
          tier: "hard",
          offendingPath: `${destination.path}/d./p.txt`,
          offendingKind: "file_content",
          matchedToken: "<x>",
          ruleDetail: '"p.txt" still holds the placeholder <x>',
          line: 2,
        },
      ])
    }).pipe(Effect.provide(validator())),
  )

  it.scopedLive("blocks a sync when it is hard, not when it is soft", () =>
    Effect.gen(function* () {
      const soft = yield* check({ "a.md": "---\n" })
      expect(soft.map(brief)).toEqual(["malformed_yaml_front_matter a.md:1"])
      expect(blocksSync(soft)).toBe(false)
      expect(blocksSync(yield* check({ "a.txt": "<x>" }))).toBe(true)
    }).pipe(Effect.provide(validator())),
  )

  it.scopedLive("of one rule can't push out one of another, however many there are", () =>
    Effect.gen(function* () {
      const files = Array.from({ length: 11 }, (_, index) => [`${index}.txt`, "<x>\n".repeat(101)])
      const findings = yield* check({ ...Object.fromEntries(files), "z.txt": "{{late}}" })
      const [placeholders, others] = [
        findings.filter(({ rule }) => rule === "unresolved_placeholder_token"),
        findings.filter(({ rule }) => rule !== "unresolved_placeholder_token"),
      ]
      expect(others.map(brief)).toEqual(["leftover_jinja_marker z.txt:1 {{late}}"])
      expect(placeholders.length).toBe(1000)
      expect(placeholders.at(-1)?.ruleDetail).toMatch(/more findings of this rule are not listed$/)
    }).pipe(Effect.provide(validator())),
  )
})

describe("destinations", () => {
  const checkDestination = (over: Partial<typeof destination>) =>
    Effect.map(Validator, (service) => service.checkDestination({ ...destination, ...over }))

  it.effect("are checked segment by segment, without the disk", () =>
    Effect.gen(function* () {
      expect(yield* checkDestination({})).toEqual([])
      const found = yield* checkDestination({ equipmentId: "NUL", project: "<p>." })
      expect(found.map((finding) => [finding.rule, finding.offendingPath, finding.matchedToken])).toEqual([
        ["reserved_filesystem_name", "/data/NUL", "NUL"],
        ["illegal_filesystem_character", "/data/NUL/<p>.", "."],
        ["illegal_filesystem_character", "/data/NUL/<p>.", "<"],
        ["unresolved_placeholder_token", "/data/NUL/<p>.", "<p>"],
      ])
    }).pipe(Effect.provide(validator())),
  )

  it.effect("must agree with the kind of run", () =>
    Effect.gen(function* () {
      const found = yield* checkDestination({ runKind: "test" })
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({
        rule: "mode_prefix_mismatch",
        offendingPath: destination.path,
        offendingKind: "directory_segment",
        matchedToken: destination.leaf,
      })
      expect(yield* checkDestination({ runKind: "test", level: "project" })).toEqual([])
    }).pipe(Effect.provide(validator())),
  )

  it.scopedLive("are part of what is said about a tree", () =>
    Effect.gen(function* () {
      const { checkTree } = yield* Validator
      const found = yield* checkTree({
        destination: { ...destination, runKind: "test" },
        tree: yield* plant({ CON: "" }),
        rendered: [],
      })
      expect(found.map(({ rule }) => rule)).toEqual(["mode_prefix_mismatch", "reserved_filesystem_name"])
    }).pipe(Effect.provide(validator())),
  )
})

describe("a disk that fails", () => {
  const failing = (op: "list" | "readFile", errno: string) =>
    RuleValidator.layer.pipe(
      Layer.provide(Settings.layer(withDefaults())),
      Layer.provide(
        Layer.mock(Disk, {
          list: (path) =>
            op === "list" && path.endsWith("/deep")
              ? Effect.fail(new DiskError({ path, op, errno }))
              : Effect.succeed(
                  path.endsWith("/deep")
                    ? [{ name: "a.txt", type: "file" }]
                    : [{ name: "deep", type: "directory" }],
                ),
          readFile: (path) => Effect.fail(new DiskError({ path, op: "readFile", errno })),
        }),
      ),
    )

  const outcome = Effect.flatMap(Validator, ({ checkTree }) =>
    checkTree({ destination, tree: "/staging", rendered: ["deep/a.txt"] }),
  )

  it.effect.each([
    { op: "list", path: "/staging/deep" },
    { op: "readFile", path: "/staging/deep/a.txt" },
  ] as const)("at $op: the path where it failed", ({ op, path }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(outcome.pipe(Effect.provide(failing(op, "EACCES"))))
      expect(error).toEqual(new DiskError({ path, op, errno: "EACCES" }))
    }),
  )

  it.effect("a file that grew past the limit meanwhile is not scanned", () =>
    Effect.gen(function* () {
      expect(yield* outcome.pipe(Effect.provide(failing("readFile", "EFBIG")))).toEqual([])
    }),
  )
})

it.effect("layerNoop finds nothing", () =>
  Effect.gen(function* () {
    const service = yield* Validator
    const bad = { ...destination, project: "<p>" }
    expect(service.checkDestination(bad)).toEqual([])
    expect(yield* service.checkTree({ destination: bad, tree: "/nowhere", rendered: [] })).toEqual([])
  }).pipe(Effect.provide(RuleValidator.layerNoop)),
)
