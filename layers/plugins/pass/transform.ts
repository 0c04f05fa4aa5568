import { Data, Effect, Ref } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Field } from "../../../src/domain/Field.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { Answer, PluginApplied, PluginPass } from "../../../src/domain/Plugin.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { PassReport } from "../../../src/ports/PluginHost.ts"
import { removeTree } from "../../disk/trees.ts"
import type { StagedCode } from "../code/PluginCode.ts"
import { exitCodeOf } from "../protocol/Conversation.ts"
import { adopt } from "../tree/adopt.ts"
import { changesBetween } from "../tree/changesBetween.ts"
import { copyTree } from "../tree/copyTree.ts"
import { digestOf, imageOf, roomFor, type TreeImage } from "../tree/TreeImage.ts"
import { isKept, outwardLinks, violations } from "../tree/violations.ts"
import { filesFor } from "./candidates.ts"
import type { HostParts } from "./HostParts.ts"
import { appliedOf, type Work } from "./outcomes.ts"
import { maxPrompts, type Waiting } from "./PassState.ts"
import { transformLimits } from "./limits.ts"
import { runWorker } from "./runWorker.ts"

/** What became of one plugin: it has ended, or it waits for an answer. */
export type PluginStep = Data.TaggedEnum<{
  Ended: { readonly applied: PluginApplied }
  Asked: {
    readonly waiting: Omit<Waiting, "promptId">
    readonly reason: string
    readonly fields: ReadonlyArray<Field>
    readonly file: string | undefined
  }
}>
export const PluginStep = Data.taggedEnum<PluginStep>()

/** Where a plugin begins: anew, or with the answer to what it asked. */
export interface Beginning {
  readonly copy: string
  readonly resumeFile: string | null
  readonly extraInputs: JsonObject | null
  readonly answers: ReadonlyArray<Answer>
  readonly durationMs: number
  readonly peakMemoryMb: number
}

interface Job {
  readonly parts: HostParts
  /** The tree as it was seen last: what hasn't changed isn't read again. */
  readonly seen: Ref.Ref<TreeImage>
  readonly pass: PluginPass
  readonly plugin: RegisteredPlugin
  readonly report: PassReport
  /** How often it may still ask. */
  readonly promptsLeft: number
}

/** The volume is full: no fault of the disk's. */
const isFull = ({ errno }: DiskError): boolean => errno === "ENOSPC" || errno === "EDQUOT"

/** What a plugin can do to its own copy so that it can't be looked at. */
const unreadable = new Set(["EACCES", "EPERM", "ENAMETOOLONG", "ELOOP"])

/** What plugins may work on: files that are kept for the service itself aren't among them. */
const filesOf = (image: TreeImage): ReadonlyArray<string> =>
  [...image].filter(([path, { type }]) => type === "file" && !isKept(path)).map(([path]) => path)

/** Why no plugin may be let near a tree; null when it may. */
const unfit = (image: TreeImage): string | null => {
  const [first] = outwardLinks(image)
  return first === undefined ? null : `plugins aren't let near these files: ${first}`
}

/** Ends a plugin that had its copy: nobody needs that any more. */
const ended = (copy: string, applied: PluginApplied) =>
  Effect.as(removeTree(copy), PluginStep.Ended({ applied }))

/** Takes over what a plugin did, unless it did what it may not do. */
const takeOver = ({ pass: { tree } }: Job, copy: string, before: TreeImage, work: Work) =>
  Effect.gen(function* () {
    const after = yield* imageOf(copy)
    const changes = changesBetween(before, after)
    const broken = violations(changes, after)
    if (broken.length > 0) return appliedOf(work, "policy_violation", { reason: broken.join("; ") })
    if (changes.length === 0) return appliedOf(work, "skipped", { reason: "there was nothing to do" })
    yield* adopt(changes, copy, tree)
    const files = changes.map(({ path }) => path)
    return appliedOf(work, "success", { files, treeAfter: digestOf(after) })
  })

/** The same; a copy that can't be looked at is its plugin's doing. */
const judge = (job: Job, copy: string, before: TreeImage, work: Work) => {
  const failed = (reason: string) =>
    Effect.succeed(appliedOf(work, "failed", { reason: `its copy of the files ${reason}` }))
  const isItsDoing = ({ errno, path }: DiskError) => unreadable.has(errno) && path.startsWith(copy)
  return takeOver(job, copy, before, work).pipe(
    Effect.catchTags({
      TreeUnusable: ({ reason }) => failed(reason),
      DiskError: (error) =>
        isItsDoing(error) ? failed(`can't be read: ${error.message}`) : Effect.fail(error),
    }),
  )
}

