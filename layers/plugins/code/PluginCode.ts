import { Data, Effect, ExecutionStrategy, Exit, Option, Scope } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import * as SharedWork from "../../sharing/SharedWork.ts"
import type { TreeUnusable } from "../tree/TreeImage.ts"
import { type CodeListing, type CodeRefused, isUnchanged, listCode } from "./CodeListing.ts"
import { type CodeChanged, codeIn, ifIntact, makeStage, type Stage } from "./Stage.ts"

/** A plugin's code as it will run, whatever happens to its folder meanwhile. */
export interface StagedCode {
  /** SHA-256 over names, contents and executable bits of the plugin's folder, hexadecimal. */
  readonly digest: string
  /** Absolute real path of all that a worker may read. */
  readonly stage: string
  /** The copy of the plugin's folder in it. */
  readonly directory: string
}

/** A plugin's folder that can't be run as it is. */
export class PluginCodeUnusable extends Data.TaggedError("PluginCodeUnusable")<{
  readonly plugin: string
  readonly reason: string
}> {}

export interface PluginCode {
  /**
   * The plugin's code, copied only when it isn't what was copied before. A stage that was handed out stays as it
   * is until the scope closes; changed code gets another one.
   */
  readonly stage: (plugin: RegisteredPlugin) => Effect.Effect<StagedCode, PluginCodeUnusable>
}

interface Kept {
  /** What the folder showed before it was copied. */
  readonly listing: CodeListing
  readonly stage: Stage
}

/** A folder that somebody works on may come to rest. */
const tries = 3

type Failure = DiskError | CodeRefused | CodeChanged | TreeUnusable

const vanished = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"])

const isInMotion = (error: Failure): boolean =>
  error._tag === "CodeChanged" || (error._tag === "DiskError" && vanished.has(error.errno))

const reasonOf = (error: Failure): string => (error._tag === "DiskError" ? error.message : error.reason)

export const make: Effect.Effect<PluginCode, never, Disk | Scope.Scope> = Effect.gen(function* () {
  const disk = yield* Disk
  const scope = yield* Effect.scope
  const kept = new Map<string, Kept>()
  const work = SharedWork.make<StagedCode, PluginCodeUnusable>()

  const keptIntact = Effect.fnUntraced(function* (directory: string) {
    const before = kept.get(directory)
    if (before === undefined) return null
    const stage = Option.getOrNull(yield* ifIntact(before.stage))
    return stage === null ? null : { ...before, stage }
  })

  /** A stage is there as a whole and known, or it is gone. The same code isn't kept twice. */
  const copyAnew = (plugin: RegisteredPlugin, listing: CodeListing, before: Kept | null) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const exit = yield* Effect.exit(Scope.extend(restore(makeStage(plugin, listing)), own))
        if (Exit.isFailure(exit)) {
          yield* Scope.close(own, exit)
          return yield* Effect.failCause(exit.cause)
        }
        if (before?.stage.digest !== exit.value.digest) return { listing, stage: exit.value }
        yield* Scope.close(own, exit)
        return { ...before, listing }
      }).pipe(Effect.tap((now) => Effect.sync(() => kept.set(plugin.directory, now)))),
    )

  const lookAndCopy = Effect.fnUntraced(function* (plugin: RegisteredPlugin) {
    const listing = yield* listCode(plugin.directory)
    const before = yield* keptIntact(plugin.directory)
    if (before === null || !isUnchanged(before.listing, listing))
      return yield* copyAnew(plugin, listing, before)
    kept.set(plugin.directory, before)
    return before
  })

  const stage = Effect.fn("PluginCode.stage")(function* (plugin: RegisteredPlugin) {
    const { name } = plugin.manifest
    yield* Effect.annotateCurrentSpan({ plugin: name })
    const staged = lookAndCopy(plugin).pipe(
      Effect.retry({ times: tries - 1, while: isInMotion }),
      Effect.map(({ stage: { digest, path } }): StagedCode => ({
        digest,
        stage: path,
        directory: codeIn(path),
      })),
      Effect.mapError((error) => new PluginCodeUnusable({ plugin: name, reason: reasonOf(error) })),
      Effect.provideService(Disk, disk),
    )
    return yield* work.share(plugin.directory, staged)
  })

  return { stage }
})
