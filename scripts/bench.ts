import { Command } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Array, Cause, Console, Data, Effect, Exit, Layer, Logger, LogLevel } from "effect"
import type { Benchmark } from "./benchmarks/Benchmark.ts"
import { audit } from "./benchmarks/audit.ts"
import { creation } from "./benchmarks/creation.ts"
import { http } from "./benchmarks/http.ts"
import { machine } from "./benchmarks/machine.ts"
import { plugins } from "./benchmarks/plugins.ts"
import { render } from "./benchmarks/render.ts"
import { subscribers } from "./benchmarks/subscribers.ts"
import { suspended } from "./benchmarks/suspended.ts"
import { sync } from "./benchmarks/sync.ts"

const benchmarks: ReadonlyArray<Benchmark> = [
  creation,
  suspended,
  subscribers,
  render,
  plugins,
  http,
  sync,
  audit,
]

const usage = [
  "usage: ./scripts/bench [benchmark …]",
  ...benchmarks.map(({ measures, name }) => `  ${name.padEnd(14)}${measures}`),
].join("\n")

class UnknownBenchmark extends Data.TaggedError("UnknownBenchmark")<{ readonly name: string }> {
  override get message(): string {
    return `there is no benchmark ${this.name}\n${usage}`
  }
}

/** The program ended in another way than with success; it has said why. */
class BenchmarkFailed extends Data.TaggedError("BenchmarkFailed")<{ readonly name: string }> {
  override get message(): string {
    return `the benchmark ${this.name} failed`
  }
}

const find = (name: string): Effect.Effect<Benchmark, UnknownBenchmark> =>
  Effect.mapError(
    Array.findFirst(benchmarks, (benchmark) => benchmark.name === name),
    () => new UnknownBenchmark({ name }),
  )

/** Progress goes to standard error: standard output has one line for each benchmark. */
const runHere = ({ name, run }: Benchmark) =>
  Console.error(`${name} …`).pipe(
    Effect.zipRight(run),
    Effect.flatMap((figures) => Console.log(JSON.stringify({ benchmark: name, machine, ...figures }))),
  )

/** In a process of its own, so that nobody's heap counts but its own. */
const runApart = ({ name }: Benchmark) =>
  Command.make(process.execPath, ...process.execArgv, ...process.argv.slice(1, 2), name).pipe(
    Command.stdout("inherit"),
    Command.stderr("inherit"),
    Command.exitCode,
    Effect.filterOrFail(
      (code) => code === 0,
      () => new BenchmarkFailed({ name }),
    ),
  )

const main = (names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const chosen = names.length === 0 ? benchmarks : yield* Effect.forEach(names, find)
    const [only, ...others] = chosen
    if (only !== undefined && others.length === 0) return yield* runHere(only)
    yield* Effect.validateAll(chosen, runApart, { discard: true })
  })

/** A line for every creation would be measured, too. */
const logToStandardError = Layer.merge(
  Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.stringLogger)),
  Logger.minimumLogLevel(LogLevel.Warning),
)

const run = main(process.argv.slice(2)).pipe(
  Effect.as(0),
  Effect.catchTag("UnknownBenchmark", ({ message }) => Effect.as(Console.error(message), 2)),
  Effect.tapErrorCause((cause) => Console.error(Cause.pretty(cause))),
  Effect.provide(Layer.merge(NodeContext.layer, logToStandardError)),
)

NodeRuntime.runMain(run, {
  disableErrorReporting: true,
  disablePrettyLogger: true,
  teardown: (exit, end) => end(Exit.isSuccess(exit) ? Number(exit.value) : 1),
})
