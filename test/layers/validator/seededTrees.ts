import { FastCheck } from "effect"
import type { DirectoryEntry } from "../../../src/ports/Disk.ts"

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

export interface Node {
  readonly name: Seed
  readonly text: Seed
  readonly rendered: boolean
  readonly suffix: string
  readonly below: ReadonlyArray<Node> | null
}

const oneOf = (good: ReadonlyArray<Seed>, bad: ReadonlyArray<Seed>) =>
  FastCheck.oneof({ weight: 3, arbitrary: FastCheck.constantFrom(...good) }, FastCheck.constantFrom(...bad))

/** Trees with faults in some of their names and texts. */
export const { tree: treeOf } = FastCheck.letrec<{ tree: ReadonlyArray<Node>; node: Node }>((tie) => ({
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
export interface Planted {
  readonly folders: Map<string, Array<DirectoryEntry>>
  readonly files: Map<string, string>
  readonly rendered: Array<string>
  readonly expected: Array<string>
}

export const plantInto = (planted: Planted, folder: string, nodes: ReadonlyArray<Node>): Planted => {
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

export const empty = (): Planted => ({ folders: new Map(), files: new Map(), rendered: [], expected: [] })
