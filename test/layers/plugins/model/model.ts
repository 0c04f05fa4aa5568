/** What plugins that follow scripts make of trees: a pure model of a pass. */

export type Entry =
  | { readonly type: "file"; readonly content: string; readonly mode: number }
  | { readonly type: "directory"; readonly mode: number }
  | { readonly type: "link"; readonly target: string }

/** By path relative to the root. */
export type Tree = ReadonlyMap<string, Entry>

/** What the plugin of the fixtures can be told to do. */
export type Step =
  | { readonly do: "write"; readonly path: string; readonly content: string }
  | { readonly do: "rename" | "link"; readonly path: string; readonly to: string }
  | { readonly do: "delete" | "mkdir" | "wait"; readonly path: string }
  | { readonly do: "chmod"; readonly path: string; readonly mode: number }
  | { readonly do: "fail" | "crash" | "ask" }

/** A step before it is known what there is to do it to: numbers choose among that. */
export interface Wish {
  readonly do: Step["do"] | "trespass"
  readonly which: number
  readonly where: number
  readonly name: string
  readonly content: string
}

type Status = "success" | "failed" | "skipped" | "policy_violation"

export interface Played {
  readonly script: ReadonlyArray<Step>
  readonly status: Status
  /** Afterwards: as before, or with all of the plugin's work. */
  readonly tree: Tree
}

const parentOf = (path: string): string => path.split("/").slice(0, -1).join("/")
const leafOf = (path: string): string => path.split("/").at(-1) ?? ""
const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)
const inside = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

const pick = <A>(all: ReadonlyArray<A>, which: number): A | undefined => all[which % Math.max(1, all.length)]

/** What belongs to the service isn't touched by mistake. */
const isFree = (path: string): boolean =>
  !["README.md", ".exlab-wizard", ".exlab-answers.yml"].includes(path.split("/")[0] ?? "")

const fileModes = [0o644, 0o600, 0o755, 0o640, 0o666]
const directoryModes = [0o755, 0o700, 0o775, 0o711]

/** The step that a wish becomes in a tree; none where there is nothing to do it to. */
const stepOf = (tree: Tree, wish: Wish): Step | null => {
  const paths = [...tree.keys()].filter(isFree)
  const folders = ["", ...paths.filter((path) => tree.get(path)?.type === "directory")]
  const path = pick(paths, wish.which)
  const place = inside(pick(folders, wish.where) ?? "", wish.name)
  const isTaken = tree.has(place)
  switch (wish.do) {
    case "write":
      return isTaken && tree.get(place)?.type !== "file"
        ? null
        : { do: "write", path: place, content: wish.content }
    case "mkdir":
      return isTaken ? null : { do: "mkdir", path: place }
    case "rename":
      return path === undefined || isTaken || isBelow(place, path) ? null : { do: "rename", path, to: place }
    case "delete":
      return path === undefined ? null : { do: "delete", path }
    case "link": {
      const target = pick(
        paths.filter((one) => parentOf(one) === parentOf(place)),
        wish.which,
      )
      return target === undefined || isTaken ? null : { do: "link", path: place, to: leafOf(target) }
    }
    case "chmod": {
      const type = path === undefined ? undefined : tree.get(path)?.type
      if (path === undefined || type === undefined || type === "link") return null
      const mode = pick(type === "file" ? fileModes : directoryModes, wish.where) ?? 0o755
      return { do: "chmod", path, mode }
    }
    case "trespass":
      return { do: "write", path: "README.md", content: wish.content }
    case "fail":
    case "crash":
    case "ask":
      return { do: wish.do }
    case "wait":
      return null
  }
}

const moved = (tree: Tree, from: string, to: string): Tree =>
  new Map(
    [...tree].map(([path, entry]) => [isBelow(path, from) ? to + path.slice(from.length) : path, entry]),
  )

const without = (tree: Tree, top: string): Tree => new Map([...tree].filter(([path]) => !isBelow(path, top)))

/** The tree after one step. */
const after = (tree: Tree, step: Step): Tree => {
  switch (step.do) {
    case "write": {
      const there = tree.get(step.path)
      const mode = there?.type === "file" ? there.mode : 0o644
      return new Map([...tree, [step.path, { type: "file", content: step.content, mode }]])
    }
    case "mkdir":
      return new Map([...tree, [step.path, { type: "directory", mode: 0o755 }]])
    case "link":
      return new Map([...tree, [step.path, { type: "link", target: step.to }]])
    case "rename":
      return moved(tree, step.path, step.to)
    case "delete":
      return without(tree, step.path)
    case "chmod": {
      const there = tree.get(step.path)
      return there === undefined || there.type === "link"
        ? tree
        : new Map([...tree, [step.path, { ...there, mode: step.mode }]])
    }
    default:
      return tree
  }
}

const textOf = (tree: Tree): string => JSON.stringify([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))

export const isSameTree = (one: Tree, other: Tree): boolean => textOf(one) === textOf(other)

const statusOf = (before: Tree, worked: Tree, script: ReadonlyArray<Step>): Status => {
  if (script.some((step) => step.do === "fail" || step.do === "crash")) return "failed"
  if (isSameTree(before, worked)) return "skipped"
  return JSON.stringify(before.get("README.md")) === JSON.stringify(worked.get("README.md"))
    ? "success"
    : "policy_violation"
}

/** What one plugin does of what is wished, and what comes of it. */
const played = (before: Tree, wishes: ReadonlyArray<Wish>): Played => {
  const script: Array<Step> = []
  let worked = before
  for (const wish of wishes) {
    const step = stepOf(worked, wish)
    if (step === null) continue
    script.push(step)
    worked = after(worked, step)
    if (step.do === "fail" || step.do === "crash") break
  }
  const status = statusOf(before, worked, script)
  return { script, status, tree: status === "success" ? worked : before }
}

/** One plugin after the other. */
export const playedAll = (tree: Tree, plugins: ReadonlyArray<ReadonlyArray<Wish>>): ReadonlyArray<Played> => {
  const all: Array<Played> = []
  for (const wishes of plugins) all.push(played(all.at(-1)?.tree ?? tree, wishes))
  return all
}

/** A tree with something in it, grown by wishes. */
export const grown = (wishes: ReadonlyArray<Wish>): Tree => {
  const seed: Tree = new Map([
    ["README.md", { type: "file", content: "# A run\n", mode: 0o644 }],
    [".exlab-wizard", { type: "directory", mode: 0o755 }],
    [".exlab-wizard/creation.json", { type: "file", content: "{}\n", mode: 0o644 }],
    ["data", { type: "directory", mode: 0o755 }],
    ["data/a.txt", { type: "file", content: "a\n", mode: 0o644 }],
  ])
  const harmless = wishes.filter((wish) => !["fail", "crash", "ask", "trespass"].includes(wish.do))
  return harmless.reduce((tree, wish) => {
    const step = stepOf(tree, wish)
    return step === null ? tree : after(tree, step)
  }, seed)
}
