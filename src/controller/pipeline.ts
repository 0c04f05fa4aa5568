import { Effect, Exit } from "effect"
import type { CreationRecord, FileEntry } from "../domain/CreationRecord.ts"
import { blocksSync } from "../domain/Finding.ts"
import type { Answer, Continuation, PassStep, PluginApplied, Prompt } from "../domain/Plugin.ts"
import type { SyncStatus } from "../domain/SyncJob.ts"
import type { RenderResult } from "../domain/Template.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { ReadmeGenerator } from "../ports/ReadmeGenerator.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { Settings } from "../ports/Settings.ts"
import { TemplateEngine } from "../ports/TemplateEngine.ts"
import { Validator } from "../ports/Validator.ts"
import { WizardLog } from "../ports/WizardLog.ts"
import type { Staging } from "../ports/Workspace.ts"
import { doubts } from "./doubts.ts"
import type { Accepted } from "./gate.ts"
import { changedInventory, renderedInventory } from "./inventory.ts"
import { continuePlugins, endPlugins, type Made, startPlugins } from "./pluginPass.ts"
import { makeProgress } from "./progress.ts"
import { publishAndFinish } from "./publishing.ts"
import { creationRecord, filesRecord, readmeContext } from "./records.ts"
import { advance, claim, cleanUp, type SessionFrame } from "./SessionFrame.ts"

/** What a session is made of while a person thinks: nothing of it works, waits or is open. */
export interface Suspended {
  readonly _tag: "Suspended"
  readonly made: Made
  readonly prompt: Prompt
  readonly continuation: Continuation
}

/** A pipeline comes to its end, or to a question. */
export type Stop = { readonly _tag: "Done" } | Suspended

/** From `rendering` to `done`, or to a question: one step a state, as in the table of `docs/sessions.md`. */
export const begin = Effect.fn("pipeline")(function* (accepted: Accepted, frame: SessionFrame) {
  yield* noteStart(accepted, frame)
  yield* frame.places.hold("fresh")
  return yield* cleanedUp(
    frame,
    Effect.gen(function* () {
      const area = yield* claim(frame, accepted.place.destination)
      const rendered = yield* renderTemplate(accepted, frame, area)
      const made = { accepted, area, rendered }
      return yield* proceed(made, frame, yield* startPlugins(made, frame))
    }),
  )
}, Effect.scoped)

/** On from a question, with its answer, in a working place again. */
export const goOn = Effect.fn("pipeline")(function* (
  { continuation, made, prompt }: Suspended,
  answer: Answer,
  frame: SessionFrame,
) {
  return yield* proceed(made, frame, yield* continuePlugins(made, frame, prompt.plugin, continuation, answer))
})

/** What ends a session is cleaned up while it still holds its place. */
const cleanedUp = <A, E, R>(frame: SessionFrame, effect: Effect.Effect<A, E, R>) =>
  Effect.onExit(effect, (exit) => (Exit.isFailure(exit) ? cleanUp(frame) : Effect.void))

const proceed = (made: Made, frame: SessionFrame, step: PassStep) =>
  Effect.gen(function* () {
    if (step._tag === "Asked") {
      const { continuation, prompt } = step
      return { _tag: "Suspended", made, prompt, continuation } satisfies Stop
    }
    const { accepted, area, rendered } = made
    const applied = yield* endPlugins(area, frame, step.applied)
    const written = yield* writeRecords(accepted, frame, area, rendered, applied)
    const findings = yield* postValidate(frame, area, written)
    yield* publishAndFinish(accepted, frame, area, findings)
    return { _tag: "Done" } satisfies Stop
  })

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

interface WrittenRecords {
  readonly files: ReadonlyArray<FileEntry>
  /** The record of the creation with another status. */
  readonly recordAs: (status: SyncStatus) => CreationRecord
}

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
  const records = {
    readmeFields: yield* writer.writeReadmeFields(tree, fields),
    files: yield* writer.writeFiles(tree, filesRecord(files)),
  }
  const recordAs = (status: SyncStatus) => creationRecord(accepted, applied, records, status, settings)
  yield* writer.writeCreation(tree, recordAs("pending"))
  yield* frame.journal.note("records: written")
  yield* log.append(tree, yield* frame.journal.take)
  const written: WrittenRecords = { files, recordAs }
  return written
})

/** `post_validate`. What blocks a sync is in the record before the directory appears. */
const postValidate = Effect.fn("validate")(function* (
  frame: SessionFrame,
  { destination, tree }: Staging,
  { files, recordAs }: WrittenRecords,
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
    const writer = yield* CreationWriter
    yield* writer.writeCreation(tree, recordAs("blocked_by_validation"))
  }
  return findings
})
