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
const native = (path: string): string | Buffer => {
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

// Few names, so that edits meet; some that sort around "/", some that aren't UTF-8 or mean something to objects.
const name = fc.constantFrom("a", "b", "B", "a-", "a.b", "é", "stray\udcff", "__proto__", "x".repeat(255))
const fileMode = fc.constantFrom(0o644, 0o600, 0o755, 0o400, 0o444, 0o000)
const directoryMode = fc.constantFrom(0o755, 0o700, 0o750, 0o500, 0o000)
const content = fc.constantFrom("", "one", "two", "x".repeat(70_000))

const named = <A>(thing: fc.Arbitrary<A>) =>
  fc.uniqueArray(fc.tuple(name, thing), { maxLength: 4, selector: ([key]) => key })

type Pair = readonly [before: Node | null, after: Node | null]
type Named<A> = ReadonlyArray<readonly [string, A]>

const side = (pairs: Named<Pair>, which: 0 | 1): Tree =>
  Object.fromEntries(
    pairs.flatMap(([key, pair]): Named<Node> => {
      const found = pair[which]
      return found === null ? [] : [[key, found]]
    }),
  )

const arbitraries = (targets: ReadonlyArray<string>) =>
  fc.letrec<{ node: Node; children: Tree; pair: Pair; pairs: Named<Pair> }>((tie) => ({
    children: named(tie("node")).map((entries) => Object.fromEntries(entries)),
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.tuple(content, fileMode).map(([text, mode]) => file(text, mode)),
      fc.constantFrom(...targets).map(link),
      fc.tuple(tie("children"), directoryMode).map(([children, mode]) => directory(children, mode)),
    ),
    pairs: named(tie("pair")),
    pair: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("node").map((node): Pair => [node, node]),
      fc.tuple(tie("node"), tie("node")),
      tie("node").map((node): Pair => [node, null]),
      tie("node").map((node): Pair => [null, node]),
      fc
        .tuple(tie("pairs"), directoryMode, directoryMode)
        .map(([pairs, before, after]): Pair => [
          directory(side(pairs, 0), before),
          directory(side(pairs, 1), after),
        ]),
    ),
  }))

const harmless = ["a", "./b", "nowhere", "a/../b", "stray\udcff"]

/** A tree, and what became of it: they have much in common. */
export const edit = (targets: ReadonlyArray<string> = harmless): fc.Arbitrary<readonly [Tree, Tree]> =>
  arbitraries(targets).pairs.map((pairs) => [side(pairs, 0), side(pairs, 1)])
