import { Duration, Effect, Option, Ref } from "effect"
import type { FileEntry } from "../domain/CreationRecord.ts"
import { joinPath, parentPath } from "../domain/Destination.ts"
import { blocksSync, type Finding } from "../domain/Finding.ts"
import type { PluginApplied, PluginPass } from "../domain/Plugin.ts"
import type { DoneResult } from "../domain/Session.ts"
import type { SyncStatus } from "../domain/SyncJob.ts"
import type { RenderResult } from "../domain/Template.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { EquipmentWriter } from "../ports/EquipmentWriter.ts"
import { NasSync } from "../ports/NasSync.ts"
import { PluginHost } from "../ports/PluginHost.ts"
import { ReadmeGenerator } from "../ports/ReadmeGenerator.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { Settings } from "../ports/Settings.ts"
import { TemplateEngine } from "../ports/TemplateEngine.ts"
import { Validator } from "../ports/Validator.ts"
import { type LogLevel, WizardLog } from "../ports/WizardLog.ts"
import { type Staging, Workspace } from "../ports/Workspace.ts"
import { doubts } from "./doubts.ts"
import type { Accepted } from "./gate.ts"
import { changedInventory, refuseServiceNames, renderedInventory } from "./inventory.ts"
import { makeProgress } from "./progress.ts"
import { creationRecord, filesRecord, readmeContext } from "./records.ts"
import { advance, cutOff, type SessionFrame, staging, warnOnFailure } from "./SessionFrame.ts"
import type { WorkingPlace } from "./WorkingPlaces.ts"

/** From `rendering` to `done`: one step a state, in the order of the table in `docs/sessions.md`. */
export const pipeline = Effect.fn("pipeline")(function* (accepted: Accepted, frame: SessionFrame) {
  yield* noteStart(accepted, frame)
  const place = yield* frame.places.hold
  const area = yield* staging(frame, accepted.place.destination)
  const rendered = yield* renderTemplate(accepted, frame, area)
  const applied = yield* runPlugins(accepted, frame, area, rendered, place)
  const files = yield* writeRecords(accepted, frame, area, rendered, applied)
  const findings = yield* postValidate(accepted, frame, area, files, applied)
  return yield* publishAndFinish(accepted, frame, area, findings)
}, Effect.scoped)

const noteStart = Effect.fnUntraced(function* (accepted: Accepted, frame: SessionFrame) {
  const { core, place, session, template } = accepted
  const { journal } = frame
  const { manifest, digest } = template
  yield* journal.locate(place.destination)
  yield* journal.note(`started: session ${session.sessionId}, operator ${core.operator}, label ${core.label}`)
  yield* journal.note(`template: ${manifest.name} ${manifest.version}, digest ${digest}`)
  const store = yield* SessionStore
  for (const warning of doubts(accepted)) {
    yield* journal.note(warning.message, "WARN")
    yield* store.emit(frame.id, { kind: "warning", ...warning })
  }
})

/** `rendering` */
const renderTemplate = Effect.fn("render")(function* (
  accepted: Accepted,
  frame: SessionFrame,
  area: Staging,
) {
  const engine = yield* TemplateEngine
  const progress = yield* makeProgress(yield* SessionStore, frame.id)
  const { answers, place, template } = accepted
  const rendered = yield* engine.render(template, area.tree, { builtIn: place.builtIn, answers }, progress)
  yield* frame.journal.note(`variables: ${Object.keys(answers).join(", ") || "none"}`)
  yield* frame.journal.note(`directory: ${rendered.files.length} files for ${place.destination.path}`)
  return rendered
})

const passOf = (accepted: Accepted, area: Staging, rendered: RenderResult): PluginPass => ({
  sessionId: accepted.session.sessionId,
  tree: area.tree,
  copies: area.copies,
  destination: area.destination.path,
  plugins: accepted.template.plugins,
  pluginsFatal: accepted.template.manifest.pluginsFatal ?? false,
  files: rendered.files.map(({ path }) => path),
  variables: { ...accepted.place.builtIn, ...accepted.answers },
  template: { name: accepted.template.manifest.name, version: accepted.template.manifest.version },
  runKind: accepted.place.destination.runKind,
  equipmentId: accepted.equipment.id,
  project: accepted.place.destination.project,
})

