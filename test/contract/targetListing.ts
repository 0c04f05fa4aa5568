import * as fs from "node:fs"
import { join } from "node:path"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import type { TargetEntry } from "../../src/ports/SyncTransport.ts"
import {
  bytes,
  classOf,
  contentsAt,
  type ContractLimits,
  final,
  type MakeRoom,
  onTarget,
  sendable,
  sendTo,
  waiting,
} from "./targetRoom.ts"
import { hostileNames, plant, sha256, treeOf } from "./targetTrees.ts"

const entry = (path: string, isFolder = false): TargetEntry => ({ path, isFolder })

/** Files and folders of a listing, sorted. */
const sorted = (entries: ReadonlyArray<TargetEntry>) =>
  entries.map(({ isFolder, path }) => (isFolder ? `${path}/` : path)).toSorted()

/** What is promised of listings, and of taking away what was gathered. */
export const listingContract = (make: MakeRoom, limits: ContractLimits): void => {
  const names = hostileNames.filter(sendable(limits))
  const on = onTarget(make)

  on("a listing has every file and folder of a place, and nothing else", (room, source) =>
    Effect.gen(function* () {
      expect(yield* room.transport.list(final, [])).toEqual([])
      expect(yield* room.transport.list("PROJ-0404/Run", [])).toEqual([])
      plant(source, Object.fromEntries(names.map((name, index) => [`${name}/${name}`, `in ${index}`])))
      yield* sendTo(room, source, final)
      yield* room.put(`${final}0/other`, bytes("o"))
      const expected = Object.entries(treeOf(source)).map(([path, what]) => entry(path, what === "folder"))
      expect(sorted(yield* room.transport.list(final, []))).toEqual(sorted(expected))
    }),
  )

  on("what is left out at the top of a listing isn't looked at, and the same name below is", (room) =>
    Effect.gen(function* () {
      for (const path of ["Runs/a/b", "TestRuns/a", "docs/Runs/a", "Runs.txt"]) {
        yield* room.put(`PROJ-0001/${path}`, bytes("x"))
      }
      expect(sorted(yield* room.transport.list("PROJ-0001", ["Runs", "TestRuns"]))).toEqual(
        ["docs/", "docs/Runs/", "docs/Runs/a", "Runs.txt"].toSorted(),
      )
    }),
  )

  on("what was gathered and isn't wanted any more is removed, and nothing else", (room, source) =>
    Effect.gen(function* () {
      plant(
        source,
        Object.fromEntries(
          names.flatMap((name) => [
            [`go/${name}`, "1"],
            [`stay/${name}`, "2"],
          ]),
        ),
      )
      plant(source, { "stay/deep/er/gone": "3", "stay/deep/er/kept": "4", "alone/gone": "5" })
      yield* sendTo(room, source, waiting)
      yield* sendTo(room, source, `${waiting}0`)
      const unwanted = [
        entry("go", true),
        ...names.slice(0, 40).map((name) => entry(`stay/${name}`)),
        entry("stay/deep/er/gone"),
        entry("alone/gone"),
      ]
      yield* room.transport.remove(waiting, unwanted)
      yield* room.transport.remove(waiting, unwanted)
      yield* room.transport.remove(waiting, [])
      for (const { path } of unwanted) fs.rmSync(join(source, path), { recursive: true })
      const seen = yield* room.look
      const { alone: _, ...there } = contentsAt(waiting, seen)
      const { alone: __, ...here } = treeOf(source)
      expect(there).toEqual(here)
      expect(Object.keys(contentsAt(`${waiting}0`, seen))).toContain("alone/gone")
      yield* room.transport.remove(".exlab-incoming/job-404", [entry("a"), entry("b", true)])
    }),
  )

  on("nothing that was published is removed", (room) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/there`, bytes("there"))
      yield* room.put(`${waiting}/there`, bytes("there"))
      const before = yield* room.look
      const { remove } = room.transport
      for (const attempt of [
        remove(final, [entry("there")]),
        remove(".exlab-incoming", [entry("job-1", true)]),
        remove(".exlab-incoming/../PROJ-0001", [entry("there")]),
        remove(waiting, [entry("../../PROJ-0001", true)]),
        remove(waiting, [entry("")]),
      ]) {
        expect(yield* classOf(attempt)).toBe("permanent")
      }
      expect(yield* room.look).toEqual(before)
    }),
  )

  on("a file doesn't take the place of a folder, nor a folder that of a file", (room, source) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/was a file`, bytes("published"))
      yield* room.put(`${final}/was a folder/x`, bytes("published"))
      plant(join(source, "1"), { "was a file/x": "new" })
      plant(join(source, "2"), { "was a folder": "new" })
      for (const one of ["1", "2"]) {
        yield* sendTo(room, join(source, one), `.exlab-incoming/${one}`)
        yield* Effect.ignore(room.transport.publish(`.exlab-incoming/${one}`, final))
        const { "was a file": file, "was a folder/x": below } = contentsAt(final, yield* room.look)
        const published = sha256(bytes("published"))
        expect([one, file, below]).toEqual([one, published, published])
      }
    }),
  )
}
