import { Clock, Data, Deferred, Duration, Effect, Either, Fiber, Option, Random } from "effect"
import { type Child, type ChildEnd, type Launch, start } from "./Child.ts"
import * as Kin from "./Kin.ts"
import { readAll } from "./listening.ts"
import { bytesMoved } from "./procfs.ts"
import { makeTail } from "./tail.ts"

/** A tool to run. */
export interface ToolOrder extends Launch {
  /** How long it may give no sign of life. */
  readonly silence: Duration.Duration
  /** Hears standard error, too, chunk by chunk. */
  readonly onComplaint?: (chunk: Buffer) => Effect.Effect<void>
  /** Whether reading and writing is a sign of life, too: not for one that waits for another computer. */
  readonly busyIsAlive: boolean
}

type Ended = Data.TaggedEnum<{
  /** It gave no sign of life and was ended. */
  Silent: {}
  NotStarted: { readonly reason: string }
}>
const Ended = Data.taggedEnum<Ended>()

/** How a tool ended, or why it was ended. */
export type ToolEnd = ChildEnd | Ended

export interface ToolReport {
  readonly end: ToolEnd
  /** The last 64 KiB. */
  readonly stderr: string
}

/** From SIGTERM to SIGKILL: it may put away what it has. */
const grace = "2 seconds"
/** How long the end is waited for of what doesn't even end when it is killed. */
const lastPatience = "10 seconds"

const waitAtMost = <A>(effect: Effect.Effect<A>, patience: Duration.DurationInput) =>
  Effect.timeoutOption(Effect.interruptible(effect), patience)

const stop = (child: Child, kin: Kin.Kin): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!(yield* child.hasEnded)) {
      yield* kin.sample
      yield* child.signal("SIGTERM")
      yield* waitAtMost(child.ended, grace)
    }
    yield* child.signal("SIGKILL")
    const killed = yield* waitAtMost(Effect.zipRight(kin.killAll, child.ended), lastPatience)
    if (Option.isNone(killed)) yield* Effect.logWarning(`the tool with process ${child.pid} can't be killed`)
  })

interface Running {
  readonly child: Child
  readonly stopped: Effect.Effect<void>
}

const markOf = Effect.map(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (n) => `tool-${n.toString(36)}`)

const begin = (order: ToolOrder): Effect.Effect<Either.Either<Running, string>> =>
  Effect.gen(function* () {
    const mark = yield* markOf
    const started = yield* start({ ...order, env: { ...order.env, [Kin.markVariable]: mark } })
    if (Either.isLeft(started)) return Either.left(started.left)
    const child = started.right
    const kin = yield* Kin.make(child, mark)
    return Either.right({ child, stopped: yield* Effect.cached(Effect.uninterruptible(stop(child, kin))) })
  })

/** Returns when nothing was heard of the tool for too long. */
const watch = (
  { busyIsAlive, silence }: ToolOrder,
  { pid }: Child,
  lastHeard: () => number,
): Effect.Effect<ToolEnd> =>
  Effect.gen(function* () {
    const patience = Duration.toMillis(silence)
    let moved = 0
    let busy = yield* Clock.currentTimeMillis
    while (true) {
      yield* Effect.sleep(Math.max(20, patience / 8))
      const now = yield* Clock.currentTimeMillis
      const bytes = busyIsAlive ? bytesMoved(pid) : 0
      if (bytes !== moved) busy = now
      moved = bytes
      if (now - Math.max(lastHeard(), busy) > patience) return Ended.Silent()
    }
  })

const supervise = (
  order: ToolOrder,
  { child, stopped }: Running,
  onOutput: (chunk: Buffer) => Effect.Effect<void>,
): Effect.Effect<ToolReport> =>
  Effect.scoped(
    Effect.gen(function* () {
      const over = yield* Deferred.make<void>()
      const tail = makeTail()
      let heard = yield* Clock.currentTimeMillis
      const hear = (each: (chunk: Buffer) => Effect.Effect<void>) => (chunk: Buffer) =>
        Effect.gen(function* () {
          heard = yield* Clock.currentTimeMillis
          yield* each(chunk)
          return Option.none<never>()
        })
      const read = (pipe: Child["stdout"], each: (chunk: Buffer) => Effect.Effect<void>) =>
        Effect.forkScoped(readAll(pipe, Deferred.await(over), hear(each)))
      const complaints = yield* read(child.stderr, (chunk) => {
        tail.push(chunk)
        return order.onComplaint?.(chunk) ?? Effect.void
      })
      const output = yield* read(child.stdout, onOutput)
      const end = yield* Effect.raceFirst(
        child.ended,
        watch(order, child, () => heard),
      )
      yield* stopped
      yield* Deferred.succeed(over, undefined)
      yield* Fiber.join(output)
      yield* Fiber.join(complaints)
      return { end, stderr: tail.text() }
    }),
  )

/**
 * Runs a tool until it ends or is silent for too long, and hears its standard output chunk by chunk: it waits
 * while `onOutput` works. When this returns, and when it is interrupted, neither the tool is left nor
 * anything that it started, as far as it can be found.
 */
export const run = Effect.fn("ToolProcess.run")(function* (
  order: ToolOrder,
  onOutput: (chunk: Buffer) => Effect.Effect<void>,
) {
  return yield* Effect.acquireUseRelease(
    begin(order),
    Either.match({
      onLeft: (reason) => Effect.succeed<ToolReport>({ end: Ended.NotStarted({ reason }), stderr: "" }),
      onRight: (running) => supervise(order, running, onOutput),
    }),
    Either.match({
      onLeft: () => Effect.void,
      onRight: ({ child, stopped }) => Effect.zipRight(stopped, child.close),
    }),
  )
})
