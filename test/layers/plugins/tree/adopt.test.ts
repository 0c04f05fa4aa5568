import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { adopt } from "../../../../layers/plugins/tree/adopt.ts"
import { changesBetween } from "../../../../layers/plugins/tree/changesBetween.ts"
import { copyTree } from "../../../../layers/plugins/tree/copyTree.ts"
import { digestOf, imageOf } from "../../../../layers/plugins/tree/TreeImage.ts"
import { DiskFaults, sweep } from "../../../support/FaultDisk.ts"
import { ownersRights } from "../../../support/ownersRights.ts"
import { snapshotOf } from "../../../support/snapshot.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { onDisk } from "../../disk/support.ts"
import { buildRoot, directory, edit, file, link, type Tree } from "./model.ts"
import { expected, faultyDisk, told } from "./support.ts"

const takeOver = (copy: string, tree: string) =>
  Effect.gen(function* () {
    const before = yield* imageOf(tree)
    yield* adopt(changesBetween(before, yield* imageOf(copy)), copy, tree)
  })

it.scopedLive.prop(
  "a tree becomes what its copy was made, whatever that was",
  [edit()],
  ([[before, after]]) =>
    Effect.gen(function* () {
      const dir = yield* fastTemporaryDirectory
      const tree = `${dir}/tree`
      fs.mkdirSync(`${dir}/copies`)
      buildRoot(tree, before)
      const image = yield* imageOf(tree)
      yield* copyTree(tree, image, `${dir}/copies/plain`)
      expect(digestOf(yield* imageOf(`${dir}/copies/plain`))).toBe(digestOf(image))
      buildRoot(`${dir}/copies/edited`, after)
      yield* takeOver(`${dir}/copies/edited`, tree)
      expect(told(yield* imageOf(tree))).toEqual(expected(after))
      expect(told(yield* imageOf(`${dir}/copies/edited`))).toEqual(expected(after))
      expect(fs.readdirSync(`${dir}/copies`)).toEqual(["edited", "plain"])
    }).pipe(Effect.provide(NodeDisk.layer)),
  { fastCheck: { numRuns: 100 } },
)

it.scopedLive("directories take the place of links, whatever these led to", () =>
  Effect.gen(function* () {
    const dir = yield* fastTemporaryDirectory
    const deep = directory({ a: directory({ a: file("") }) })
    buildRoot(`${dir}/tree`, {
      loop: link("loop"),
      other: link("stays"),
      stays: directory({ a: directory({}, 0o500) }, 0o500),
    })
    buildRoot(`${dir}/edited`, {
      loop: deep,
      other: deep,
      stays: directory({ a: directory({}, 0o500) }, 0o500),
    })
    yield* takeOver(`${dir}/edited`, `${dir}/tree`)
    expect(told(yield* imageOf(`${dir}/tree`))).toEqual(told(yield* imageOf(`${dir}/edited`)))
  }).pipe(Effect.provide(NodeDisk.layer)),
)

const outward = ["/", "..", "../outside", "../../outside/file", "../outside/folder", "a/../../outside"]

it.scopedLive.prop(
  "nothing but the two trees is touched, wherever links in them lead",
  [edit(outward)],
  ([[before, after]]) =>
    Effect.gen(function* () {
      const dir = yield* fastTemporaryDirectory
      buildRoot(`${dir}/outside`, {
        file: file("secret", 0o400),
        folder: directory({ a: file("one", 0) }, 0o555),
      })
      buildRoot(`${dir}/tree`, before)
      buildRoot(`${dir}/edited`, after)
      fs.linkSync(`${dir}/outside/file`, `${dir}/edited/hard`)
      const outside = snapshotOf(`${dir}/outside`)
      yield* copyTree(`${dir}/tree`, yield* imageOf(`${dir}/tree`), `${dir}/copy`)
      yield* takeOver(`${dir}/edited`, `${dir}/tree`)
      expect(snapshotOf(`${dir}/outside`)).toEqual(outside)
      expect(fs.lstatSync(`${dir}/tree/hard`).nlink).toBe(1)
    }).pipe(Effect.provide(NodeDisk.layer)),
  { fastCheck: { numRuns: 40 } },
)

const before: Tree = {
  changed: file("old"),
  locked: directory({ inner: file("stays") }, 0o700),
  deleted: directory({ below: directory({ file: file("") }) }),
  same: file("same"),
  "file-to-folder": file("was a file"),
  "folder-to-link": directory({ file: file("was in a folder") }),
  "Case.txt": file("case"),
}
const after: Tree = {
  changed: file("new"),
  locked: directory({ inner: file("stays") }, 0o750),
  created: directory({ below: directory({ file: file("made", 0o755) }) }),
  same: file("same"),
  "file-to-folder": directory({ file: file("is in a folder") }),
  "folder-to-link": link("same"),
  "case.txt": file("case"),
}

it.scopedLive("directories whose modes keep their owner out are changed all the same", () =>
  Effect.gen(function* () {
    const dir = yield* fastTemporaryDirectory
    const faults = yield* DiskFaults
    const locked = (...names: ReadonlyArray<string>) =>
      directory(Object.fromEntries(names.map((name) => [name, directory({ file: file("") }, 0o500)])), 0o500)
    buildRoot(`${dir}/tree`, { a: locked("b", "c"), d: locked("e") })
    buildRoot(`${dir}/copy`, { a: locked("b", "new"), f: locked("e") })
    fs.chmodSync(`${dir}/tree`, 0o500)
    const made = told(yield* imageOf(`${dir}/copy`))
    yield* faults.arm(ownersRights(`${dir}/tree`))
    yield* takeOver(`${dir}/copy`, `${dir}/tree`)
    expect(told(yield* imageOf(`${dir}/tree`))).toEqual(made)
    expect(fs.readdirSync(dir)).toEqual(["copy", "tree"])
  }).pipe(Effect.provide(faultyDisk)),
)

