import * as fs from "node:fs"
import { join } from "node:path"
import { expect } from "@effect/vitest"
import { Effect, Fiber, Option, Ref } from "effect"
import type { ParcelProgress } from "../../src/ports/SyncTransport.ts"
import {
  arrives,
  bytes,
  classOf,
  contentsAt,
  type ContractLimits,
  final,
  type MakeRoom,
  onTarget,
  sendTo,
  waiting,
} from "./targetRoom.ts"
import { sendable } from "./targetRoom.ts"
import { hostileNames, parcelOf, plant, sha256, treeOf } from "./targetTrees.ts"

/** What is promised of transfers. */
export const sendingContract = (make: MakeRoom, limits: ContractLimits): void => {
  const { large, many } = limits
  const names = hostileNames.filter(sendable(limits))
  const on = onTarget(make)

  on("a file arrives", (room, source) => {
    plant(source, { "a.txt": "hello" })
    return arrives(room, source, waiting)
  })

  on("empty folders and empty files arrive", (room, source) => {
    plant(source, { "empty/": "", "deep/er/": "", "nothing.txt": "", "deep/file": "" })
    return arrives(room, source, waiting)
  })

  on("files arrive under every name that a file can have", (room, source) => {
    plant(source, Object.fromEntries(names.map((name, index) => [name, `content ${index}`])))
    return arrives(room, source, waiting)
  })

  on("folders can have every name, too", (room, source) => {
    plant(source, Object.fromEntries(names.map((name, index) => [`${name}/data 1`, `in ${index}`])))
    plant(source, Object.fromEntries(names.map((name) => [`empty/${name}/`, ""])))
    return arrives(room, source, waiting)
  })

  on(`${many} small files arrive`, (room, source) => {
    const names = Array.from({ length: many }, (_, index) => `d${index % 50}/f${index}`)
    plant(source, Object.fromEntries(names.map((name, index) => [name, `number ${index}`])))
    return arrives(room, source, waiting)
  })

  on("read-only files and folders arrive, and can be published", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "locked/file": "x", "locked/deeper/file": "y" })
      const paths = ["locked/file", "locked/deeper/file", "locked/deeper", "locked"]
      for (const path of paths) fs.chmodSync(join(source, path), path.endsWith("file") ? 0o444 : 0o555)
      yield* arrives(room, source, waiting)
      yield* arrives(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      expect(contentsAt(final, yield* room.look)).toEqual(treeOf(source))
    }),
  )

  on("progress grows to everything that was to be sent", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "a/1": "x".repeat(100_000), "a/2": "y".repeat(50_000), "b/3": "z" })
      const reports = yield* Ref.make<ReadonlyArray<ParcelProgress>>([])
      const report = (one: ParcelProgress) => Ref.update(reports, (before) => [...before, one])
      yield* room.transport.send(parcelOf(source, waiting), report)
      const seen = yield* Ref.get(reports)
      const grows = (key: "bytes" | "files") =>
        seen.every((one, index) => index === 0 || one[key] >= (seen[index - 1]?.[key] ?? 0))
      expect(grows("bytes")).toBe(true)
      expect(grows("files")).toBe(true)
      expect(seen.at(-1)).toMatchObject({ bytes: 150_001, files: 3 })
    }),
  )

  on("what was damaged there is replaced, also when size and time don't show it", (room, source) =>
    Effect.gen(function* () {
      plant(source, { good: "good", bad: "not so good", cut: "long enough", "-d/bad": "bad, too" })
      yield* sendTo(room, source, final)
      yield* room.flip(`${final}/bad`)
      yield* room.flip(`${final}/-d/bad`)
      yield* room.put(`${final}/cut`, bytes("long"))
      const found = yield* room.transport.digests(final, ["good", "bad"])
      expect(found.get("good")).toBe(treeOf(source)["good"])
      expect(found.get("bad")).not.toBe(treeOf(source)["bad"])
      yield* arrives(room, source, final)
    }),
  )

  on("what a parcel doesn't name stays as it is, here and there", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "a/named": "new", "a/unnamed": "not sent", "b/c": "not sent" })
      yield* room.put(`${final}/a/named`, bytes("old"))
      yield* room.put(`${final}/a/there`, bytes("there"))
      yield* room.put("PROJ-0002/x", bytes("elsewhere"))
      const before = treeOf(source)
      yield* sendTo(room, source, final, { files: [{ path: "a/named", size: 3 }], directories: ["a"] })
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({
        a: "folder",
        "a/named": sha256(bytes("new")),
        "a/there": sha256(bytes("there")),
      })
      expect(seen["PROJ-0002/x"]).toBe(sha256(bytes("elsewhere")))
      expect(Object.keys(seen).filter((path) => path.startsWith(".exlab-incoming/"))).toEqual([])
      expect(treeOf(source)).toEqual(before)
      expect(yield* room.transport.readMarker).toEqual(Option.some("the-target"))
    }),
  )

  on(
    "a transfer that was interrupted is finished by the next, and no name stands for half a file",
    (room, source) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 20 }, (_, index) => `d${index % 3}/f${index}`)
        plant(source, Object.fromEntries(names.map((name) => [name, name.repeat(20_000)])))
        const here = treeOf(source)
        for (const pause of [1, 40, 100, 200]) {
          const sending = yield* Effect.fork(sendTo(room, source, final, { bytesPerSecond: 2_000_000 }))
          yield* Effect.sleep(pause)
          yield* Fiber.interrupt(sending)
          const seen = contentsAt(final, yield* room.look)
          for (const name of names) expect([undefined, here[name]]).toContain(seen[name])
        }
        yield* arrives(room, source, final)
      }),
  )

  on("a file that isn't there any more is said to be", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1" })
      const files = [
        { path: "a", size: 1 },
        { path: "gone", size: 1 },
      ]
      expect(yield* classOf(sendTo(room, source, waiting, { files }))).toBe("source_changed")
    }),
  )

  if (large !== null) {
    on(`a file of ${large / 2 ** 20} MiB with holes arrives`, (room, source) =>
      Effect.gen(function* () {
        const file = join(source, "large")
        fs.writeFileSync(file, "begin")
        const fd = fs.openSync(file, "r+")
        fs.writeSync(fd, "end", large - 3)
        fs.closeSync(fd)
        yield* arrives(room, source, waiting)
      }),
    )
  }
}