/** `plugin_pass` ⇄ `input_required`. While a person thinks, the working place is someone else's. */
const runPlugins = Effect.fn("plugins")(function* (
  accepted: Accepted,
  frame: SessionFrame,
  area: Staging,
  rendered: RenderResult,
  place: WorkingPlace,
) {
  yield* advance(frame.id, { from: "rendering", to: "plugin_pass" })
  const host = yield* PluginHost
  const workspace = yield* Workspace
  const store = yield* SessionStore
  const progress = yield* makeProgress(store, frame.id)
  const report = {
    progress,
    warning: (message: string, code?: string) =>
      store.emit(frame.id, { kind: "warning", message, ...(code === undefined ? {} : { code }) }),
    log: (plugin: string, level: LogLevel, message: string) =>
      frame.journal.note(`plugin ${plugin}: ${message}`, level),
  }
  let step = yield* host.start(passOf(accepted, area, rendered), report)
  while (step._tag === "Asked") {
    const answer = yield* place.whileAway(frame.ask(step.prompt))
    yield* workspace.confirm(area)
    yield* frame.journal.note(`plugin ${step.prompt.plugin} asked; ${answer.answeredBy} answered`)
    step = yield* host.continue(step.continuation, answer, report)
  }
  yield* refuseServiceNames(area.tree, step.applied)
  for (const { facts, plugin, status, version } of step.applied) {
    const reason = typeof facts.reason === "string" ? `: ${facts.reason}` : ""
    yield* frame.journal.note(
      `plugin ${plugin} ${version}: ${status}${reason}`,
      status === "success" ? "INFO" : "WARN",
    )
  }
  return step.applied
})

/** `cache_write` */
const writeRecords = Effect.fn("records")(function* (
  accepted: Accepted,
  frame: SessionFrame,
  { tree }: Staging,
  rendered: RenderResult,
  applied: ReadonlyArray<PluginApplied>,
) {
  yield* advance(frame.id, { from: "plugin_pass", to: "cache_write" })
  const settings = yield* Settings
  const readme = yield* ReadmeGenerator
  const writer = yield* CreationWriter
  const log = yield* WizardLog
  const files =
    applied.length === 0 ? renderedInventory(rendered.files) : yield* changedInventory(tree, rendered.files)
  const fields = yield* readme.generate(tree, readmeContext(accepted, rendered.readmeBody))
  yield* frame.journal.note("README: written")
  yield* writer.writeReadmeFields(tree, fields)
  yield* writer.writeFiles(tree, filesRecord(files))
  yield* writer.writeCreation(tree, creationRecord(accepted, applied, "pending", settings))
  yield* frame.journal.note("records: written")
  yield* log.append(tree, yield* frame.journal.take)
  return files
})

/** `post_validate`. What blocks a sync is in the record before the directory appears. */
const postValidate = Effect.fn("validate")(function* (
  accepted: Accepted,
  frame: SessionFrame,
  { destination, tree }: Staging,
  files: ReadonlyArray<FileEntry>,
  applied: ReadonlyArray<PluginApplied>,
) {
  yield* advance(frame.id, { from: "cache_write", to: "post_validate" })
  const validator = yield* Validator
  const rendered = files.filter(({ origin, source }) => origin === "rendered" && source !== null)
  const findings = yield* validator.checkTree({
    destination,
    tree,
    rendered: rendered.map(({ path }) => path),
  })
  if (blocksSync(findings)) {
    const settings = yield* Settings
    const writer = yield* CreationWriter
    yield* writer.writeCreation(tree, creationRecord(accepted, applied, "blocked_by_validation", settings))
  }
  return findings
})

/**
 * `sync_queued`: one uninterruptible region. After the rename the directory is good, and whatever goes
 * wrong is a warning.
 */
const publishAndFinish = (
  accepted: Accepted,
  frame: SessionFrame,
  area: Staging,
  findings: ReadonlyArray<Finding>,
) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const store = yield* SessionStore
    const { warnings } = yield* workspace.publish(area)
    yield* Ref.set(frame.published, true)
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
  const queued = yield* warnOnFailure(frame, "not queued for the NAS; it will be later", () =>
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
