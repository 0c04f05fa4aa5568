import { Clock, Effect, Option, Random } from "effect"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { SyncTransport, type TargetTransport } from "../../../src/ports/SyncTransport.ts"

const away = (reason: string): SyncFailure => new SyncFailure({ class: "target_away", reason, files: [] })

/** The transport of an equipment that is known to have one. */
export const transportOf = (equipmentId: string) => Effect.map(SyncTransport, ({ of }) => of(equipmentId))

/** Another equipment whose target has this marker: one share may be mounted in two places. */
const otherOwner = Effect.fnUntraced(function* (equipmentId: string, marker: string) {
  const queue = yield* SyncQueue
  const { equipment } = yield* Settings
  for (const { id, transport } of equipment) {
    if (id === equipmentId || transport === undefined) continue
    if (Option.contains(yield* queue.targetId(id), marker)) return Option.some(id)
  }
  return Option.none<string>()
})

const shared = (equipmentId: string, owner: string): string =>
  `the target of ${equipmentId} is that of ${owner}, by its marker: their copies would replace each other. Give each a folder of its own`

/**
 * Sees to it that the target is the one that it was: a share that isn't mounted looks like an empty folder,
 * and another one may be mounted in its place. Its id is remembered when it is seen first.
 */
export const checkTarget = Effect.fn("Sync.checkTarget")(function* (
  equipmentId: string,
  transport: TargetTransport,
) {
  const queue = yield* SyncQueue
  yield* transport.check
  const marker = yield* transport.readMarker
  if (Option.isNone(marker)) {
    return yield* away(
      `the target of ${equipmentId} has no marker file .exlab-target.json: is it mounted? If it is new, run \`exlab-wizard sync init-target ${equipmentId}\``,
    )
  }
  const owner = yield* otherOwner(equipmentId, marker.value)
  if (Option.isSome(owner)) return yield* away(shared(equipmentId, owner.value))
  const known = yield* queue.targetId(equipmentId)
  if (Option.isNone(known)) return yield* queue.rememberTarget(equipmentId, marker.value)
  if (known.value === marker.value) return
  return yield* away(
    `the target of ${equipmentId} is another one: its marker says ${marker.value.slice(0, 80)}, not ${known.value}. Mount the right one; if the change is meant, run \`exlab-wizard sync init-target ${equipmentId}\``,
  )
})

const newId = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const word = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
  return `target-${now.toString(36)}-${word.toString(36)}`
})

/** Marks a target, or takes over the marker that is there, and remembers it. */
export const initTarget = Effect.fn("Sync.initTarget")(function* (equipmentId: string) {
  const queue = yield* SyncQueue
  const transport = yield* transportOf(equipmentId)
  if (Option.isNone(transport)) {
    return yield* new SyncRefused({
      path: equipmentId,
      reason: "the settings know no such equipment, or it has no `transport`",
    })
  }
  yield* transport.value.check
  const found = yield* transport.value.readMarker
  const id = Option.isSome(found) ? found.value : yield* newId
  const owner = yield* otherOwner(equipmentId, id)
  if (Option.isSome(owner)) {
    return yield* new SyncRefused({ path: equipmentId, reason: shared(equipmentId, owner.value) })
  }
  if (Option.isNone(found)) yield* transport.value.writeMarker(id)
  yield* queue.rememberTarget(equipmentId, id)
  yield* queue.resumeTarget(equipmentId)
  return id
})
