import * as fs from "node:fs"
import { Clock, Duration, Effect, Option, Schedule, type Scope } from "effect"
import { type DiskError, LockTimeout } from "../../src/domain/Errors.ts"
import { drop, fstat, open } from "./openFile.ts"
import { fileInfo, lstat } from "./fileInfo.ts"
import type { NativeCalls } from "./nativeCalls.ts"
import { refuse, type Target } from "./systemCall.ts"
import * as WaitingLine from "./WaitingLine.ts"

/**
 * Locks of `flock(2)`. Inside this process callers wait in a line, so that at most one of them polls a
 * file that another process holds.
 */
export interface FileLocks {
  readonly lock: (
    target: Target,
    timeout: Duration.DurationInput,
  ) => Effect.Effect<void, DiskError | LockTimeout, Scope.Scope>
  readonly tryLock: (target: Target) => Effect.Effect<boolean, DiskError, Scope.Scope>
}

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = fs.constants
const existing = O_RDWR | O_NOFOLLOW | O_NONBLOCK
const creating = existing | O_CREAT

const pollDelays = Schedule.exponential("1 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("50 millis")),
  Schedule.jittered,
)

/** The lock of an open file counts only while the path names that very file. */
const stillNamed = (target: Target, fd: number): Effect.Effect<boolean, DiskError> =>
  Effect.zipWith(fstat(target, fd), lstat(target), (held, named) =>
    Option.exists(named, (info) => info.identity === fileInfo(held).identity),
  )

/** The open file that holds the lock; none when someone else does. */
const attempt = (
  calls: NativeCalls,
  target: Target,
  flags: number,
): Effect.Effect<Option.Option<number>, DiskError> =>
  Effect.flatMap(open(target, flags), (fd) => {
    const giveBack = drop(target, fd)
    const errno = calls.flock(fd)
    if (errno === "EAGAIN") return Effect.as(giveBack, Option.none())
    if (errno === "EINTR") return Effect.zipRight(giveBack, attempt(calls, target, flags))
    if (errno !== null) return Effect.zipRight(giveBack, Effect.fail(refuse(target, errno)))
    return stillNamed(target, fd).pipe(
      Effect.tapError(() => giveBack),
      Effect.flatMap((named) =>
        named ? Effect.succeedSome(fd) : Effect.zipRight(giveBack, attempt(calls, target, flags)),
      ),
    )
  })

/** Polls until the lock is there or the time is up. */
const poll = (
  calls: NativeCalls,
  target: Target,
  patience: Duration.Duration,
  restore: WaitingLine.Restore,
) =>
  Effect.gen(function* () {
    const delays = yield* Schedule.driver(Schedule.upTo(pollDelays, patience))
    while (true) {
      const held = yield* attempt(calls, target, creating)
      if (Option.isSome(held)) return held
      const again = yield* Effect.option(restore(delays.next(undefined)))
      if (Option.isNone(again)) return Option.none<number>()
    }
  })

export const make = (calls: NativeCalls): Effect.Effect<FileLocks> =>
  Effect.map(WaitingLine.make, (line) => {
    /** Closing the file frees the lock. */
    const release = (target: Target, fd: number): Effect.Effect<void> =>
      Effect.zipRight(drop(target, fd), line.leave(target.path))

    /** For the scope when the lock was taken; the next in the line gets its turn when it wasn't. */
    const keep = <E>(target: Target, taking: Effect.Effect<Option.Option<number>, E>) =>
      taking.pipe(
        Effect.onError(() => line.leave(target.path)),
        Effect.tap(
          Option.match({
            onNone: () => line.leave(target.path),
            onSome: (fd) => Effect.addFinalizer(() => release(target, fd)),
          }),
        ),
        Effect.map(Option.isSome),
      )

    const lock = (target: Target, patience: Duration.Duration, restore: WaitingLine.Restore) =>
      Effect.gen(function* () {
        const started = yield* Clock.currentTimeMillis
        const waited = Effect.map(Clock.currentTimeMillis, (now) => now - started)
        const inTime = yield* line.enter(target.path, patience, restore)
        const left = Duration.subtract(patience, Duration.millis(yield* waited))
        if (inTime && (yield* keep(target, poll(calls, target, left, restore)))) return
        return yield* new LockTimeout({ path: target.path, waitedMillis: yield* waited })
      })

    const tryLock = (target: Target): Effect.Effect<boolean, DiskError, Scope.Scope> =>
      Effect.flatMap(line.enterNow(target.path), (free) =>
        free ? keep(target, attempt(calls, target, existing)) : Effect.succeed(false),
      ).pipe(
        Effect.catchAll((error) => (error.errno === "ENOENT" ? Effect.succeed(false) : Effect.fail(error))),
      )

    return {
      lock: (target, timeout) =>
        Effect.uninterruptibleMask((restore) => lock(target, Duration.decode(timeout), restore)),
      tryLock: (target) => Effect.uninterruptible(tryLock(target)),
    }
  })
