import { createHash } from "node:crypto"
import { Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import type { TreeEntry, TreeImage } from "../../../../layers/plugins/tree/TreeImage.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { factsOf, type Tree } from "./model.ts"

export const faultyDisk = Layer.provide(FaultDisk.layer, NodeDisk.layer)

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex")

/** What the image of a tree should tell, but for what differs from one file system to another. */
export const expected = (tree: Tree) =>
  factsOf(tree).map(([path, type, mode, content]) => [
    path,
    type,
    mode,
    type === "file" ? sha256(content) : content,
  ])

export const told = (image: TreeImage) =>
  [...image].map(([path, { mode, sha256, target, type }]) => [path, type, mode, sha256 ?? target ?? ""])

/** An entry of an image that no file system made. */
export const entry = (fields: Partial<TreeEntry>): TreeEntry => ({
  ...{ type: "file", mode: 0o644, size: 0, sha256: null, target: null, links: 1, identity: "", stamp: null },
  ...fields,
})
