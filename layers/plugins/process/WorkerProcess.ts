import { Clock, Data, Deferred, type Duration, Effect, Either, Fiber, Option } from "effect"
import { Disk } from "../../../src/ports/Disk.ts"
import { type Child, type ChildEnd, type Launch, start } from "../../process/Child.ts"
import * as Kin from "../../process/Kin.ts"
import { listen, readAll } from "../../process/listening.ts"
import { makeTail } from "../../process/tail.ts"

/** A process to run. */
export interface ProcessOrder extends Launch {
  /** One line. */
  readonly stdin: string
  /** Wall clock. */
  readonly timeout: Duration.DurationInput
  /** The value of `EXLAB_WORKER` in `env`: whoever carries it belongs to this process. */
  readonly mark: string
  /** What it writes to, and what must stay free there. */
  readonly volume: { readonly path: string; readonly minFreeBytes: number }
}

type Ended = Data.TaggedEnum<{
  TimedOut: {}
  /** A line of standard output is longer than 1 MiB. */
  LineTooLong: {}
  /** More than 100,000 lines or 64 MiB on standard output. */
  TooMuchOutput: {}
  /** The volume has less room than it must keep. */
  DiskFull: {}
  NotStarted: { readonly reason: string }
}>
const Ended = Data.taggedEnum<Ended>()

/** How a process ended, or why it was ended. */
export type ProcessEnd = ChildEnd | Ended

export interface ProcessReport {
  readonly end: ProcessEnd
  readonly durationMs: number
  /** Of all its processes together, as far as samples show; 0 where the system can't tell. */
  readonly peakMemoryMb: number
  /** The last 64 KiB. */
  readonly stderr: string
}

/** Most workers are over soon: the first looks come close to each other. */
const sampling = { soon: "20 millis", soonLooks: 10, later: "100 millis" } as const
/** From SIGTERM to SIGKILL. */
const grace = "1 second"
/** How long the end is waited for of what doesn't even end when it is killed. */
const lastPatience = "10 seconds"
/** How long what is left in the pipes may take. */
const drainPatience = "10 seconds"

/** Waits in a region that can't be interrupted, but not for ever. */
const waitAtMost = <A>(effect: Effect.Effect<A>, patience: Duration.DurationInput) =>
  Effect.timeoutOption(Effect.interruptible(effect), patience)

/** Asks a process to end, and makes it. */
const makeEnd = (child: Child, kin: Kin.Kin): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* kin.sample
    yield* child.signal("SIGTERM")
    yield* waitAtMost(child.ended, grace)
    yield* kin.sample
    yield* child.signal("SIGKILL")
  })

/** Ends the process when it still runs, then all that it has left behind. */
const stop = (child: Child, kin: Kin.Kin): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Effect.unlessEffect(makeEnd(child, kin), child.hasEnded)
    const killed = yield* waitAtMost(Effect.zipRight(kin.killAll, child.ended), lastPatience)
    if (Option.isNone(killed)) yield* Effect.logWarning(`processes of worker ${child.pid} can't be killed`)
  })

interface Running {
  readonly child: Child
  readonly kin: Kin.Kin
  /** Ends it, once, whoever asks first; the others wait. */
  readonly stopped: Effect.Effect<void>
}

const asLine = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`)

const begin = (order: ProcessOrder): Effect.Effect<Either.Either<Running, string>> =>
  Effect.gen(function* () {
    const started = yield* start({ ...order, stdin: asLine(order.stdin) })
    if (Either.isLeft(started)) return Either.left(started.left)
    const child = started.right
    const kin = yield* Kin.make(child, order.mark)
    const stopped = yield* Effect.cached(Effect.uninterruptible(stop(child, kin)))
    return Either.right({ child, kin, stopped })
  })

/** Looks at the process from time to time; returns when it can't go on. */
const watch = ({ volume }: ProcessOrder, { kin }: Running): Effect.Effect<ProcessEnd, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    for (let looks = 0; ; looks += 1) {
      yield* kin.sample
      // A volume that doesn't answer is asked again.
      const free = yield* Effect.option(disk.freeBytes(volume.path))
      if (Option.exists(free, (bytes) => bytes < volume.minFreeBytes)) return Ended.DiskFull()
      yield* Effect.sleep(looks < sampling.soonLooks ? sampling.soon : sampling.later)
    }
  })

/** Something that ends a process only when it has a result. */
const orNever = (effect: Effect.Effect<Option.Option<ProcessEnd>>): Effect.Effect<ProcessEnd> =>
  Effect.flatMap(effect, Option.match({ onNone: () => Effect.never, onSome: Effect.succeed }))

const supervise = (order: ProcessOrder, running: Running, onLine: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { child, kin, stopped } = running
    const over = yield* Deferred.make<void>()
    const tail = makeTail()
    const keep = (chunk: Buffer) =>
      Effect.as(
        Effect.sync(() => tail.push(chunk)),
        Option.none<never>(),
      )
    const complaints = yield* Effect.forkScoped(readAll(child.stderr, Deferred.await(over), keep))
    const lines = yield* Effect.forkScoped(
      Effect.map(
        listen(child.stdout, Deferred.await(over), onLine),
        Option.map((excess) => Ended[excess]()),
      ),
    )
    const end = yield* child.ended.pipe(
      // A volume that hangs mustn't keep the process from being ended.
      Effect.raceFirst(Effect.disconnect(watch(order, running))),
      Effect.raceFirst(orNever(Fiber.join(lines))),
      Effect.timeoutTo({
        duration: order.timeout,
        onSuccess: (end: ProcessEnd) => end,
        onTimeout: Ended.TimedOut,
      }),
    )
    yield* stopped
    yield* Deferred.succeed(over, undefined)
    const excess = yield* Effect.timeoutOption(Fiber.join(lines), drainPatience)
    yield* Effect.timeoutOption(Fiber.join(complaints), drainPatience)
    return {
      end: Option.getOrElse(Option.flatten(excess), () => end),
      peakMemoryMb: yield* kin.peakMemoryMb,
      stderr: tail.text(),
    }
  })

/**
 * Runs a process until it ends or breaks a limit, and hears its standard output line by line: it waits while
 * `onLine` works. A line that isn't UTF-8 comes with U+FFFD in front. When this returns, and when it is
 * interrupted, neither the process is left nor any that it started, as far as they can be found.
 */
export const run = Effect.fn("WorkerProcess.run")(function* (
  order: ProcessOrder,
  onLine: (line: string) => Effect.Effect<void>,
) {
  const before = yield* Clock.currentTimeMillis
  const outcome = yield* Effect.scoped(
    Effect.flatMap(
      Effect.acquireRelease(begin(order), (begun) =>
        Either.match(begun, {
          onLeft: () => Effect.void,
          onRight: ({ child, stopped }) => Effect.zipRight(stopped, child.close),
        }),
      ),
      Either.match({
        onLeft: (reason) =>
          Effect.succeed({ end: Ended.NotStarted({ reason }), peakMemoryMb: 0, stderr: "" }),
        onRight: (running) => supervise(order, running, onLine),
      }),
    ),
  )
  const durationMs = (yield* Clock.currentTimeMillis) - before
  const report: ProcessReport = { ...outcome, durationMs }
  return report
})