const failure = <A, E>(exit: Exit.Exit<A, E>) =>
  Option.getOrNull(Option.flatMap(Exit.causeOption(exit), Cause.failureOption))

/** What stands in the tree, and in the copies by their names. */
const stateOf = (dir: string) =>
  Effect.gen(function* () {
    const copies = fs.readdirSync(`${dir}/copies`)
    return [
      told(yield* imageOf(`${dir}/tree`)),
      yield* Effect.forEach(copies, (name) =>
        Effect.map(imageOf(`${dir}/copies/${name}`), (image) => [name, told(image)]),
      ),
    ]
  })

/** A fault at any operation, or an interruption there, leaves the state of before or that of after, and nothing else. */
const sweepOf = <E, R>(
  attempt: (dir: string) => Effect.Effect<void, E, R>,
  [untouched, done]: readonly [unknown, unknown],
) =>
  Effect.gen(function* () {
    const dir = yield* fastTemporaryDirectory
    const afresh = Effect.suspend(() => {
      for (const name of ["tree", "copies"]) fs.rmSync(`${dir}/${name}`, { recursive: true, force: true })
      fs.mkdirSync(`${dir}/copies`)
      buildRoot(`${dir}/tree`, before)
      return attempt(dir)
    })
    yield* sweep(afresh, (_, exit) =>
      Effect.gen(function* () {
        const state = yield* stateOf(dir)
        if (Exit.isSuccess(exit)) return expect(state).toEqual(done)
        expect([untouched, done]).toContainEqual(state)
        if (Exit.isInterrupted(exit)) return
        expect(failure(exit)).toMatchObject({ _tag: "DiskError", errno: "EIO" })
        return expect(state).toEqual(untouched)
      }),
    )
  }).pipe(Effect.provide(faultyDisk))

it.scopedLive("whatever operation fails or is interrupted, a tree has all changes or none", () =>
  sweepOf(
    (dir) => {
      buildRoot(`${dir}/copies/copy`, after)
      return takeOver(`${dir}/copies/copy`, `${dir}/tree`)
    },
    [
      [expected(before), [["copy", expected(after)]]],
      [expected(after), [["copy", expected(after)]]],
    ],
  ),
)

it.scopedLive("whatever operation fails or is interrupted, there is a whole copy or none", () =>
  sweepOf(
    (dir) =>
      Effect.flatMap(imageOf(`${dir}/tree`), (image) => copyTree(`${dir}/tree`, image, `${dir}/copies/copy`)),
    [
      [expected(before), []],
      [expected(before), [["copy", expected(before)]]],
    ],
  ),
)

onDisk("what was changed after it had been judged is refused, and the tree stays as it was", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, { a: file("one"), b: file("two") })
    buildRoot(`${dir}/copy`, { a: file("new"), b: file("good") })
    const changes = changesBetween(yield* imageOf(`${dir}/tree`), yield* imageOf(`${dir}/copy`))
    const seen = snapshotOf(`${dir}/tree`)
    fs.writeFileSync(`${dir}/copy/b`, "evil")
    expect(yield* Effect.flip(adopt(changes, `${dir}/copy`, `${dir}/tree`))).toMatchObject({
      _tag: "TreeUnusable",
      root: `${dir}/copy`,
      reason: 'was changed in "b" while it was taken over',
    })
    expect(snapshotOf(`${dir}/tree`)).toEqual(seen)
    expect(fs.readdirSync(dir)).toEqual(["copy", "tree"])
  }),
)

onDisk("what came to the tree in the meantime is left where it is", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, { a: file("one") })
    buildRoot(`${dir}/copy`, { a: file("new"), b: file("new") })
    const changes = changesBetween(yield* imageOf(`${dir}/tree`), yield* imageOf(`${dir}/copy`))
    fs.writeFileSync(`${dir}/tree/b`, "somebody else's")
    expect(yield* Effect.flip(adopt(changes, `${dir}/copy`, `${dir}/tree`))).toMatchObject({
      _tag: "DiskError",
      path: `${dir}/tree/b`,
      errno: "EEXIST",
    })
    expect(fs.readFileSync(`${dir}/tree/a`, "utf8")).toBe("one")
    expect(fs.readFileSync(`${dir}/tree/b`, "utf8")).toBe("somebody else's")
  }),
)

onDisk("files are taken over as copies, and directories keep the group of the one they lie in", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, {})
    buildRoot(`${dir}/copy`, { a: file("one"), b: directory({}, 0o750) })
    fs.linkSync(`${dir}/copy/a`, `${dir}/copy/second`)
    fs.chmodSync(dir, 0o2755)
    const open = fs.openSync(`${dir}/copy/a`, "r+")
    yield* takeOver(`${dir}/copy`, `${dir}/tree`)
    fs.writeSync(open, "evil")
    fs.closeSync(open)
    for (const name of ["a", "second"]) {
      expect(fs.readFileSync(`${dir}/tree/${name}`, "utf8")).toBe("one")
      expect(fs.lstatSync(`${dir}/tree/${name}`).nlink).toBe(1)
    }
    expect(fs.lstatSync(`${dir}/tree/b`).mode & 0o7777).toBe(0o2750)
  }),
)
