import { Effect } from "effect"
import type { Answer, Continuation, PluginApplied, PluginPass } from "../domain/Plugin.ts"
import type { RenderResult } from "../domain/Template.ts"
import { PluginHost } from "../ports/PluginHost.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import type { LogLevel } from "../ports/WizardLog.ts"
import { type Staging, Workspace } from "../ports/Workspace.ts"
import type { Accepted } from "./gate.ts"
import { refuseServiceNames } from "./inventory.ts"
import { makeProgress } from "./progress.ts"
import { advance, type SessionFrame } from "./SessionFrame.ts"

/** What there is of a directory after rendering. */
export interface Made {
  readonly accepted: Accepted
  readonly area: Staging
  readonly rendered: RenderResult
}

const passOf = ({ accepted, area, rendered }: Made): PluginPass => ({
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

const reportOf = Effect.fnUntraced(function* (frame: SessionFrame) {
  const store = yield* SessionStore
  return {
    progress: yield* makeProgress(store, frame.id),
    warning: (message: string, code?: string) =>
      store.emit(frame.id, { kind: "warning", message, ...(code === undefined ? {} : { code }) }),
    log: (plugin: string, level: LogLevel, message: string) =>
      frame.journal.note(`plugin ${plugin}: ${message}`, level),
  }
})

/** `plugin_pass` */
export const startPlugins = Effect.fn("plugins")(function* (made: Made, frame: SessionFrame) {
  yield* advance(frame.id, { from: "rendering", to: "plugin_pass" })
  const host = yield* PluginHost
  return yield* host.start(passOf(made), yield* reportOf(frame))
})

/** `plugin_pass` again: somebody may have deleted the area while a person thought. */
export const continuePlugins = Effect.fn("plugins")(function* (
  { area }: Made,
  frame: SessionFrame,
  plugin: string,
  continuation: Continuation,
  answer: Answer,
) {
  const workspace = yield* Workspace
  yield* workspace.confirm(area)
  yield* frame.journal.note(`plugin ${plugin} asked; ${answer.answeredBy} answered`)
  const host = yield* PluginHost
  return yield* host.continue(continuation, answer, yield* reportOf(frame))
})

/** What all plugins came to. */
export const endPlugins = Effect.fnUntraced(function* (
  area: Staging,
  frame: SessionFrame,
  applied: ReadonlyArray<PluginApplied>,
) {
  yield* refuseServiceNames(area.tree, applied)
  for (const { facts, plugin, status, version } of applied) {
    const reason = typeof facts.reason === "string" ? `: ${facts.reason}` : ""
    yield* frame.journal.note(
      `plugin ${plugin} ${version}: ${status}${reason}`,
      status === "success" ? "INFO" : "WARN",
    )
  }
  return applied
})
