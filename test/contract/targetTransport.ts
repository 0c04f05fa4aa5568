import { expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { listingContract } from "./targetListing.ts"
import { publishingContract } from "./targetPublishing.ts"
import { randomTreesContract } from "./targetRandomTrees.ts"
import {
  bytes,
  classOf,
  type ContractLimits,
  final,
  type MakeRoom,
  onTarget,
  sendTo,
  waiting,
} from "./targetRoom.ts"
import { sendingContract } from "./targetSending.ts"
import { plant, sha256 } from "./targetTrees.ts"

/** What every transport must do: run against each adapter of the port. */
export const targetTransportContract = (make: MakeRoom, limits: ContractLimits): void => {
  const on = onTarget(make)

  it.scopedLive("a marker is what was written, and nothing before", () =>
    Effect.gen(function* () {
      const { transport } = yield* make
      expect(yield* transport.readMarker).toEqual(Option.none())
      yield* transport.writeMarker("target-1")
      expect(yield* transport.readMarker).toEqual(Option.some("target-1"))
      yield* transport.writeMarker("target-2")
      expect(yield* transport.readMarker).toEqual(Option.some("target-2"))
    }),
  )

  it.scopedLive("nothing is changed where the marker is missing", () =>
    Effect.gen(function* () {
      const room = yield* make
      yield* room.put(`${waiting}/there`, bytes("there"))
      const before = yield* room.look
      const source = yield* temporaryDirectory
      plant(source, { a: "1" })
      expect(yield* classOf(sendTo(room, source, waiting))).toBe("target_away")
      expect(yield* classOf(room.transport.publish(waiting, final))).toBe("target_away")
      expect(yield* classOf(room.transport.discard(waiting))).toBe("target_away")
      const there = [{ path: "there", isFolder: false }]
      expect(yield* classOf(room.transport.remove(waiting, there))).toBe("target_away")
      expect(yield* room.look).toEqual(before)
    }),
  )

  it.scopedLive("the tools are there", () => Effect.flatMap(make, ({ transport }) => transport.check))
  on("digests are those of files that are there, and of nothing else", (room) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/here`, bytes("here"))
      yield* room.put(`${final}/folder/x`, bytes("x"))
      const asked = ["here", "folder", "absent", "folder/absent", "here/below", "folder/x", "line\nbreak"]
      expect(yield* room.transport.digests(final, asked)).toEqual(
        new Map([
          ["here", sha256(bytes("here"))],
          ["folder/x", sha256(bytes("x"))],
        ]),
      )
      expect(yield* room.transport.digests("PROJ-0404/Run", ["a"])).toEqual(new Map())
      expect(yield* room.transport.digests(final, [])).toEqual(new Map())
    }),
  )

  on("what is there is known", (room) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/file`, bytes("x"))
      expect(yield* room.transport.exists(final)).toBe(true)
      expect(yield* room.transport.exists(`${final}/file`)).toBe(true)
      expect(yield* room.transport.exists(`${final}/fil`)).toBe(false)
      expect(yield* room.transport.exists("PROJ-0404")).toBe(false)
      expect(yield* room.transport.exists("PROJ-0404/Run")).toBe(false)
    }),
  )

  on("nothing leads out of the root", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1" })
      const { transport } = room
      const attempts = [
        sendTo(room, source, "../x"),
        sendTo(room, source, waiting, { files: [{ path: "../a", size: 1 }] }),
        sendTo(room, source, waiting, { directories: ["a/../../b"] }),
        transport.digests("..", ["a"]),
        transport.digests(final, ["/etc/passwd"]),
        transport.exists("a/../../b"),
        transport.publish("../a", final),
        transport.publish(waiting, "a/./b"),
        transport.discard(".exlab-incoming/../PROJ-0001"),
        transport.discard(".exlab-incoming/"),
      ]
      for (const attempt of attempts) {
        expect(yield* classOf<unknown>(attempt)).toBe("permanent")
      }
    }),
  )

  sendingContract(make, limits)
  publishingContract(make, limits)
  listingContract(make, limits)
  randomTreesContract(make, limits)
}
