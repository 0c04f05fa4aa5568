import { Array, Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { PluginVariablesInvalid } from "../../../src/domain/Errors.ts"
import type { PluginPass } from "../../../src/domain/Plugin.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { PassReport } from "../../../src/ports/PluginHost.ts"
import { removeTree } from "../../disk/trees.ts"
import type { HostParts } from "./HostParts.ts"
import type { Verdict } from "../protocol/Conversation.ts"
import type { Next } from "./PassState.ts"
import { validationLimits } from "./limits.ts"
import { runWorker } from "./runWorker.ts"

/** Plugins that are asked at the same time. */
const sideBySide = 4

const messagesOf = (outcome: Verdict): ReadonlyArray<string> => {
  switch (outcome._tag) {
    case "Result":
      return outcome.errors
    case "Failed":
      return [outcome.message]
    case "Crashed":
      return [`it could not check the variables: ${outcome.reason}`]
    case "Asked":
      return ["it asked for input where only variables are checked"]
  }
}

interface Looked {
  readonly messages: ReadonlyArray<string>
  /** False when it didn't even come to looking. */
  readonly looked: boolean
  readonly next: Next
}

const lookOf = (
  parts: HostParts,
  pass: PluginPass,
  plugin: RegisteredPlugin,
  tree: string,
  report: PassReport,
) =>
  Effect.gen(function* () {
    const code = yield* parts.stage(plugin)
    const job = {
      plugin,
      code,
      pass,
      mode: "validate",
      tree,
      limits: validationLimits,
      dryRun: false,
    } as const
    const nothing = { files: [], extraInputs: null, resumeFile: null }
    const { outcome } = yield* runWorker(parts, { ...job, ...nothing }, report)
    const looked: Looked = {
      messages: messagesOf(outcome),
      looked: outcome._tag !== "Crashed",
      next: { plugin: plugin.manifest.name, codeDigest: code.digest },
    }
    return looked
  }).pipe(
    Effect.catchTags({
      PluginCodeUnusable: ({ reason }) =>
        Effect.succeed(unusable(plugin, `its code can't be used: ${reason}`)),
      IsolationUnavailable: ({ reason }) => Effect.succeed(unusable(plugin, reason)),
    }),
  )

const unusable = ({ manifest: { name } }: RegisteredPlugin, message: string): Looked => ({
  messages: [message],
  looked: false,
  next: { plugin: name, codeDigest: "" },
})

/** An empty directory that goes when the scope closes. */
const scratch = (path: string) =>
  Effect.flatMap(Disk, (disk) =>
    Effect.acquireRelease(disk.makeDirectory(path), () => Effect.ignore(removeTree(path))),
  )

/** One that no template named and that is broken is no reason to refuse a run that didn't ask for it. */
const leaveOut = (report: PassReport, { messages, next }: Looked): Effect.Effect<void> =>
  report.warning(`plugin ${next.plugin} was left out: ${messages.join("; ")}`, "plugin_failed")

/**
 * Lets every candidate look at the variables, in an empty directory, before anything is changed. All that
 * any of them says comes together. Gives back what code it was that looked.
 */
export const validate = Effect.fn("PluginHost.validate")(function* (
  parts: HostParts,
  pass: PluginPass,
  candidates: ReadonlyArray<RegisteredPlugin>,
  report: PassReport,
) {
  const found = yield* Effect.forEach(
    candidates,
    (plugin, index) => {
      const tree = joinPath(pass.copies, `validate-${index}`)
      return scratch(tree).pipe(Effect.zipRight(lookOf(parts, pass, plugin, tree, report)), Effect.scoped)
    },
    { concurrency: sideBySide },
  )
  const [usable, broken] = Array.partition(
    found,
    ({ looked, next }) => !looked && !pass.plugins.includes(next.plugin),
  )
  yield* Effect.forEach(broken, (one) => leaveOut(report, one))
  const problems = usable.flatMap(({ messages, next: { plugin } }) =>
    messages.map((message) => ({ plugin, message })),
  )
  if (Array.isNonEmptyArray(problems)) return yield* new PluginVariablesInvalid({ problems })
  return usable.map(({ next }) => next)
})
