import { expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { changesBetween } from "../../../../layers/plugins/tree/changesBetween.ts"
import type { TreeImage } from "../../../../layers/plugins/tree/TreeImage.ts"
import { edit, factsOf, type Tree } from "./model.ts"
import { entry } from "./support.ts"

const imageOf = (tree: Tree): TreeImage =>
  new Map(
    factsOf(tree).map(([path, type, mode, content]) => [
      path,
      entry({
        mode,
        ...(type === "symlink" ? { type, target: content } : {}),
        ...(type === "directory" ? { type } : {}),
        ...(type === "file" ? { sha256: content } : {}),
      }),
    ]),
  )

it("changes are all that makes one tree of another, sorted, and nothing more", () => {
  const holds = fc.property(edit(), ([one, other]) => {
    const [before, after] = [imageOf(one), imageOf(other)]
    const changes = changesBetween(before, after)
    const applied = new Map(before)
    for (const change of changes) {
      expect(change.before).toBe(before.get(change.path) ?? null)
      expect(change.kind).toBe(
        change.before === null ? "created" : change.after === null ? "deleted" : "modified",
      )
      expect(change.after).not.toEqual(change.before)
      if (change.after === null) applied.delete(change.path)
      else applied.set(change.path, change.after)
    }
    expect([...applied].sort()).toEqual([...after].sort())
    expect(changes.map(({ path }) => path)).toEqual(changes.map(({ path }) => path).toSorted())
  })
  fc.assert(holds, { numRuns: 300 })
})

it("what only this file system knows of a file is no change", () => {
  const before = new Map([["a", entry({ sha256: "00" })]])
  const after = new Map([
    ["a", entry({ sha256: "00", links: 2, identity: "another", stamp: "another", size: 9 })],
  ])
  expect(changesBetween(before, after)).toEqual([])
})
