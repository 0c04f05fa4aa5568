import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Record } from "effect"
import { changesBetween } from "../../../../layers/plugins/tree/changesBetween.ts"
import { linkProblem } from "../../../../layers/plugins/tree/linkProblem.ts"
import { imageOf, type TreeImage } from "../../../../layers/plugins/tree/TreeImage.ts"
import { outwardLinks, violations } from "../../../../layers/plugins/tree/violations.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { makePipe, onDisk } from "../../disk/support.ts"
import { buildRoot } from "./model.ts"
import { entry } from "./support.ts"

type Entries = Readonly<Record<string, Parameters<typeof entry>[0]>>

const image = (entries: Entries): TreeImage =>
  new Map(Object.entries(entries).map(([path, fields]) => [path, entry(fields)]))

const broken = (before: Entries, after: Entries) =>
  violations(changesBetween(image(before), image(after)), image(after))

const folder = { type: "directory" } as const
const symlink = (target: string) => ({ type: "symlink", target, mode: 0o777 }) as const

describe("what belongs to the service", () => {
  it.each([
    "README.md",
    "readme.MD",
    ".exlab-wizard",
    ".Exlab-Wizard",
    ".exlab-answers.yml",
    // What folds to the same letters, and what nobody sees.
    ".exlab-an\u017Fwers.yml",
    "READ\u200DME.md",
    "Runs",
    "testruns",
  ])("%s at the top can't be made, changed or deleted", (name) => {
    const kept = `${JSON.stringify(name)} at the top is kept for the service itself`
    const path = JSON.stringify(name)
    expect(broken({}, { [name]: {} })).toEqual([`${path} was created: ${kept}`])
    expect(broken({ [name]: {} }, { [name]: { mode: 0o600 } })).toEqual([`${path} was modified: ${kept}`])
    expect(broken({ [name]: {} }, {})).toEqual([`${path} was deleted: ${kept}`])
    expect(broken({ [name]: {} }, { moved: {} })).toEqual([`${path} was deleted: ${kept}`])
    expect(broken({}, { data: folder, [`data/${name}`]: {} })).toEqual([])
  })

  it("all that lies in its folder is kept, too", () => {
    const before = { ".exlab-wizard": folder, ".exlab-wizard/creation.json": { sha256: "00" } }
    const after = { ".exlab-wizard": folder, ".exlab-wizard/creation.json": { sha256: "01" } }
    expect(broken(before, after)).toHaveLength(1)
    expect(broken(before, before)).toEqual([])
  })
})

describe("names and modes", () => {
  it.each<[string, string]>([
    ["a:b", "contains the character U+003A"],
    ["stray\udcff", "contains the character U+DCFF"],
    ["new\nline", "contains the character U+000A"],
    ["nul.txt", "is a reserved device name"],
    ["dot.", "ends with a dot"],
    ["space ", "begins or ends with a space"],
  ])("a new file may not be called %j", (name, detail) => {
    expect(broken({}, { [name]: {} })).toEqual([`${JSON.stringify(name)} has a name that ${detail}`])
    expect(broken({ [name]: {} }, { [name]: { mode: 0o600 } })).toEqual([])
    expect(broken({ [name]: {} }, {})).toEqual([])
  })

  it("two names of one directory differ by more than case or normal form", () => {
    expect(broken({ Data: {} }, { Data: {}, data: {} })).toEqual([
      '"data" has the name of "Data" where case doesn\'t count',
    ])
    expect(broken({}, { "\u00e9": {}, "e\u0301": {} })).toHaveLength(2)
    expect(broken({ Data: {} }, { data: {} })).toEqual([])
    expect(broken({}, { a: folder, "a/x": {}, b: folder, "b/X": {} })).toEqual([])
  })

  it.each([0o4755, 0o2755, 0o1644])("a file of mode %o is refused, a directory isn't", (mode) => {
    const said = `"a" is set-uid, set-gid or sticky: its mode is ${mode.toString(8)}`
    expect(broken({}, { a: { mode } })).toEqual([said])
    expect(broken({ a: {} }, { a: { mode } })).toEqual([said])
    expect(broken({ a: { mode } }, { a: { mode } })).toEqual([])
    expect(broken({}, { a: { ...folder, mode: 0o755 } })).toEqual([])
  })

  it("nobody is told more than twenty problems, but how many there are", () => {
    const after = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`a:${n}`, {}]))
    const sentences = broken({}, after)
    expect(sentences).toHaveLength(21)
    expect(sentences.at(-1)).toBe("and 100 more problems")
  })
})