/** Runs the worker in a copy that is there, and decides what its work came to. */
const runIn = (job: Job, code: StagedCode, before: TreeImage, beginning: Beginning, work: Work) =>
  Effect.gen(function* () {
    const { parts, pass, plugin, report } = job
    const { answers, copy, extraInputs, resumeFile } = beginning
    const files = filesFor(plugin.manifest, filesOf(before))
    const limits = transformLimits(plugin.manifest.isolation)
    const order = { plugin, code, pass, mode: "transform", tree: copy, files, limits, dryRun: false } as const
    const { outcome, process } = yield* runWorker(parts, { ...order, extraInputs, resumeFile }, report)
    const usage = {
      durationMs: beginning.durationMs + process.durationMs,
      peakMemoryMb: Math.max(beginning.peakMemoryMb, process.peakMemoryMb),
    }
    const done: Work = { ...work, usage: { ...usage, exitCode: exitCodeOf(process.end) } }
    switch (outcome._tag) {
      case "Asked": {
        const { fields, file, reason } = outcome
        if (job.promptsLeft === 0) {
          const tooOften = `it asked once more after ${maxPrompts} prompts in one pass`
          return yield* ended(copy, appliedOf(done, "failed", { reason: tooOften }))
        }
        const waiting = {
          plugin: plugin.manifest.name,
          codeDigest: code.digest,
          copy,
          answers,
          usage,
          asked: fields.map(({ id }) => id),
          resumeFile: file ?? null,
          extraInputs: extraInputs ?? {},
        }
        return PluginStep.Asked({ waiting, fields, reason, file })
      }
      case "Failed":
        return yield* ended(copy, appliedOf(done, "failed", { reason: outcome.message }))
      case "Crashed": {
        const status = process.end._tag === "TimedOut" ? "timeout" : "failed"
        return yield* ended(copy, appliedOf(done, status, { reason: outcome.reason }))
      }
      case "Result":
        return yield* outcome.errors.length > 0
          ? ended(copy, appliedOf(done, "failed", { reason: outcome.errors.join("; ") }))
          : Effect.flatMap(judge(job, copy, before, done), (applied) => ended(copy, applied))
    }
  })

const changedSince = (when: string): string =>
  `its code was changed since ${when}: other code isn't run in its place`

/** A plugin without a worker: it could not even begin. */
const notBegun = (work: Work, reason: string) =>
  Effect.succeed(PluginStep.Ended({ applied: appliedOf(work, "failed", { reason }) }))

/** The tree as it is now. */
const lookAt = ({ pass: { tree }, seen }: Job) =>
  Effect.flatMap(Ref.get(seen), (known) => imageOf(tree, known)).pipe(
    Effect.tap((image) => Ref.set(seen, image)),
  )

/** Makes the private copy; says why there is none when there is no room for it. */
const makeCopy = ({ parts, pass: { copies, tree } }: Job, image: TreeImage, copy: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const room = (yield* disk.freeBytes(copies)) - parts.minFreeBytes
    if (roomFor(image) > room) return "there is no room on the disk for its copy of the files"
    yield* copyTree(tree, image, copy)
    return null
  }).pipe(
    Effect.catchIf(isFull, () =>
      Effect.as(removeTree(copy), "the disk was full before its copy of the files was made"),
    ),
  )

/** Runs one plugin on a copy of the tree. Whatever it does, the tree is as before or has all of its work. */
export const transform = Effect.fn("PluginHost.transform")(function* (
  job: Job,
  index: number,
  codeDigest: string,
) {
  const { parts, pass, plugin } = job
  const tiers = yield* parts.isolation.tiers
  const tier = tiers[plugin.manifest.runtime]
  const begun: Work = { plugin, tier, codeDigest: null, treeBefore: null, answers: [], usage: null }
  return yield* Effect.gen(function* () {
    const code = yield* parts.stage(plugin)
    const before = yield* lookAt(job)
    const work = { ...begun, codeDigest: code.digest, treeBefore: digestOf(before) }
    if (code.digest !== codeDigest) return yield* notBegun(work, changedSince("it looked at the variables"))
    const copy = joinPath(pass.copies, `${index}-${plugin.manifest.name}`)
    const problem = unfit(before) ?? (yield* makeCopy(job, before, copy))
    if (problem !== null) return yield* notBegun(work, problem)
    const beginning = {
      copy,
      resumeFile: null,
      extraInputs: null,
      answers: [],
      durationMs: 0,
      peakMemoryMb: 0,
    }
    return yield* runIn(job, code, before, beginning, work)
  }).pipe(
    Effect.catchTags({
      PluginCodeUnusable: ({ reason }) => notBegun(begun, `its code can't be used: ${reason}`),
      IsolationUnavailable: ({ reason }) => notBegun(begun, reason),
      TreeUnusable: ({ reason }) => notBegun(begun, `the tree ${reason}`),
    }),
  )
})

/** Goes on with a plugin that asked, in the copy that it left. */
export const goOn = Effect.fn("PluginHost.goOn")(function* (job: Job, waiting: Waiting, answer: Answer) {
  const { parts, plugin } = job
  const { copy, usage } = waiting
  const tiers = yield* parts.isolation.tiers
  const answers = [...waiting.answers, answer]
  const tier = tiers[plugin.manifest.runtime]
  const { codeDigest } = waiting
  const begun: Work = { plugin, tier, codeDigest, treeBefore: null, answers, usage: null }
  return yield* Effect.gen(function* () {
    const code = yield* parts.stage(plugin)
    const before = yield* lookAt(job)
    const work = { ...begun, treeBefore: digestOf(before) }
    if (code.digest !== waiting.codeDigest) {
      const reason = changedSince("it asked")
      return yield* ended(copy, appliedOf(work, "failed", { reason }))
    }
    const blank = Object.fromEntries(waiting.asked.map((id) => [id, null]))
    const extraInputs = { ...waiting.extraInputs, ...blank, ...answer.inputs }
    const beginning = { ...usage, copy, resumeFile: waiting.resumeFile, extraInputs, answers }
    return yield* runIn(job, code, before, beginning, work)
  }).pipe(
    Effect.catchTags({
      PluginCodeUnusable: ({ reason }) =>
        ended(copy, appliedOf(begun, "failed", { reason: `its code can't be used any more: ${reason}` })),
      IsolationUnavailable: ({ reason }) => ended(copy, appliedOf(begun, "failed", { reason })),
      TreeUnusable: ({ reason }) => ended(copy, appliedOf(begun, "failed", { reason: `the tree ${reason}` })),
    }),
  )
})
