import { Duration, Effect, Option, Ref } from "effect"
import { joinPath, parentPath } from "../domain/Destination.ts"
import { blocksSync, type Finding } from "../domain/Finding.ts"
import type { DoneResult } from "../domain/Session.ts"
import type { SyncStatus } from "../domain/SyncJob.ts"
import { EquipmentWriter } from "../ports/EquipmentWriter.ts"
import { NasSync } from "../ports/NasSync.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { Settings } from "../ports/Settings.ts"
import { WizardLog } from "../ports/WizardLog.ts"
import { type Staging, Workspace } from "../ports/Workspace.ts"
import type { Accepted } from "./gate.ts"
import { advance, cutOff, type SessionFrame, warnOnFailure } from "./SessionFrame.ts"

/**
 * `sync_queued`: one uninterruptible region. After the rename the directory is good, and whatever goes
 * wrong is a warning.
 */
export const publishAndFinish = (
  accepted: Accepted,
  frame: SessionFrame,
  area: Staging,
  findings: ReadonlyArray<Finding>,
) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const store = yield* SessionStore
    const { warnings } = yield* workspace.publish(area)
    yield* Ref.set(frame.holding, { _tag: "Published" })
    const { path } = area.destination
    const { disk } = yield* Settings
    // Records wait for locks.
    const limit = Duration.sum("5 seconds", Duration.seconds(disk.lockTimeoutSeconds))
    const inTime = <R>(what: string, effect: Effect.Effect<void, never, R>) =>
      warnOnFailure(frame, `${what} may not be written`, () => cutOff(effect, limit))
    const outcome = yield* warnOnFailure(frame, "after the directory was published", () =>
      Effect.gen(function* () {
        for (const { code, message } of warnings) {
          yield* store.emit(frame.id, { kind: "warning", message, code })
        }
        yield* inTime("the records around it", recordAround(accepted, frame))
        const queued = yield* queueSync(accepted, frame, findings)
        yield* frame.journal.note(`done: ${path}`)
        yield* inTime("the logs", writeLogs(accepted, frame))
        return queued
      }),
    )
    const syncStatus = Option.getOrElse(outcome, () => statusOf(findings))
    const blocked = syncStatus === "blocked_by_validation"
    const result: DoneResult = { path, syncStatus, blocked, findings }
    yield* advance(frame.id, { from: "sync_queued", to: "done", result })
    return result
  }).pipe((finish) =>
    // Only the way into the region may be interrupted: once the state says so, it runs to its end.
    Effect.uninterruptibleMask((restore) =>
      Effect.zipRight(
        restore(advance(frame.id, { from: "post_validate", to: "sync_queued" })),
        Effect.withSpan(finish, "publish"),
      ),
    ),
  )

const statusOf = (findings: ReadonlyArray<Finding>): SyncStatus =>
  blocksSync(findings) ? "blocked_by_validation" : "pending"

/** The records above the directory. */
const recordAround = Effect.fnUntraced(function* ({ equipment, place }: Accepted, frame: SessionFrame) {
  const store = yield* SessionStore
  const writer = yield* EquipmentWriter
  const { localRoot } = place.destination
  const records = [
    ["the equipment's record was not written", () => writer.recordEquipment(localRoot, equipment)],
    [
      "the folder's record was not written",
      () => writer.markFolder(place.destination, place.builtIn.project_short_id),
    ],
  ] as const
  for (const [what, record] of records) {
    const mended = yield* warnOnFailure(frame, what, record)
    if (mended._tag === "None") continue
    for (const { message } of mended.value)
      yield* store.emit(frame.id, { kind: "warning", message, code: "record_unreadable" })
  }
})

const enqueueTimeout = "5 seconds"

const queueSync = Effect.fnUntraced(function* (
  { place }: Accepted,
  frame: SessionFrame,
  findings: ReadonlyArray<Finding>,
) {
  const { level, path } = place.destination
  if (blocksSync(findings)) {
    const store = yield* SessionStore
    const hard = findings.filter(({ tier }) => tier === "hard").length
    const what =
      hard === 1 ? "1 hard finding; mend or override it" : `${hard} hard findings; mend or override them`
    const message = `not queued for the NAS: ${what}, then revalidate`
    yield* frame.journal.note(message, "WARN")
    yield* store.emit(frame.id, { kind: "warning", message })
    return "blocked_by_validation" satisfies SyncStatus
  }
  const nas = yield* NasSync
  const queued = yield* warnOnFailure(frame, "not queued for the NAS", () =>
    cutOff(
      Effect.suspend(() => nas.enqueue({ path, level })),
      enqueueTimeout,
    ),
  )
  if (queued._tag === "Some") yield* frame.journal.note("sync: handed over")
  return "pending" satisfies SyncStatus
})

/** The directory's own log gets every line, those of the levels above one that says what was made. */
const writeLogs = Effect.fnUntraced(function* ({ core, place }: Accepted, frame: SessionFrame) {
  const log = yield* WizardLog
  const { destination } = place
  const lines = yield* frame.journal.take
  yield* frame.journal.note(`created ${destination.level} ${destination.leaf}: ${core.label}`)
  const summary = yield* frame.journal.take
  const levels =
    destination.level === "project"
      ? [destination.parent]
      : [
          destination.parent,
          parentPath(destination.parent),
          joinPath(destination.localRoot, destination.equipmentId),
        ]
  yield* warnOnFailure(frame, "the log was not written", () => log.append(destination.path, lines))
  for (const level of levels) {
    yield* warnOnFailure(frame, "the log was not written", () => log.append(level, summary))
  }
})
