import { Effect, Option } from "effect"
import { limitAt } from "../../../src/domain/SyncPace.ts"
import type { TransportSettings } from "../../../src/domain/SyncSettings.ts"
import type { Parcel, ParcelProgress, TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { SyncParts } from "./SyncParts.ts"

const unlimited: Pick<TransportSettings, "schedule" | "uploadMbps"> = { uploadMbps: null, schedule: [] }

/** The clock may be set meanwhile. Milliseconds. */
const longestLook = 60_000

/** Returns when the limit is another one than `now`. */
const untilOther = (pace: typeof unlimited, now: number | null) =>
  Effect.gen(function* () {
    const { localNow } = yield* SyncParts
    for (;;) {
      const { bytesPerSecond, changesInMillis } = limitAt(pace, yield* localNow)
      if (bytesPerSecond !== now) return
      if (changesInMillis === null) return yield* Effect.never
      yield* Effect.sleep(Math.min(changesInMillis, longestLook))
    }
  })

/**
 * Sends a parcel at the pace that the settings allow at each time. When that changes, the tool is ended and
 * started again: what has arrived stays.
 */
export const sendPaced = Effect.fn("Sync.send")(function* (
  transport: TargetTransport,
  equipmentId: string,
  parcel: Omit<Parcel, "bytesPerSecond">,
  report: (progress: ParcelProgress) => Effect.Effect<void>,
) {
  const { equipment, localNow } = yield* SyncParts
  const pace = Option.getOrElse(
    Option.flatMapNullable(equipment(equipmentId), ({ transport: settings }) => settings),
    () => unlimited,
  )
  for (;;) {
    const { bytesPerSecond } = limitAt(pace, yield* localNow)
    const sent = yield* Effect.raceFirst(
      Effect.as(transport.send({ ...parcel, bytesPerSecond }, report), true),
      Effect.as(untilOther(pace, bytesPerSecond), false),
    )
    if (sent) return
  }
})
