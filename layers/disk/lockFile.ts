import { Effect, ExecutionStrategy, Exit, Scope } from "effect"
import type { Duration } from "effect"
import type { DiskError, LockTimeout } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { removeAtLast } from "./atomic.ts"

/**
 * Holds the lock on a file of one's own until the scope closes; then the file goes, if it may. In a scope of its own,
 * so that a try that fails leaves no lock behind for which a second one would wait. Not to be interrupted.
 */
export const holdLockFile = (
  path: string,
  patience: Duration.DurationInput,
  mayGo: Effect.Effect<boolean> = Effect.succeed(true),
): Effect.Effect<void, DiskError | LockTimeout, Disk | Scope.Scope> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const own = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    const remove = removeAtLast(disk.removeFile(path))
    yield* disk.lock(path, patience).pipe(
      Scope.extend(own),
      Effect.onError((cause) => Effect.zipRight(remove, Scope.close(own, Exit.failCause(cause)))),
    )
    yield* Scope.addFinalizer(own, Effect.if(mayGo, { onTrue: () => remove, onFalse: () => Effect.void }))
  })
