import { Effect, Option } from "effect"
import { Settings } from "../../src/ports/Settings.ts"
import { SyncTransport, type TargetTransport } from "../../src/ports/SyncTransport.ts"
import { type Check, error, ok, warning } from "./doctorChecks.ts"

const name = "sync"

/** Its tools are here, and its target has been marked. What isn't there right now may come back. */
const targetCheck = (id: string, { check, readMarker }: TargetTransport): Effect.Effect<Check> =>
  Effect.gen(function* () {
    yield* check
    return Option.match(yield* readMarker, {
      onNone: () =>
        warning(
          name,
          `the target of ${id} isn't marked, so nothing is copied there`,
          `mount it; if it is new, run exlab-wizard sync init-target ${id}`,
        ),
      onSome: () => ok(name, `${id} can be copied to its target`),
    })
  }).pipe(
    Effect.catchAll(({ class: failure, message }) =>
      Effect.succeed(
        failure === "permanent"
          ? error(name, `${id}: ${message}`, "see docs/transports.md for what its transport needs")
          : warning(name, `${id}: ${message}`, "see whether the target is there; until then, copies wait"),
      ),
    ),
  )

/** Whether each equipment's directories can be copied to where the settings say. */
export const syncChecks = Effect.gen(function* () {
  const { equipment, sync } = yield* Settings
  const { of } = yield* SyncTransport
  if (!sync.enabled) return [ok(name, "the settings have switched it off")]
  return yield* Effect.forEach(equipment, ({ id }) =>
    Option.match(of(id), {
      onNone: () => Effect.succeed(ok(name, `${id} has no transport: its directories stay here`)),
      onSome: (transport) => targetCheck(id, transport),
    }),
  )
})
