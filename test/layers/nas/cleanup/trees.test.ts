import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as FC from "effect/FastCheck"
import {
  attempt,
  emptied,
  inCleanupWorld,
  jobFor,
  makeRun,
  runIn,
  trashed,
  trashIn,
  verify,
} from "./support.ts"

/** Names that instruments and people give, as bytes. */
const names = [
  "a",
  "b c",
  "-rf",
  "x:y",
  "new\nline",
  ".exlab-wizard",
  "trash",
  "é",
  "\\",
  "*",
  "stray\xff",
  ".lock",
]

const name = FC.constantFrom(...names)
const file = FC.tuple(FC.array(name, { minLength: 1, maxLength: 4 }), FC.string({ maxLength: 4 }))
const tree = FC.array(file, { maxLength: 12 })

const native = (root: string, segments: ReadonlyArray<string>): Buffer =>
  Buffer.concat([Buffer.from(root), ...segments.map((segment) => Buffer.from(`/${segment}`, "latin1"))])

/** Writes what fits: a name that is a file already holds no folder, and the records are the service's. */
const plant = (root: string, files: ReadonlyArray<readonly [ReadonlyArray<string>, string]>) => {
  for (const [segments, content] of files) {
    if (segments[0] === ".exlab-wizard") continue
    const parents = segments.slice(0, -1).map((_, n) => native(root, segments.slice(0, n + 1)))
    const blocked = parents.some((path) => fs.existsSync(path) && !fs.statSync(path).isDirectory())
    if (blocked || fs.existsSync(native(root, segments))) continue
    for (const path of parents) fs.mkdirSync(path, { recursive: true })
    fs.writeFileSync(native(root, segments), content)
  }
}

/** Paths as bytes, with contents; records left out. */
const contents = (root: Buffer, top = true): ReadonlyArray<string> =>
  fs.readdirSync(root, { encoding: "buffer", withFileTypes: true }).flatMap((entry) => {
    if (top && entry.name.toString() === ".exlab-wizard") return []
    const path = Buffer.concat([root, Buffer.from("/"), entry.name])
    const label = entry.name.toString("latin1")
    return entry.isDirectory()
      ? [`${label}/`, ...contents(path, false).map((inner) => `${label}/${inner}`)]
      : [`${label} ${fs.readFileSync(path, "utf8")}`]
  })

it.effect.prop(
  "whatever a run holds goes to the trash as it is, and then for good; with one file more nothing goes",
  { files: tree, extra: file },
  ({ extra, files }) =>
    inCleanupWorld({ minVerifyPasses: 1 }, (base) =>
      Effect.gen(function* () {
        const root = `${base}/local/x`
        const run = runIn(root)
        makeRun(run)
        plant(run, files)
        const { id } = yield* jobFor(run)
        yield* verify(id, run)
        yield* TestClock.adjust("24 hours")
        const before = contents(Buffer.from(run))
        plant(run, [[["new", ...extra[0]], extra[1]]])
        const grown = contents(Buffer.from(run))
        expect(yield* attempt(id)).toMatchObject({ _tag: "NotYet", unmet: [{ condition: "unchanged" }] })
        expect(contents(Buffer.from(run))).toEqual(grown)
        fs.rmSync(`${run}/new`, { recursive: true })
        expect(yield* attempt(id)).toMatchObject({ _tag: "CleanedUp" })
        expect(contents(Buffer.from(trashed(root) ?? ""))).toEqual(before)
        expect(contents(Buffer.from(run))).toEqual([])
        yield* TestClock.adjust("24 hours")
        yield* emptied()
        expect(fs.existsSync(trashIn(root))).toBe(false)
      }),
    ),
  { fastCheck: { numRuns: 60 } },
)
