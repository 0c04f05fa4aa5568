import {
  Context,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Layer,
  Option,
  PubSub,
  Queue,
  Ref,
  Stream,
} from "effect"
import type { Finding } from "../domain/Finding.ts"
import { diffFindings, isEmptyDelta, type ProblemsFrame } from "../domain/FindingsDelta.ts"
import { ShuttingDown } from "../domain/Errors.ts"
import type { CreationWriter } from "../ports/CreationWriter.ts"
import type { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import type { SyncService } from "../ports/SyncService.ts"
import type { TemplateEngine } from "../ports/TemplateEngine.ts"
import type { Validator } from "../ports/Validator.ts"
import type { Workspace } from "../ports/Workspace.ts"
import { makePasses, type PassKind } from "./passes.ts"

/** What is known of all problems. */
export interface Board {
  /** Counts the passes since the start; 0 before the first one is over. */
  readonly pass: number
  /** When the last pass began; none before it is over. */
  readonly at: Option.Option<DateTime.Utc>
  /** Sorted. */
  readonly findings: ReadonlyArray<Finding>
  /** Projects and runs that were there. */
  readonly directories: number
  /** How many of them the last pass looked into. */
  readonly examined: number
  /** Why the last pass broke off; null when it didn't. */
  readonly problem: string | null
}

const empty: Board = { pass: 0, at: Option.none(), findings: [], directories: 0, examined: 0, problem: null }

interface Order {
  readonly kind: PassKind
  readonly done: Deferred.Deferred<Board>
}

const snapshotOf = ({ at, findings, pass }: Board): ProblemsFrame => ({
  kind: "snapshot",
  at: Option.getOrNull(at),
  pass,
  findings,
})

/** What a reader hasn't seen yet, and what it has seen then. A slow one gets several passes in one frame. */
const frameAfter = (
  seen: Option.Option<Board>,
  board: Board,
): readonly [Option.Option<Board>, Option.Option<ProblemsFrame>] => {
  if (Option.isNone(seen)) return [Option.some(board), Option.some(snapshotOf(board))]
  if (seen.value.pass >= board.pass) return [seen, Option.none()]
  const delta = diffFindings(seen.value.findings, board.findings)
  // The first pass is told even if it found nothing: before it, nobody knew.
  if (isEmptyDelta(delta) && seen.value.pass > 0) return [seen, Option.none()]
  const { at, pass } = board
  return [Option.some(board), Option.some({ kind: "delta", at: Option.getOrNull(at), pass, ...delta })]
}

/** By the clock, passes take a tenth of the time at most, however much there is to look at. */
const restPerWork = 10

const make = Effect.gen(function* () {
  const { audit } = yield* Settings
  const pass = yield* makePasses
  const board = yield* Ref.make(empty)
  const news = yield* PubSub.sliding<Board>(1)
  const orders = yield* Ref.make<ReadonlyArray<Order>>([])
  const bell = yield* Queue.sliding<void>(1)
  const closed = yield* Deferred.make<never, ShuttingDown>()
  const lastTook = yield* Ref.make(Duration.zero)
  const lastFull = yield* Ref.make(Option.none<DateTime.Utc>())

  const isFullDue = Effect.zipWith(Ref.get(lastFull), DateTime.now, (last, now) =>
    Option.match(last, {
      onNone: () => true,
      onSome: (at) => DateTime.distance(at, now) >= audit.fullIntervalSeconds * 1000,
    }),
  )

  const tell = (next: Board) =>
    Ref.set(board, next).pipe(Effect.zipRight(PubSub.publish(news, next)), Effect.as(next))

  /** A pass that breaks off is told, and the next one is tried all the same. */
  const run = (kind: PassKind) =>
    Effect.gen(function* () {
      const full = kind === "full" || (yield* isFullDue)
      const [took, { at, directories, examined, findings }] = yield* Effect.timed(
        pass(full ? "full" : "quick"),
      )
      yield* Ref.set(lastTook, took)
      if (full) yield* Ref.set(lastFull, Option.some(at))
      const before = yield* Ref.get(board)
      return yield* tell({
        pass: before.pass + 1,
        at: Option.some(at),
        findings,
        directories,
        examined,
        problem: null,
      })
    }).pipe(
      // Not reached when the watch itself is interrupted: what ends here ended by itself.
      Effect.catchAllCause((cause) =>
        Effect.logError("a pass of the audit broke off", cause).pipe(
          Effect.zipRight(Ref.get(board)),
          Effect.flatMap((last) => tell({ ...last, problem: "the last pass broke off; the log says why" })),
        ),
      ),
    )

  const elapsed = audit.enabled
    ? Effect.flatMap(Ref.get(lastTook), (took) =>
        Effect.sleep(
          Duration.max(Duration.seconds(audit.intervalSeconds), Duration.times(took, restPerWork)),
        ),
      )
    : Effect.never
  const woken = Effect.raceFirst(Effect.as(elapsed, true), Effect.as(Queue.take(bell), false))

  /**
   * Who asked while a pass was running is served by the next one: what that one passed over is seen then. A
   * ring of the bell that gets lost to the clock costs nothing: what is asked for stands beside it.
   */
  const turn = Effect.gen(function* () {
    const byTheClock = yield* woken
    const asked = yield* Ref.getAndSet(orders, [])
    if (!byTheClock && asked.length === 0) return
    const kind = asked.some((order) => order.kind === "full") ? "full" : "quick"
    const result = yield* run(kind)
    yield* Effect.forEach(asked, ({ done }) => Deferred.succeed(done, result), { discard: true })
  })

  yield* Effect.addFinalizer(() => Deferred.fail(closed, new ShuttingDown()))
  yield* Effect.forkScoped(Effect.zipRight(audit.enabled ? run("full") : Effect.void, Effect.forever(turn)))

  const refresh = Effect.fn("ProblemWatch.refresh")(function* (kind: PassKind) {
    const done = yield* Deferred.make<Board>()
    yield* Ref.update(orders, (before) => [...before, { kind, done }])
    yield* Queue.offer(bell, undefined)
    return yield* Effect.raceFirst(Deferred.await(done), Deferred.await(closed))
  })

  /** Subscribed first, read second: no pass falls between. */
  const changes = Stream.unwrapScoped(
    Effect.gen(function* () {
      const coming = yield* Stream.fromPubSub(news, { scoped: true })
      const now = yield* Ref.get(board)
      return Stream.concat(Stream.make(now), coming).pipe(
        Stream.mapAccum(Option.none<Board>(), frameAfter),
        Stream.filterMap((frame) => frame),
        Stream.interruptWhen(Effect.ignore(Deferred.await(closed))),
      )
    }),
  )

  return { board: Ref.get(board), refresh, changes }
})

/**
 * Keeps the list of everything that is wrong: audits in the background, one pass at a time, and only looks
 * into what has changed. What a quick pass can't see is told in `docs/validation.md`.
 */
export class ProblemWatch extends Context.Tag("exlab-wizard/ProblemWatch")<
  ProblemWatch,
  {
    /** What the last pass found. */
    readonly board: Effect.Effect<Board>
    /** Makes a pass that begins after the call, and returns what it found. */
    readonly refresh: (kind: PassKind) => Effect.Effect<Board, ShuttingDown>
    /** A snapshot, then what changes. Nobody holds up a pass: a slow reader gets several of them in one delta. */
    readonly changes: Stream.Stream<ProblemsFrame>
  }
>() {
  static readonly layer: Layer.Layer<
    ProblemWatch,
    never,
    CreationWriter | Disk | Settings | SyncService | TemplateEngine | Validator | Workspace
  > = Layer.scoped(ProblemWatch, make)
}
