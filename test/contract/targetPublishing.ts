import { expect } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import {
  arrives,
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

/** What is promised of publications, and of what is thrown away. */
export const publishingContract = (make: MakeRoom, limits: ContractLimits): void => {
  const names = hostileNames.filter(sendable(limits))
  const on = onTarget(make)

  on("a parcel of nothing makes its folder, which can be published", (room, source) =>
    Effect.gen(function* () {
      yield* sendTo(room, source, waiting)
      expect(yield* room.transport.exists(waiting)).toBe(true)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect([seen[waiting], seen[final]]).toEqual([undefined, "folder"])
    }),
  )

  on("a publication keeps every name", (room, source) =>
    Effect.gen(function* () {
      plant(source, Object.fromEntries(names.map((name, index) => [`${name}/${name}`, `in ${index}`])))
      yield* arrives(room, source, waiting)
      yield* room.put(`${final}/older`, bytes("older"))
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({ ...treeOf(source), older: sha256(bytes("older")) })
      expect(contentsAt(waiting, seen)).toEqual({})
    }),
  )

  on("a folder is published to where nothing is, with everything in it", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1", "b/c": "2", "empty/er/": "" })
      yield* sendTo(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual(treeOf(source))
      expect(seen[waiting]).toBeUndefined()
      expect(yield* room.transport.exists(waiting)).toBe(false)
      yield* room.transport.publish(waiting, final)
      expect(yield* room.look).toEqual(seen)
    }),
  )

  on("a folder that is published over another replaces files of the same name, and no more", (room, source) =>
    Effect.gen(function* () {
      plant(source, { same: "new", "folder/same": "new", "folder/new": "n", "empty/": "" })
      yield* room.put(`${final}/same`, bytes("old"))
      yield* room.put(`${final}/folder/same`, bytes("old"))
      yield* room.put(`${final}/folder/old`, bytes("o"))
      yield* sendTo(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({ ...treeOf(source), "folder/old": sha256(bytes("o")) })
      expect(seen[waiting]).toBeUndefined()
    }),
  )

  on("a publication that was interrupted is finished by the next", (room, source) =>
    Effect.gen(function* () {
      const names = Array.from({ length: 60 }, (_, index) => `d${index % 7}/f${index}`)
      plant(source, Object.fromEntries(names.map((name) => [name, `new ${name}`])))
      yield* sendTo(room, source, waiting)
      yield* room.put(`${final}/d0/f0`, bytes("old"))
      for (const pause of [1, 20, 60, 150]) {
        const publishing = yield* Effect.fork(room.transport.publish(waiting, final))
        yield* Effect.sleep(pause)
        yield* Fiber.interrupt(publishing)
        const seen = yield* room.look
        for (const name of names) {
          const found = [seen[`${waiting}/${name}`], seen[`${final}/${name}`]]
          expect(found).toContain(sha256(bytes(`new ${name}`)))
        }
      }
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual(treeOf(source))
      expect(seen[waiting]).toBeUndefined()
    }),
  )

  on("what is discarded is gone, and nothing else", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1", "b/c": "2" })
      yield* sendTo(room, source, waiting)
      yield* sendTo(room, source, `${waiting}0`)
      yield* room.transport.discard(waiting)
      expect(yield* room.transport.exists(waiting)).toBe(false)
      expect(contentsAt(`${waiting}0`, yield* room.look)).toEqual(treeOf(source))
      yield* room.transport.discard(waiting)
      expect(yield* classOf(room.transport.discard(final))).toBe("permanent")
    }),
  )
}
