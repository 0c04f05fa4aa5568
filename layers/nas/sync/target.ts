import { Clock, Effect, Option, Random } from "effect"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { QueueUnavailable, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import type { MarkedTarget } from "../../../src/ports/SyncService.ts"
import { SyncTransport, type TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { nothingMoved, queueAllAgain, takeAnother } from "./replacing.ts"

const away = (reason: string): SyncFailure => new SyncFailure({ class: "target_away", reason, files: [] })

/** Where only the failures of a sync are known. */
export const queueTrouble = <A, E, R>(
  asked: Effect.Effect<A, E | QueueUnavailable, R>,
): Effect.Effect<A, Exclude<E, QueueUnavailable> | SyncFailure, R> =>
  Effect.catchIf(
    asked,
    (error): error is QueueUnavailable => error instanceof QueueUnavailable,
    ({ message: reason }) => new SyncFailure({ class: "transient", reason, files: [] }),
  )

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

const ifMeant = (equipmentId: string): string =>
  `If it was replaced for good, run \`exlab-wizard sync init-target ${equipmentId} --replace\``

const inShort = (marker: string): string => marker.slice(0, 80)

/**
 * Sees to it that the target is the one that it was: a share that isn't mounted looks like an empty folder,
 * and another one may be mounted in its place. Its id is remembered when it is seen first. Returns it.
 */
export const checkTarget = Effect.fn("Sync.checkTarget")(function* (
  equipmentId: string,
  transport: TargetTransport,
) {
  const queue = yield* SyncQueue
  yield* transport.check
  const marker = yield* transport.readMarker
  const known = yield* queue.targetId(equipmentId)
  if (Option.isNone(marker)) {
    return yield* away(
      Option.isNone(known)
        ? `the target of ${equipmentId} has no marker file .exlab-target.json: is it mounted? If it is new, run \`exlab-wizard sync init-target ${equipmentId}\``
        : `the target of ${equipmentId} has no marker file .exlab-target.json any more: is it mounted? ${ifMeant(equipmentId)}`,
    )
  }
  const owner = yield* otherOwner(equipmentId, marker.value)
  if (Option.isSome(owner)) return yield* away(shared(equipmentId, owner.value))
  if (Option.isNone(known)) yield* queue.rememberTarget(equipmentId, marker.value)
  if (Option.isNone(known) || known.value === marker.value) return marker.value
  return yield* away(
    `the target of ${equipmentId} is another one: its marker says ${inShort(marker.value)}, not ${known.value}. Mount the right one. ${ifMeant(equipmentId)}`,
  )
})

/** Whether the target that is remembered is still this one. */
export const isRemembered = (equipmentId: string, id: string) =>
  Effect.map(
    Effect.flatMap(SyncQueue, (queue) => queue.targetId(equipmentId)),
    Option.contains(id),
  )

/** Fails when the target isn't the one any more that a job began with. */
const stillThat = Effect.fnUntraced(function* (equipmentId: string, transport: TargetTransport, id: string) {
  const marker = yield* transport.readMarker
  if (!Option.contains(marker, id)) {
    const found = Option.match(marker, {
      onNone: () => "is gone",
      onSome: (other) => `says ${inShort(other)}`,
    })
    return yield* away(`the target of ${equipmentId} was ${id} when this began; its marker ${found} by now`)
  }
  if (yield* isRemembered(equipmentId, id)) return
  return yield* away(`the target of ${equipmentId} was replaced by another one meanwhile`)
}, queueTrouble)

/** What a job does to the target that it began with: another one in its place is left as it is. */
export interface Bound {
  readonly transport: TargetTransport
  readonly targetId: string
  readonly stillThat: Effect.Effect<void, SyncFailure>
}

/** Checks a target, and has each change to it checked from then on. */
export const bindTarget = Effect.fn("Sync.bindTarget")(function* (
  equipmentId: string,
  transport: TargetTransport,
) {
  const queue = yield* SyncQueue
  const targetId = yield* checkTarget(equipmentId, transport)
  const still = Effect.provideService(stillThat(equipmentId, transport, targetId), SyncQueue, queue)
  return {
    targetId,
    stillThat: still,
    transport: {
      ...transport,
      send: (...args) => Effect.zipRight(still, transport.send(...args)),
      publish: (...args) => Effect.zipRight(still, transport.publish(...args)),
      remove: (...args) => Effect.zipRight(still, transport.remove(...args)),
      discard: (place) => Effect.zipRight(still, transport.discard(place)),
    },
  } satisfies Bound
})

const newId = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const word = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
  return `target-${now.toString(36)}-${word.toString(36)}`
})

const refused = (equipmentId: string, reason: string): SyncRefused =>
  new SyncRefused({ path: equipmentId, reason })

/** A share that isn't mounted is an empty folder: it mustn't become the target of what is on the share. */
const refuseAnother = (equipmentId: string, known: string, found: Option.Option<string>) =>
  refused(
    equipmentId,
    `its target is ${known} so far, and ${Option.match(found, {
      onNone: () => "what is there now has no marker: is it mounted?",
      onSome: (marker) => `what is there now is ${inShort(marker)}: is the right one mounted?`,
    })} \`--replace\` takes it in the place of the former, and has everything copied there again`,
  )

/**
 * Marks a target, or takes over the marker that is there, and remembers it. Where another one is remembered already,
 * it is taken only if the caller says so; what is on the former counts for nothing then, and is copied again.
 */
export const initTarget = Effect.fn("Sync.initTarget")(function* (equipmentId: string, replace: boolean) {
  const queue = yield* SyncQueue
  const transport = yield* transportOf(equipmentId)
  if (Option.isNone(transport)) {
    return yield* refused(equipmentId, "the settings know no such equipment, or it has no `transport`")
  }
  yield* transport.value.check
  const found = yield* transport.value.readMarker
  const known = yield* queue.targetId(equipmentId)
  const isAnother = Option.isSome(known) && !Option.contains(found, known.value)
  if (isAnother && !replace) return yield* refuseAnother(equipmentId, known.value, found)
  const targetId = Option.isSome(found) ? found.value : yield* newId
  const owner = yield* otherOwner(equipmentId, targetId)
  if (Option.isSome(owner)) return yield* refused(equipmentId, shared(equipmentId, owner.value))
  // Their records say so before; what is verified there, or begun, by the time that the other is taken goes with that.
  const moved = isAnother ? yield* queueAllAgain(equipmentId) : nothingMoved
  if (Option.isNone(found)) yield* transport.value.writeMarker(targetId)
  const late = isAnother ? yield* takeAnother(equipmentId, targetId) : 0
  if (!isAnother) yield* queue.rememberTarget(equipmentId, targetId)
  yield* queue.resumeTarget(equipmentId)
  return { targetId, ...moved, queuedAgain: moved.queuedAgain + late } satisfies MarkedTarget
})
