import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { adopt } from "../../../../layers/plugins/tree/adopt.ts"
import { changesBetween } from "../../../../layers/plugins/tree/changesBetween.ts"
import { copyTree } from "../../../../layers/plugins/tree/copyTree.ts"
import { digestOf, imageOf } from "../../../../layers/plugins/tree/TreeImage.ts"
import { sweep } from "../../../support/FaultDisk.ts"
import { snapshotOf } from "../../../support/snapshot.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
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

const failure = <A, E>(exit: Exit.Exit<A, E>) =>
  Option.getOrNull(Option.flatMap(Exit.causeOption(exit), Cause.failureOption))

/** A fault at any operation, or an interruption there, leaves one of two states, and nothing beside it. */
const sweepOf = <E, R>(
  dir: string,
  attempt: Effect.Effect<void, E, R>,
  states: () => ReadonlyArray<unknown>,
) =>
  sweep(
    Effect.suspend(() => {
      for (const name of ["tree", "copies"]) fs.rmSync(`${dir}/${name}`, { recursive: true, force: true })
      fs.mkdirSync(`${dir}/copies`)
      buildRoot(`${dir}/tree`, before)
      return attempt
    }),
    (_, exit) =>
      Effect.gen(function* () {
        if (!Exit.isSuccess(exit) && !Exit.isInterrupted(exit))
          expect(failure(exit)).toMatchObject({ _tag: "DiskError", errno: "EIO" })
        const left = [told(yield* imageOf(`${dir}/tree`)), fs.readdirSync(`${dir}/copies`)]
        expect(Exit.isSuccess(exit) ? states().slice(1) : states()).toContainEqual(left)
      }),
  )

it.scopedLive("whatever operation fails or is interrupted, a tree has all changes or none", () =>
  Effect.gen(function* () {
    const dir = yield* fastTemporaryDirectory
    const attempt = Effect.suspend(() => {
      buildRoot(`${dir}/copies/copy`, after)
      return takeOver(`${dir}/copies/copy`, `${dir}/tree`)
    })
    yield* sweepOf(dir, attempt, () => [
      [expected(before), ["copy"]],
      [expected(after), ["copy"]],
    ])
  }).pipe(Effect.provide(faultyDisk)),
)

it.scopedLive("whatever operation fails or is interrupted, there is a whole copy or none", () =>
  Effect.gen(function* () {
    const dir = yield* fastTemporaryDirectory
    const attempt = Effect.gen(function* () {
      yield* copyTree(`${dir}/tree`, yield* imageOf(`${dir}/tree`), `${dir}/copies/copy`)
    })
    yield* sweepOf(dir, attempt, () => [
      [expected(before), []],
      [expected(before), ["copy"]],
    ])
  }).pipe(Effect.provide(faultyDisk)),
)
