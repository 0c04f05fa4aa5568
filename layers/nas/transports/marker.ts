import { DateTime, Effect, Schema } from "effect"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { failure, markerName } from "./places.ts"

const Marker = Schema.parseJson(
  Schema.Struct({
    schema_version: Schema.Literal("1.0"),
    id: Schema.NonEmptyString,
    created_at: Schema.String,
  }),
  { space: 2 },
)

const decode = Schema.decodeUnknown(Marker)
const encode = Schema.encode(Marker)

/** The text of a new marker. */
export const markerText = (id: string): Effect.Effect<string> =>
  Effect.flatMap(DateTime.now, (now) =>
    encode({ schema_version: "1.0", id, created_at: DateTime.formatIso(now) }).pipe(
      Effect.map((text) => `${text}\n`),
      Effect.orDie,
    ),
  )

/** The id that a marker says. */
export const idIn = (text: string): Effect.Effect<string, SyncFailure> =>
  decode(text).pipe(
    Effect.map(({ id }) => id),
    Effect.mapError(() =>
      failure(
        "target_away",
        `${markerName} on the target is no marker, which is JSON with \`schema_version\` "1.0", \`id\` and \`created_at\`: put back the right one`,
      ),
    ),
  )

/** Most bytes that a marker is read of. */
export const maxMarkerBytes = 64 * 1024

/** Nothing is written to a target that lost its marker: its share isn't mounted. */
export const markerMissing = (): SyncFailure =>
  failure("target_away", `${markerName} isn't there: the target isn't mounted, or was never set up`)
