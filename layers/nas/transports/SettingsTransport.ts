import { Effect, Layer, Option } from "effect"
import type { EquipmentSettings } from "../../../src/domain/Settings.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncTransport, type TargetTransport } from "../../../src/ports/SyncTransport.ts"
import * as MountedTransport from "./MountedTransport.ts"

const missing = (type: string): TargetTransport => {
  const fails = new SyncFailure({
    class: "permanent",
    reason: `this version has no transport ${type}: use mounted`,
    files: [],
  })
  return {
    publishesByRename: true,
    check: fails,
    readMarker: fails,
    writeMarker: () => fails,
    send: () => fails,
    digests: () => fails,
    exists: () => fails,
    publish: () => fails,
    discard: () => fails,
  }
}

const transportOf = ({ nasRoot, transport }: EquipmentSettings) => {
  switch (transport?.type) {
    case undefined:
      return Effect.succeedNone
    case "mounted":
      return Effect.asSome(MountedTransport.make(nasRoot))
    case "rsync_ssh":
    case "rclone":
      return Effect.succeedSome(missing(transport.type))
  }
}

/** Each equipment's transport as the settings name it. */
export const layer: Layer.Layer<SyncTransport, never, Disk | Settings> = Layer.effect(
  SyncTransport,
  Effect.gen(function* () {
    const { equipment } = yield* Settings
    const transports = new Map<string, Option.Option<TargetTransport>>()
    for (const one of equipment) transports.set(one.id, yield* transportOf(one))
    return { of: (id) => transports.get(id) ?? Option.none() }
  }),
)
