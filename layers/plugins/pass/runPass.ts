import { Array, Effect, Option, type Ref } from "effect"
import { type DiskError, PluginFailed } from "../../../src/domain/Errors.ts"
import type { Answer, PassStep, PluginApplied, PluginPass } from "../../../src/domain/Plugin.ts"
import type { PluginCatalog, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { PassReport } from "../../../src/ports/PluginHost.ts"
import type { TreeImage } from "../tree/TreeImage.ts"
import type { HostParts } from "./HostParts.ts"
import { vanished } from "./outcomes.ts"
import { encodePassState, maxPrompts, type Next, type PassState } from "./PassState.ts"
import { goOn, type PluginStep, transform } from "./transform.ts"

/** What stays the same through a pass. */
export interface Pass {
  readonly parts: HostParts
  readonly pass: PluginPass
  readonly report: PassReport
  readonly catalog: PluginCatalog
  readonly seen: Ref.Ref<TreeImage>
}

/** How far a pass has come. */
interface Progress {
  readonly applied: ReadonlyArray<PluginApplied>
  /** The next one first. */
  readonly next: ReadonlyArray<Next>
  readonly prompts: number
}

type Step = Effect.Effect<PassStep, PluginFailed | DiskError, Disk>

const went = {
  failed: "failed",
  timeout: "took too long",
  policy_violation: "did what plugins may not do",
} as const

/** Says of a plugin that didn't end well that it didn't; ends the pass when the template wants that. */
const account = ({ pass, report }: Pass, { facts, plugin, status }: PluginApplied) => {
  if (status === "success" || status === "skipped") return Effect.void
  const reason = typeof facts.reason === "string" ? facts.reason : "it didn't say why"
  return pass.pluginsFatal
    ? new PluginFailed({ plugin, reason })
    : report.warning(
        `plugin ${plugin} ${went[status]}: ${reason}; the files are as they were before it`,
        "plugin_failed",
      )
}

const settle = (run: Pass, progress: Progress, applied: PluginApplied): Step =>
  Effect.gen(function* () {
    const all = [...progress.applied, applied]
    yield* account(run, applied)
    yield* run.report.progress(all.length, all.length + progress.next.length, applied.plugin)
    return yield* goThrough(run, { ...progress, applied: all })
  })

/** Turns what a plugin came to into a step of the pass. */
const proceed = (run: Pass, progress: Progress, step: PluginStep): Step =>
  Effect.gen(function* () {
    if (step._tag === "Ended") return yield* settle(run, progress, step.applied)
    const promptId = yield* Effect.sync(() => crypto.randomUUID())
    const state: PassState = {
      waiting: { ...step.waiting, promptId },
      next: progress.next,
      applied: progress.applied,
      prompts: progress.prompts + 1,
    }
    const { fields, file, reason, waiting } = step
    const prompt = {
      promptId,
      plugin: waiting.plugin,
      reason,
      fields,
      ...(file === undefined ? {} : { file }),
    }
    const encoded = yield* Effect.orDie(encodePassState(state))
    const asked: PassStep = { _tag: "Asked", prompt, continuation: { pass: run.pass, state: encoded } }
    return asked
  })

const find = (catalog: PluginCatalog, name: string): Option.Option<RegisteredPlugin> =>
  Array.findFirst(catalog.plugins, ({ manifest }) => manifest.name === name)

/** Runs the plugins that are left, one after the other, until one asks. */
export const goThrough = (run: Pass, progress: Progress): Step =>
  Effect.suspend((): Step => {
    const [first, ...next] = progress.next
    if (first === undefined) return Effect.succeed<PassStep>({ _tag: "Finished", applied: progress.applied })
    const left = { ...progress, next }
    return Option.match(find(run.catalog, first.plugin), {
      onNone: () => settle(run, left, vanished(first.plugin)),
      onSome: (plugin) =>
        Effect.flatMap(
          transform(
            { ...run, plugin, promptsLeft: maxPrompts - progress.prompts },
            progress.applied.length,
            first.codeDigest,
          ),
          (step) => proceed(run, left, step),
        ),
    })
  })

/** Goes on with the plugin that asked, then with those after it. */
export const resumePass = (run: Pass, { waiting, ...state }: PassState, answer: Answer): Step =>
  Option.match(find(run.catalog, waiting.plugin), {
    onNone: () => settle(run, state, vanished(waiting.plugin, [...waiting.answers, answer])),
    onSome: (plugin) =>
      Effect.flatMap(
        goOn({ ...run, plugin, promptsLeft: maxPrompts - state.prompts }, waiting, answer),
        (step) => proceed(run, state, step),
      ),
  })
