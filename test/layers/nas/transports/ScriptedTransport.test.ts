import { describe, expect, it } from "@effect/vitest"
import { Effect, HashMap, HashSet, Layer, Option, Ref } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { type MemoryContents, withFile } from "../../../../layers/nas/transports/MemoryTarget.ts"
import { Behaviour, layerTest, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { SyncTransport } from "../../../../src/ports/SyncTransport.ts"
import { classOf, type TargetRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { parcelOf, plant, sha256 } from "../../../contract/targetTrees.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const layer = Layer.provide(layerTest(["CONFOCAL_01"]), NodeDisk.layer)

const picture = ({ files, folders, marker }: MemoryContents): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(HashSet.toValues(folders).map((path) => [path, "folder"])),
  ...Object.fromEntries(HashMap.toEntries(files).map(([path, bytes]) => [path, sha256(bytes)])),
  ...(Option.isSome(marker) ? { ".exlab-target.json": marker.value } : {}),
})

const room = Effect.gen(function* () {
  const { contents } = yield* TransportScript
  const transport = Option.getOrThrow((yield* SyncTransport).of("CONFOCAL_01"))
  const memory = contents.get("CONFOCAL_01")!
  const target: TargetRoom = {
    transport,
    look: Effect.map(Ref.get(memory), picture),
    put: (path, bytes) => Ref.update(memory, (now) => withFile(now, path, bytes)),
    flip: (path) =>
      Ref.update(memory, (now) => {
        const bytes = Uint8Array.from(HashMap.unsafeGet(now.files, path))
        bytes[0] = (bytes[0] ?? 0) ^ 1
        return withFile(now, path, bytes)
      }),
  }
  return target
})

describe("a target in memory", () => {
  targetTransportContract(
    Effect.orDie(Effect.flatMap(Layer.build(layer), (context) => Effect.provide(room, context))),
    {
      many: 10_000,
      large: null,
    },
  )
})

const parcel = Effect.map(temporaryDirectory, (source) => {
  plant(source, { a: "1", b: "2" })
  return parcelOf(source, ".exlab-incoming/1")
})

describe("a scripted target", () => {
  it.scopedLive("does what the script says of each call, and remembers it", () =>
    Effect.gen(function* () {
      const { calls, script } = yield* TransportScript
      const { look, transport } = yield* room
      const sent = yield* parcel
      yield* transport.writeMarker("x")
      yield* Ref.set(calls, [])
      yield* Ref.set(script, ({ index, method }) =>
        method !== "send"
          ? Behaviour.Works()
          : index === 0
            ? Behaviour.Fails({ class: "target_full" })
            : index === 1
              ? Behaviour.FailsAfter({ class: "transient" })
              : Behaviour.Corrupts({ path: "b" }),
      )
      const send = transport.send(sent, () => Effect.void)
      expect(yield* classOf(send)).toBe("target_full")
      expect(Object.keys(yield* look)).toEqual([".exlab-target.json"])
      expect(yield* classOf(send)).toBe("transient")
      yield* send
      const digests = yield* transport.digests(sent.to, ["a", "b"])
      expect(digests.get("a")).toBe(sha256(Buffer.from("1")))
      expect(digests.get("b")).toBe(sha256(Buffer.from("3")))
      expect((yield* Ref.get(calls)).map(({ method, place }) => `${method} ${place}`)).toEqual([
        "send .exlab-incoming/1",
        "send .exlab-incoming/1",
        "send .exlab-incoming/1",
        "digests .exlab-incoming/1",
      ])
    }).pipe(Effect.provide(layer)),
  )

  it.scopedLive("has no marker while it is away, and keeps what it has", () =>
    Effect.gen(function* () {
      const { isAway } = yield* TransportScript
      const { transport } = yield* room
      const sent = yield* parcel
      yield* transport.writeMarker("x")
      yield* Ref.set(isAway, true)
      expect(yield* transport.readMarker).toEqual(Option.none())
      expect(yield* classOf(transport.send(sent, () => Effect.void))).toBe("target_away")
      yield* Ref.set(isAway, false)
      expect(yield* transport.readMarker).toEqual(Option.some("x"))
    }).pipe(Effect.provide(layer)),
  )

  it.scopedLive("is there for the equipments that were named", () =>
    Effect.gen(function* () {
      const { of } = yield* SyncTransport
      expect(Option.isSome(of("CONFOCAL_01"))).toBe(true)
      expect(of("OTHER_01")).toEqual(Option.none())
    }).pipe(Effect.provide(layer)),
  )
})
