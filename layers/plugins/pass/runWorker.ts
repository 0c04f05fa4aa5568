import { Effect, Option, Ref } from "effect"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { PluginPass } from "../../../src/domain/Plugin.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { PassReport } from "../../../src/ports/PluginHost.ts"
import type { StagedCode } from "../code/PluginCode.ts"
import type { WorkerLimits } from "../isolation/Isolation.ts"
import { type ProcessReport, run } from "../process/WorkerProcess.ts"
import { begun, hear, leftOut, verdict, Verdict } from "../protocol/Conversation.ts"
import { encodeInput, type WorkerMessage, type WorkerMode } from "../protocol/messages.ts"
import { tidy } from "../protocol/texts.ts"
import type { HostParts } from "./HostParts.ts"

/** One start of one plugin. */
export interface WorkerJob {
  readonly plugin: RegisteredPlugin
  readonly code: StagedCode
  readonly pass: PluginPass
  readonly mode: WorkerMode
  /** The only place that the worker may write to, and its working directory. */
  readonly tree: string
  readonly files: ReadonlyArray<string>
  readonly extraInputs: JsonObject | null
  readonly resumeFile: string | null
  readonly limits: WorkerLimits
  readonly dryRun: boolean
}

const inputOf = (job: WorkerJob): string =>
  encodeInput({
    v: 1,
    mode: job.mode,
    context: {
      variables: job.pass.variables,
      root: job.tree,
      destination: job.pass.destination,
      template: job.pass.template,
      runKind: job.pass.runKind,
      equipmentId: job.pass.equipmentId,
      project: job.pass.project,
      dryRun: job.dryRun,
    },
    files: job.files,
    extraInputs: job.extraInputs,
    resumeFile: job.resumeFile,
  })

/** What a worker reports of its files isn't believed: the tree is looked at afterwards. */
const passOn = (report: PassReport, plugin: string, message: WorkerMessage): Effect.Effect<void> =>
  message.kind === "log" ? report.log(plugin, message.level, message.message) : Effect.void

/** Lines of standard error that are kept for the log. */
const lastWords = 20

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line.trim() !== "")

/** What a plugin that didn't end well wrote to standard error. */
const noteStderr = (report: PassReport, plugin: string, stderr: string): Effect.Effect<void> =>
  Effect.forEach(
    linesOf(stderr).slice(-lastWords),
    (line) => report.log(plugin, "WARN", `standard error: ${line}`),
    { discard: true },
  )

/** Why a worker broke off, for a person who knows its code and not ours. */
const crashOf = (job: WorkerJob, reason: string, { end, stderr }: ProcessReport): Verdict => {
  const [last] = linesOf(stderr).slice(-1)
  const wrote = last === undefined ? "" : `; the last it wrote to standard error: ${tidy(last, 300)}`
  const limit =
    job.mode === "validate" ? "as variables may be looked at" : "by isolation.timeout_seconds of its manifest"
  const why =
    end._tag === "TimedOut" ? `it took longer than ${job.limits.timeoutSeconds} s, ${limit}` : reason
  return Verdict.Crashed({ reason: `${why}${wrote}` })
}

/** Starts a worker, listens until it has ended, and says what it came to. Interrupted, it leaves no process. */
export const runWorker = Effect.fn("PluginHost.worker")(function* (
  { isolation, minFreeBytes }: HostParts,
  job: WorkerJob,
  report: PassReport,
) {
  const { name } = job.plugin.manifest
  yield* Effect.annotateCurrentSpan({ plugin: name, mode: job.mode })
  const order = yield* isolation.order(job)
  const conversation = yield* Ref.make(begun)
  const onLine = (line: string) =>
    Ref.modify(conversation, (before) => {
      const [after, message] = hear(before, line)
      return [message, after] as const
    }).pipe(
      Effect.flatMap(
        Option.match({ onNone: () => Effect.void, onSome: (message) => passOn(report, name, message) }),
      ),
    )
  const ended = yield* run(
    { ...order, stdin: inputOf(job), volume: { path: job.tree, minFreeBytes } },
    onLine,
  )
  const heard = yield* Ref.get(conversation)
  const judged = verdict(heard, ended.end)
  const outcome = judged._tag === "Crashed" ? crashOf(job, judged.reason, ended) : judged
  yield* Effect.transposeMapOption(leftOut(heard), (message) => passOn(report, name, message))
  if (outcome._tag === "Failed" || outcome._tag === "Crashed") {
    yield* noteStderr(report, name, ended.stderr)
  }
  return { outcome, process: ended }
})
