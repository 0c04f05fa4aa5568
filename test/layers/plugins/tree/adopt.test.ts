import { createHash } from "node:crypto"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { adopt } from "../../../../layers/plugins/tree/adopt.ts"
import { changesBetween } from "../../../../layers/plugins/tree/changesBetween.ts"
import { copyTree } from "../../../../layers/plugins/tree/copyTree.ts"
import { digestOf, imageOf, type TreeImage } from "../../../../layers/plugins/tree/TreeImage.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { buildRoot, edit, type Facts, factsOf } from "./model.ts"

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex")

const expected = (facts: ReadonlyArray<Facts>) =>
  facts.map(([path, type, mode, content]) => [path, type, mode, type === "file" ? sha256(content) : content])

const told = (image: TreeImage) =>
  [...image].map(([path, { mode, sha256, target, type }]) => [path, type, mode, sha256 ?? target ?? ""])

it.scopedLive.prop(
  "a tree is what its copy was made, whatever that was",
  [edit],
  ([[before, after]]) =>
    Effect.gen(function* () {
      const dir = yield* fastTemporaryDirectory
      const tree = `${dir}/tree`
      buildRoot(tree, before)
      buildRoot(`${dir}/edited`, after)
      const image = yield* imageOf(tree)
      expect(told(image)).toEqual(expected(factsOf(before)))
      yield* copyTree(tree, image, `${dir}/copy`)
      expect(digestOf(yield* imageOf(`${dir}/copy`))).toBe(digestOf(image))
      const made = yield* imageOf(`${dir}/edited`)
      expect(told(made)).toEqual(expected(factsOf(after)))
      const changes = changesBetween(image, made)
      yield* adopt(changes, `${dir}/edited`, tree)
      expect(told(yield* imageOf(tree))).toEqual(told(made))
    }).pipe(Effect.provide(NodeDisk.layer)),
  { fastCheck: { numRuns: 150 } },
)
