import { expect, it } from "@effect/vitest"
import { Effect, FastCheck, Layer } from "effect"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as RuleValidator from "../../../layers/validator/RuleValidator.ts"
import type { Finding } from "../../../src/domain/Finding.ts"
import { type DirectoryEntry, Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { Validator } from "../../../src/ports/Validator.ts"
import { empty, type Planted, plantInto, treeOf } from "./seededTrees.ts"
import { brief, destination } from "./support.ts"

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
