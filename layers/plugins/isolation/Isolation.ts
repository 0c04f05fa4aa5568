import { Data, Duration, Effect, Option, SynchronizedRef } from "effect"
import type { IsolationTier, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import type { StagedCode } from "../code/PluginCode.ts"
import type { ProcessOrder } from "../process/WorkerProcess.ts"
import { commandLine } from "./commandLine.ts"
import { workerEnvironment } from "./environment.ts"
import { find, type Findings, type Tiers } from "./Findings.ts"
import { threadLimit } from "./Machine.ts"
import { wordsOf } from "./words.ts"

/** What a worker may use: seconds of wall clock and of CPU, MiB of memory, the network. */
export interface WorkerLimits {
  readonly timeoutSeconds: number
  readonly cpuSeconds: number
  readonly memoryMb: number
  readonly network: boolean
}

/** A worker that is to be started. */
export interface WorkerPlace {
  readonly plugin: RegisteredPlugin
  readonly code: StagedCode
  /** The working copy: the only place that it may write to. */
  readonly tree: string
  readonly limits: WorkerLimits
}

/** A plugin that can't be run in the isolation that there is. */
export class IsolationUnavailable extends Data.TaggedError("IsolationUnavailable")<{
  readonly plugin: string
  readonly reason: string
}> {
  override get message(): string {
    return `plugin ${this.plugin} can't be started at its tier of isolation: ${this.reason}`
  }
}

/** How workers are kept apart on this computer. What it can do is tried once, at the first need. */
export interface Isolation {
  readonly tiers: Effect.Effect<Tiers>
  /** Why stronger tiers aren't to be had here, a sentence each. */
  readonly limitations: Effect.Effect<ReadonlyArray<string>>
  /** How a worker is started. */
  readonly order: (
    place: WorkerPlace,
  ) => Effect.Effect<Omit<ProcessOrder, "stdin" | "volume">, IsolationUnavailable>
}

/** The same paths with every link resolved: tiers are told of real ones. */
const resolved = ({ code, tree }: WorkerPlace) =>
  Effect.flatMap(Disk, ({ realPath }) =>
    Effect.all({
      tree: realPath(tree),
      stage: realPath(code.stage),
      directory: realPath(code.directory),
    }),
  )

const orderFor = ({ machine, tiers }: Findings, place: WorkerPlace) =>
  Effect.gen(function* () {
    const { limits, plugin } = place
    const { runtime } = plugin.manifest
    const tier = tiers[runtime]
    const paths = yield* resolved(place).pipe(Effect.mapError(({ message }) => message))
    const words = yield* wordsOf(plugin.manifest, { ...place.code, ...paths }, tier, machine)
    const mark = crypto.randomUUID()
    const env = workerEnvironment(machine.searchPath, { ...paths, mark })
    const argv = yield* commandLine(tier, machine, {
      ...paths,
      words,
      env,
      limits: { ...limits, runtime, threads: yield* threadLimit },
      network: limits.network,
    })
    return { argv, cwd: paths.tree, env, mark, timeout: Duration.seconds(limits.timeoutSeconds) }
  })

/** Nothing is known: as long as that is so, nothing is run. */
const nothingFound = { tiers: { node: "none", command: "none" }, limitations: [] } as const

/** `force`: a tier that is believed without a trial. */
export const make = (options: {
  readonly force?: IsolationTier
}): Effect.Effect<Isolation, never, Disk | Settings> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Disk>()
    const { plugins } = yield* Settings
    const search = Effect.provide(find(plugins.readablePaths, options.force ?? null), context)
    const known = yield* SynchronizedRef.make(Option.none<Findings>())
    // A trial that failed is not remembered: the next one may succeed.
    const findings = SynchronizedRef.modifyEffect(
      known,
      Option.match({
        onNone: () => Effect.map(search, (found) => [found, Option.some(found)] as const),
        onSome: (found) => Effect.succeed([found, Option.some(found)] as const),
      }),
    )
    const told = Effect.catchAll(findings, ({ reason }) =>
      Effect.succeed({ ...nothingFound, limitations: [`isolation could not be tried: ${reason}`] }),
    )
    const order = Effect.fn("Isolation.order")(function* (place: WorkerPlace) {
      const refuse = (reason: string) =>
        new IsolationUnavailable({ plugin: place.plugin.manifest.name, reason })
      const found = yield* Effect.mapError(findings, ({ reason }) => refuse(reason))
      return yield* Effect.mapError(orderFor(found, place), refuse)
    }, Effect.provide(context))
    return {
      tiers: Effect.map(told, ({ tiers }) => tiers),
      limitations: Effect.map(told, ({ limitations }) => limitations),
      order,
    }
  })
