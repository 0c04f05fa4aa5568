import { lstatSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { NodeRuntime } from "@effect/platform-node"
import {
  DateTime,
  Effect,
  Either,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Option,
  Queue,
  Schedule,
  Schema,
} from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { problemOf, tryTier } from "../../../../layers/plugins/isolation/canary.ts"
import { look } from "../../../../layers/plugins/isolation/Machine.ts"
import { layerWith } from "../../../../layers/plugins/ProcessPluginHost.ts"
import { type PassStep, PluginPass } from "../../../../src/domain/Plugin.ts"
import { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { type PassError, type PassReport, PluginHost } from "../../../../src/ports/PluginHost.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { Reply } from "./Reply.ts"

/** A service with nothing but the plugin host, as a process of its own: runs the passes that it is sent. */
const [root = "", wanted = ""] = process.argv.slice(2)

const tier = Option.getOrThrow(Schema.decodeUnknownOption(IsolationTier)(wanted))

/** Room on the volume that plugins may fill. */
const volume = 64 * 1024 * 1024

const infoOf = Option.liftThrowable((path: string) => lstatSync(path))
const namesIn = Option.liftThrowable((path: string) => readdirSync(path))

/** What vanishes meanwhile, and what lies too deep to be looked at, counts nothing. */
const bytesBelow = (path: string, depth = 0): number =>
  Option.match(infoOf(path), {
    onNone: () => 0,
    onSome: (info) => {
      if (!info.isDirectory() || depth > 50) return info.blocks * 512
      const names = Option.getOrElse(namesIn(path), () => [])
      return names.reduce((sum, name) => sum + bytesBelow(join(path, name), depth + 1), 0)
    },
  })

/** The real disk, whose volume is small. */
const smallDisk = Layer.effect(
  Disk,
  Effect.map(Disk, (real) => ({
    ...real,
    freeBytes: () => Effect.sync(() => Math.max(0, volume - bytesBelow(join(root, "copies")))),
  })),
).pipe(Layer.provide(NodeDisk.layer))

const settings = withDefaults({
  paths: { localRoot: join(root, "local"), templatesDir: root },
  disk: { minFreeMib: 8 },
})

const host = layerWith({ bundled: join(root, "plugins"), tier }).pipe(
  Layer.provideMerge(Layer.merge(smallDisk, Settings.layer(settings))),
)

const rss = () => process.memoryUsage().rss / 1024 / 1024

/** Answers whatever is asked, at once. */
const toTheEnd = (
  step: PassStep,
  report: PassReport,
  prompts: number,
): Effect.Effect<Pick<Reply, "applied" | "prompts">, PassError, PluginHost> =>
  Effect.gen(function* () {
    if (step._tag === "Finished") return { applied: step.applied, prompts }
    const host = yield* PluginHost
    const { promptId } = step.prompt
    const answer = { promptId, inputs: { again: "" }, answeredBy: "asmith", answeredAt: yield* DateTime.now }
    return yield* toTheEnd(yield* host.continue(step.continuation, answer, report), report, prompts + 1)
  })

/** Runs an effect, and says by how many MiB this process grew meanwhile, at the most. */
const growing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = rss()
    let most = before
    const look = Effect.sync(() => (most = Math.max(most, rss())))
    const watch = yield* Effect.fork(Effect.repeat(look, Schedule.spaced("10 millis")))
    const result = yield* effect
    yield* Fiber.interrupt(watch)
    yield* look
    return [result, most - before] as const
  })

const perform = (pass: PluginPass) =>
  Effect.gen(function* () {
    const { start } = yield* PluginHost
    const warnings: Array<string> = []
    let log = ""
    const report: PassReport = {
      progress: () => Effect.void,
      warning: (message) => Effect.sync(() => void warnings.push(message)),
      log: (_, __, message) => Effect.sync(() => void (log.length < 50_000 && (log += `${message}\n`))),
    }
    const run = Effect.flatMap(start(pass, report), (step) => toTheEnd(step, report, 0))
    const [end, grownMb] = yield* growing(Effect.either(run))
    const reply: Reply = Either.match(end, {
      onLeft: ({ message }) => ({ applied: [], prompts: 0, error: message, warnings, log, grownMb }),
      onRight: (told) => ({ ...told, error: null, warnings, log, grownMb }),
    })
    return yield* Schema.encode(Reply)(reply)
  })

const program = Effect.gen(function* () {
  const passes = yield* Queue.unbounded<unknown>()
  process.on("message", (pass) => Queue.unsafeOffer(passes, pass))
  const { inventory } = yield* PluginHost
  const { excluded, tiers } = yield* inventory
  const problem = problemOf(tier, yield* Effect.flatMap(look([]), (machine) => tryTier(machine, tier)))
  const unused = excluded.flatMap(({ name, reasons }) => [name, ...reasons])
  process.send?.({ tiers, problem, excluded: unused })
  return yield* Effect.forever(
    Queue.take(passes).pipe(
      Effect.flatMap(Schema.decodeUnknown(PluginPass)),
      Effect.flatMap(perform),
      Effect.map((reply) => process.send?.(reply)),
    ),
  )
})

NodeRuntime.runMain(Effect.provide(program, host).pipe(Logger.withMinimumLogLevel(LogLevel.None)))
