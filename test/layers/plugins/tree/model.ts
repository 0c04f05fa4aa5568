import * as fs from "node:fs"
import { FastCheck as fc } from "effect"
import { encodePath } from "../../../../layers/disk/nativePath.ts"

/** A tree as plain data. */
export type Node =
  | { readonly type: "file"; readonly content: string; readonly mode: number }
  | { readonly type: "link"; readonly target: string }
  | { readonly type: "directory"; readonly mode: number; readonly children: Tree }

export interface Tree {
  readonly [name: string]: Node
}

export const file = (content: string, mode = 0o644): Node => ({ type: "file", content, mode })
export const link = (target: string): Node => ({ type: "link", target })
export const directory = (children: Tree, mode = 0o755): Node => ({ type: "directory", mode, children })

/** The path for Node's own functions; names may hold stray bytes. */
export const native = (path: string): string | Buffer => {
  const encoded = encodePath(path)
  return "native" in encoded ? encoded.native : ""
}

export const build = (path: string, tree: Tree): void => {
  for (const [name, node] of Object.entries(tree)) {
    const at = native(`${path}/${name}`)
    if (node.type === "link") fs.symlinkSync(native(node.target), at)
    else if (node.type === "file") fs.writeFileSync(at, node.content)
    else {
      fs.mkdirSync(at)
      build(`${path}/${name}`, node.children)
    }
    if (node.type !== "link") fs.chmodSync(at, node.mode)
  }
}

export const buildRoot = (path: string, tree: Tree): void => {
  fs.mkdirSync(path)
  build(path, tree)
}

/** What an image should say, and nothing that differs from one file system to another. */
export type Facts = readonly [path: string, type: string, mode: number, content: string]

const factsBelow = (above: string, tree: Tree): ReadonlyArray<Facts> =>
  Object.entries(tree).flatMap(([name, node]): ReadonlyArray<Facts> => {
    const path = above === "" ? name : `${above}/${name}`
    if (node.type === "link") return [[path, "symlink", 0o777, node.target]]
    return node.type === "file"
      ? [[path, "file", node.mode | 0o600, node.content]]
      : [[path, "directory", node.mode | 0o700, ""], ...factsBelow(path, node.children)]
  })

const byPath = (a: Facts, b: Facts): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)

export const factsOf = (tree: Tree): ReadonlyArray<Facts> => factsBelow("", tree).toSorted(byPath)

// Few names, so that edits meet; some that sort around "/", some that aren't UTF-8 or hide in records.
const name = fc.constantFrom("a", "b", "B", "a-", "a.b", "é", "stray\udcff", "__proto__", "x".repeat(255))
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o400, 0o444, 0o000)
const content = fc.constantFrom("", "one", "two", "x".repeat(70_000))
const target = fc.constantFrom("a", "./b", "nowhere", "a/../b", "stray\udcff")

/** Names as own properties, whatever they are. */
const treeOf = (node: fc.Arbitrary<Node>): fc.Arbitrary<Tree> =>
  fc
    .uniqueArray(fc.tuple(name, node), { maxLength: 4, selector: ([key]) => key })
    .map((entries) => Object.fromEntries(entries))

export const { node, tree } = fc.letrec<{ tree: Tree; node: Node }>((tie) => ({
  tree: treeOf(tie("node")),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ type: fc.constant("file" as const), content, mode }),
    fc.record({ type: fc.constant("link" as const), target }),
    fc.record({ type: fc.constant("directory" as const), mode, children: tie("tree") }),
  ),
}))

/** Another tree that has much of the first: what a plugin may make of it. */
const edited = (before: Tree): fc.Arbitrary<Tree> =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      tree,
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    )
    .chain(([kept, added, choices]) => {
      const old = Object.entries(before).filter((_, index) => kept[index] === true)
      const changed = old.map(([key, child]): fc.Arbitrary<readonly [string, Node]> => {
        const choice = choices.next().value
        if (child.type === "directory" && choice > 0)
          return edited(child.children).map((children) => [key, { ...child, children }])
        return fc.constant([key, child])
      })
      return fc
        .tuple(...changed)
        .map((entries): Tree => ({
          ...Object.fromEntries(Object.entries(added)),
          ...Object.fromEntries(entries),
        }))
    })

/** A tree, and what became of it. */
export const edit: fc.Arbitrary<readonly [Tree, Tree]> = tree.chain((before) =>
  fc.tuple(fc.constant(before), fc.oneof(edited(before), tree)),
)
