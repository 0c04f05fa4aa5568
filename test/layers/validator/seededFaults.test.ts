import { expect, it } from "@effect/vitest"
import { Effect, FastCheck, Layer } from "effect"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as RuleValidator from "../../../layers/validator/RuleValidator.ts"
import type { Finding } from "../../../src/domain/Finding.ts"
import { type DirectoryEntry, Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { Validator } from "../../../src/ports/Validator.ts"
import { brief, destination } from "./support.ts"

/** One name or text with what it must give: the expected findings without their path. */
interface Seed {
  readonly text: string
  readonly gives: ReadonlyArray<string>
}

const sound = (text: string): Seed => ({ text, gives: [] })

const goodNames = ["data", "raw.d", "CONFOCAL", "Console", "Größe", "{x}", "a b", "100%"].map(sound)

const badNames: ReadonlyArray<Seed> = [
  { text: "a:b", gives: ["illegal_filesystem_character :"] },
  { text: "Nul", gives: ["reserved_filesystem_name Nul"] },
  { text: "{{n}}", gives: ["leftover_jinja_marker {{n}}"] },
  { text: "<id>", gives: ["illegal_filesystem_character <", "unresolved_placeholder_token <id>"] },
  { text: "end.", gives: ["illegal_filesystem_character ."] },
]

const goodTexts = ["", "a < b > c", "<2 mM>\n{ {\n", "plain\r\ntext", "}}{{"].map(sound)

const badTexts: ReadonlyArray<Seed> = [
  { text: "1\n2\n<sample_id>", gives: ["unresolved_placeholder_token :3 <sample_id>"] },
  { text: "{% x %}", gives: ["leftover_jinja_marker :1 {% x %}"] },
  { text: "<a>\n{{b}}", gives: ["unresolved_placeholder_token :1 <a>", "leftover_jinja_marker :2 {{b}}"] },
]

interface Node {
  readonly name: Seed
  readonly text: Seed
  readonly rendered: boolean
  readonly suffix: string
  readonly below: ReadonlyArray<Node> | null
}

const oneOf = (good: ReadonlyArray<Seed>, bad: ReadonlyArray<Seed>) =>
  FastCheck.oneof({ weight: 3, arbitrary: FastCheck.constantFrom(...good) }, FastCheck.constantFrom(...bad))

const { tree: treeOf } = FastCheck.letrec<{ tree: ReadonlyArray<Node>; node: Node }>((tie) => ({
  tree: FastCheck.uniqueArray(tie("node"), { maxLength: 5, selector: ({ name }) => name.text }),
  node: FastCheck.record({
    name: oneOf(goodNames, badNames),
    text: oneOf(goodTexts, badTexts),
    rendered: FastCheck.boolean(),
    suffix: FastCheck.constantFrom("", "", ".txt", ".bin"),
    below: FastCheck.oneof({ maxDepth: 4 }, FastCheck.constant(null), tie("tree")),
  }),
}))

/** A tree as the `Disk` port shows it, and what must be found in it. */
interface Planted {
  readonly folders: Map<string, Array<DirectoryEntry>>
  readonly files: Map<string, string>
  readonly rendered: Array<string>
  readonly expected: Array<string>
}

const plantInto = (planted: Planted, folder: string, nodes: ReadonlyArray<Node>): Planted => {
  const entries: Array<DirectoryEntry> = []
  planted.folders.set(folder, entries)
  for (const { name, text, rendered, suffix, below } of nodes) {
    // A suffix makes another name of some bad ones: they stay without.
    const fileName = name.gives.length === 0 && below === null ? `${name.text}${suffix || ".txt"}` : name.text
    const path = folder === "" ? fileName : `${folder}/${fileName}`
    entries.push({ name: fileName, type: below === null ? "file" : "directory" })
    planted.expected.push(...name.gives.map((given) => given.replace(" ", ` ${path} `)))
    if (below !== null) {
      plantInto(planted, path, below)
      continue
    }
    planted.files.set(path, text.text)
    if (rendered) planted.rendered.push(path)
    if (!rendered || !fileName.endsWith(".txt")) continue
    planted.expected.push(...text.gives.map((given) => given.replace(" :", ` ${path}:`)))
  }
  return planted
}

const tree = "/staging/tree"

const relative = (path: string): string => path.slice(tree.length + 1)

/** The same tree whose folders are listed in the order that `shuffle` gives them. */
const validate = (planted: Planted, shuffle: (entries: Array<DirectoryEntry>) => Array<DirectoryEntry>) => {
  const disk = Layer.mock(Disk, {
    list: (path) => Effect.succeed(shuffle([...(planted.folders.get(relative(path)) ?? [])])),
    readFile: (path) => Effect.succeed(new TextEncoder().encode(planted.files.get(relative(path)))),
  })
  return Effect.flatMap(Validator, ({ checkTree }) =>
    checkTree({ destination, tree, rendered: planted.rendered }),
  ).pipe(
    Effect.provide(
      RuleValidator.layer.pipe(Layer.provide(disk), Layer.provide(Settings.layer(withDefaults()))),
    ),
  )
}

const empty = (): Planted => ({ folders: new Map(), files: new Map(), rendered: [], expected: [] })

const isSorted = (findings: ReadonlyArray<Finding>): boolean =>
  findings.every((finding, index) => {
    const next = findings[index + 1]
    return (
      next === undefined ||
      finding.offendingPath < next.offendingPath ||
      (finding.offendingPath === next.offendingPath && finding.rule <= next.rule)
    )
  })

it.effect.prop(
  "all seeded faults and nothing else, in the same bytes however the disk lists them",
  [treeOf, FastCheck.infiniteStream(FastCheck.nat())],
  ([nodes, numbers]) =>
    Effect.gen(function* () {
      const planted = plantInto(empty(), "", nodes)
      const findings = yield* validate(planted, (entries) => entries)
      expect(findings.map(brief).sort()).toEqual(planted.expected.sort())
      expect(isSorted(findings)).toBe(true)
      const weight = () => Number(numbers.next().value)
      const again = yield* validate(planted, (entries) =>
        entries
          .map((entry) => ({ entry, at: weight() }))
          .sort((a, b) => a.at - b.at)
          .map(({ entry }) => entry),
      )
      expect(JSON.stringify(again)).toBe(JSON.stringify(findings))
    }),
  { fastCheck: { numRuns: 300 } },
)

it.effect("which findings are kept when there are too many doesn't depend on the listing, either", () =>
  Effect.gen(function* () {
    const planted = empty()
    const names = Array.from({ length: 1500 }, (_, index) => `{{${index}}}`)
    planted.folders.set(
      "",
      names.map((name) => ({ name, type: "file" })),
    )
    const findings = yield* validate(planted, (entries) => entries)
    expect(findings.length).toBe(1000)
    expect(JSON.stringify(yield* validate(planted, (entries) => entries.reverse()))).toBe(
      JSON.stringify(findings),
    )
  }),
)