describe("links", () => {
  const tree = { a: folder, "a/b": folder, file: {}, up: symlink("a/b"), "a/self": symlink("self") }

  it.each([
    ["l", "a"],
    ["l", "a/b/../../file"],
    ["a/b/l", "../../file"],
    ["a/b/l", ".././/b"],
    ["l", "nowhere/at/all"],
    ["l", "nowhere/../file"],
    ["l", "up"],
    ["l", "up/file"],
    ["l", "./l"],
    ["a/l", "../up/x"],
  ])("%s that says %j stays inside", (path, target) => {
    expect(broken(tree, { ...tree, [path]: symlink(target) })).toEqual([])
  })

  it.each([
    ["l", "/etc/passwd", "is absolute"],
    ["l", "//x", "is absolute"],
    ["l", "..", "leads out of the tree"],
    ["a/b/l", "../../..", "leads out of the tree"],
    ["a/b/l", "../../../tree/a", "leads out of the tree"],
    ["l", "nowhere/../../x", "leads out of the tree"],
    ["l", "a/../../a", "leads out of the tree"],
    ["l", "up/../../..", "goes up again after another link"],
    ["l", "up/x/..", "goes up again after another link"],
    ["l", "a/self/..", "goes up again after another link"],
  ])("%s that says %j is refused", (path, target, problem) => {
    const said = `"${path}" is a link to ${JSON.stringify(target)}, which ${problem}`
    expect(broken(tree, { ...tree, [path]: symlink(target) })).toEqual([said])
    expect(outwardLinks(image({ ...tree, [path]: symlink(target) }))).toEqual([said])
  })

  it("one that nobody changed is refused when it leads out by what was changed", () => {
    const before = { a: folder, "a/b": folder, l: symlink("a/b/../x") }
    expect(broken(before, before)).toEqual([])
    expect(broken(before, { a: folder, "a/b": symlink("."), l: before.l })).toHaveLength(1)
  })

  const folders: Entries = { a: folder, "a/b": folder, c: folder }
  const paths = ["l", "m", "a/l", "a/b/l", "a/b/m", "c/m"]
  // First up, then down, often through another link, then up again.
  const targets = fc
    .tuple(
      fc.constantFrom(".", "..", "../.."),
      fc.constantFrom(".", "a", "a/b", "c", ...paths),
      fc.constantFrom(".", "b", "..", "../.."),
    )
    .map((parts) => parts.join("/"))
  const links = fc.dictionary(fc.constantFrom(...paths), targets, { noNullPrototype: true })

  it.scopedLive.prop(
    "in a tree that is allowed, none leads out, whatever others it goes through",
    [links],
    ([all]) =>
      Effect.gen(function* () {
        const whole = image({ ...folders, ...Record.map(all, symlink) })
        const allowed = Record.filter(all, (target, path) => linkProblem(whole, path, target) === null)
        expect(outwardLinks(image({ ...folders, ...Record.map(allowed, symlink) }))).toEqual([])
        const dir = `${yield* fastTemporaryDirectory}/tree`
        fs.mkdirSync(`${dir}/a/b`, { recursive: true })
        fs.mkdirSync(`${dir}/c`)
        for (const [path, target] of Object.entries(allowed)) fs.symlinkSync(target, `${dir}/${path}`)
        for (const path of Object.keys(allowed)) {
          const end = Either.try(() => fs.realpathSync.native(`${dir}/${path}`))
          if (Either.isRight(end)) expect(`${end.right}/`).toContain(`${dir}/`)
        }
      }),
    { fastCheck: { numRuns: 1000 } },
  )
})

onDisk("special files and hard links to the outside are refused, those inside aren't", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, {})
    fs.writeFileSync(`${dir}/outside`, "")
    fs.writeFileSync(`${dir}/tree/a`, "")
    fs.linkSync(`${dir}/tree/a`, `${dir}/tree/b`)
    expect(outwardLinks(yield* imageOf(`${dir}/tree`))).toEqual([])
    fs.linkSync(`${dir}/outside`, `${dir}/tree/c`)
    makePipe(`${dir}/tree/pipe`)
    expect(outwardLinks(yield* imageOf(`${dir}/tree`))).toEqual([
      '"c" is a hard link: the same file has a name outside the tree',
      '"pipe" is neither a file nor a directory nor a link',
    ])
    fs.linkSync(`${dir}/tree/a`, `${dir}/a`)
    expect(outwardLinks(yield* imageOf(`${dir}/tree`))).toHaveLength(4)
  }),
)
