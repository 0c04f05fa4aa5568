import { DateTime, Effect, Either, Ref } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { PluginUnusable, PluginVariablesInvalid } from "../../../src/domain/Errors.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { Answer, PluginApplied, Prompt } from "../../../src/domain/Plugin.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../code/temporaryDirectory.ts"
import { missingVariables } from "../pass/candidates.ts"
import { goThrough, type Pass, resumePass } from "../pass/runPass.ts"
import { decodePassState, type Next } from "../pass/PassState.ts"
import { validate } from "../pass/validation.ts"
import { type HostOptions, makeParts } from "../ProcessPluginHost.ts"
import { changesBetween, type TreeChange } from "../tree/changesBetween.ts"
import { copyTree } from "../tree/copyTree.ts"
import { imageOf, type TreeImage } from "../tree/TreeImage.ts"
import { openPlugin } from "./openPlugin.ts"
import { listener, type SaidLine, trialPass } from "./trial.ts"

export interface ExecOptions extends HostOptions {
  /** Absolute path of a folder with files as a template would leave them. It isn't changed. */
  readonly against: string
  /** Variables, and answers to what it asks, by name. */
  readonly inputs: JsonObject
}

/** A change with the texts before and after, where both are short texts. */
export interface ShownChange extends Pick<TreeChange, "path" | "kind"> {
  readonly before: string | null
  readonly after: string | null
}

export interface ExecReport {
  /** None when it stopped to ask for what `inputs` doesn't have. */
  readonly applied: PluginApplied | null
  readonly prompt: Prompt | null
  readonly changes: ReadonlyArray<ShownChange>
  readonly said: ReadonlyArray<SaidLine>
}

const maxShown = 64 * 1024

const textOf = Effect.fnUntraced(function* (path: string, size: number) {
  const disk = yield* Disk
  if (size > maxShown) return null
  const bytes = yield* disk.readFile(path, { maxBytes: maxShown })
  return Either.getOrNull(Either.try(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)))
})

const show = (before: string, after: string) => (change: TreeChange) =>
  Effect.gen(function* () {
    const { kind, path } = change
    const text = (root: string, entry: TreeChange["before"]) =>
      entry?.type === "file" ? textOf(joinPath(root, path), entry.size) : Effect.succeed(null)
    const shown: ShownChange = {
      kind,
      path,
      before: yield* text(before, change.before),
      after: yield* text(after, change.after),
    }
    return shown
  })

/** Answers from the inputs what they have an answer to; null when something is missing. */
const answerFrom = (
  inputs: JsonObject,
  { fields, promptId }: Prompt,
  answeredAt: DateTime.Utc,
): Answer | null => {
  const given = fields.filter(({ id }) => Object.hasOwn(inputs, id))
  const open = fields.filter(({ id, required }) => required === true && !Object.hasOwn(inputs, id))
  if (open.length > 0 || given.length === 0) return null
  const answers = Object.fromEntries(given.map(({ id }) => [id, inputs[id] ?? null]))
  return { promptId, inputs: answers, answeredBy: "trial", answeredAt }
}

const play = (run: Pass, next: ReadonlyArray<Next>, inputs: JsonObject) =>
  Effect.gen(function* () {
    let step = yield* goThrough(run, { applied: [], next, prompts: 0 })
    while (step._tag === "Asked") {
      const answer = answerFrom(inputs, step.prompt, yield* DateTime.now)
      if (answer === null) return { applied: null, prompt: step.prompt }
      const state = yield* Effect.orDie(decodePassState(step.continuation.state))
      step = yield* resumePass(run, state, answer)
    }
    return { applied: step.applied[0] ?? null, prompt: null }
  })

const requireVariables = ({ manifest }: RegisteredPlugin, inputs: JsonObject) => {
  const [first, ...others] = missingVariables(manifest, inputs).map((name) => ({
    plugin: manifest.name,
    message: `needs the variable ${name}`,
  }))
  return first === undefined ? Effect.void : new PluginVariablesInvalid({ problems: [first, ...others] })
}

/** Runs one plugin, as a pass would, on a copy of a folder, and tells what it changed there. */
export const execPlugin = Effect.fn("PluginTools.exec")(
  function* (directory: string, { against, inputs, ...options }: ExecOptions) {
    const disk = yield* Disk
    const opened = yield* openPlugin(directory)
    if (Either.isLeft(opened)) return yield* new PluginUnusable({ path: directory, reasons: opened.left })
    const plugin = opened.right
    yield* requireVariables(plugin, inputs)
    const scratch = yield* temporaryDirectory
    const original = joinPath(scratch, "original")
    const pass = trialPass(scratch, plugin.manifest.name, inputs)
    const image = yield* imageOf(against)
    yield* copyTree(against, image, original)
    yield* copyTree(against, image, pass.tree)
    yield* disk.makeDirectory(pass.copies)
    const said: Array<SaidLine> = []
    const seen = yield* Ref.make<TreeImage>(new Map())
    const catalog = { plugins: [plugin], excluded: [], replaced: [] }
    const run: Pass = { parts: yield* makeParts(options), pass, report: listener(said), catalog, seen }
    const next = yield* validate(run.parts, pass, [plugin], run.report)
    const { applied, prompt } = yield* play(run, next, inputs)
    const changed = changesBetween(yield* imageOf(original), yield* imageOf(pass.tree))
    const changes = yield* Effect.forEach(changed, show(original, pass.tree))
    const report: ExecReport = { applied, prompt, changes, said }
    return report
  },
  Effect.catchTag(
    "TreeUnusable",
    ({ reason, root }) => new PluginUnusable({ path: root, reasons: [reason] }),
  ),
  Effect.scoped,
)
