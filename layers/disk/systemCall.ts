import { Effect } from "effect"
import { DiskError } from "../../src/domain/Errors.ts"
import { encodePath } from "./nativePath.ts"

type Failure = NodeJS.ErrnoException | null

/** The operation of the port that a system call serves, for its error. */
export interface Operation {
  readonly op: string
  readonly path: string
}

/** A path that system calls take, with the operation that it is for. */
export interface Target extends Operation {
  readonly native: string | Buffer
}

export const refuse = ({ op, path }: Operation, errno: string): DiskError =>
  new DiskError({ path, op, errno })

export const failed = (operation: Operation, error: unknown): DiskError =>
  refuse(
    operation,
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO",
  )

/** One call of Node's callback interface with a result. */
export const query = <A>(
  operation: Operation,
  start: (done: (error: Failure, value: A) => void) => void,
): Effect.Effect<A, DiskError> =>
  Effect.async((resume) =>
    start((error, value) => {
      resume(error === null ? Effect.succeed(value) : Effect.fail(failed(operation, error)))
    }),
  )

/** One call without a result. */
export const perform = (
  operation: Operation,
  start: (done: (error: Failure) => void) => void,
): Effect.Effect<void, DiskError> =>
  Effect.async((resume) =>
    start((error) => {
      resume(error === null ? Effect.void : Effect.fail(failed(operation, error)))
    }),
  )

/** A call that never waits for a device, made directly: a trip to the thread pool costs twenty times as much. */
export const immediate = <A>(operation: Operation, call: () => A): Effect.Effect<A, DiskError> =>
  Effect.try({ try: call, catch: (error) => failed(operation, error) })

/** Runs an operation of the port on a path that system calls take. */
export const aim = <A, E, R>(
  op: string,
  path: string,
  run: (target: Target) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | DiskError, R> =>
  Effect.suspend((): Effect.Effect<A, E | DiskError, R> => {
    const encoded = encodePath(path)
    return "errno" in encoded
      ? Effect.fail(refuse({ op, path }, encoded.errno))
      : run({ op, path, native: encoded.native })
  })

/** The same as a whole: an interruption waits until it is over. */
export const operate = <A, E, R>(
  op: string,
  path: string,
  run: (target: Target) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | DiskError, R> => Effect.uninterruptible(aim(op, path, run))

/** Nothing had to be done when the failure is one of these. */
export const tolerating =
  (...errnos: ReadonlyArray<string>) =>
  (self: Effect.Effect<void, DiskError>): Effect.Effect<void, DiskError> =>
    Effect.catchAll(self, (error) => (errnos.includes(error.errno) ? Effect.void : Effect.fail(error)))
