import { Effect, Either } from "effect"
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

/** What came of a call. */
export type Outcome<A> = Either.Either<A, DiskError>

/**
 * Who hears of it. An operation is a chain of callbacks, and one effect as a whole: an effect for each of
 * its calls would cost as much as the call.
 */
export type Done<A> = (outcome: Outcome<A>) => void

export const nothing: Outcome<void> = Either.right(undefined)

export const refuse = ({ op, path }: Operation, errno: string): DiskError =>
  new DiskError({ path, op, errno })

export const refused = (operation: Operation, errno: string): Outcome<never> =>
  Either.left(refuse(operation, errno))

const failed = (operation: Operation, error: unknown): DiskError =>
  refuse(
    operation,
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO",
  )

/** Takes the answer of one call of Node's callback interface that has a result. */
export const answer =
  <A>(operation: Operation, done: Done<A>) =>
  (error: Failure, value: A): void =>
    done(error === null ? Either.right(value) : Either.left(failed(operation, error)))

/** The same of a call without a result. */
export const finish =
  (operation: Operation, done: Done<void>) =>
  (error: Failure): void =>
    done(error === null ? nothing : Either.left(failed(operation, error)))

/** What is made of a result on its way. */
export const through =
  <A, B>(done: Done<B>, f: (value: A) => B): Done<A> =>
  (outcome) =>
    done(Either.map(outcome, f))

/** Goes on with a result; a failure is told at once. */
export const onward =
  <A, B>(done: Done<B>, next: (value: A) => void): Done<A> =>
  (outcome) =>
    Either.isRight(outcome) ? next(outcome.right) : done(Either.left(outcome.left))

/** Nothing had to be done when the failure is one of these. */
export const tolerating =
  (errnos: ReadonlySet<string>, done: Done<void>): Done<void> =>
  (outcome) =>
    done(Either.isLeft(outcome) && errnos.has(outcome.left.errno) ? nothing : outcome)

/** A call that never waits for a device, made directly: a trip to the thread pool costs twenty times as much. */
export const immediate = <A>(operation: Operation, call: () => A): Outcome<A> =>
  Either.try({ try: call, catch: (error) => failed(operation, error) })

/** Runs an operation of the port, made of effects, on a path that system calls take. */
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

const aimCalls = <A>(op: string, path: string, done: Done<A>, start: (target: Target) => void): void => {
  const encoded = encodePath(path)
  if ("errno" in encoded) done(refused({ op, path }, encoded.errno))
  else start({ op, path, native: encoded.native })
}

/** An operation of the port, made of calls. An interruption waits until it is over. */
export const operate = <A>(
  op: string,
  path: string,
  start: (target: Target, done: Done<A>) => void,
): Effect.Effect<A, DiskError> =>
  Effect.uninterruptible(
    Effect.async((resume) => aimCalls(op, path, resume, (target) => start(target, resume))),
  )

/** The same on two paths. */
export const operateOnBoth = <A>(
  op: string,
  from: string,
  to: string,
  start: (from: Target, to: Target, done: Done<A>) => void,
): Effect.Effect<A, DiskError> =>
  operate<A>(op, from, (source, done) => aimCalls(op, to, done, (target) => start(source, target, done)))

/** The same on several paths side by side: what came of each, or the first failure when all are over. */
export const operateOnEach = <A>(
  op: string,
  paths: ReadonlyArray<string>,
  start: (target: Target, done: Done<A>) => void,
): Effect.Effect<ReadonlyArray<A>, DiskError> =>
  Effect.uninterruptible(
    Effect.async((resume) => {
      const outcomes: Array<Outcome<A>> = []
      let left = paths.length
      const end = (): void => resume(Either.all(outcomes))
      if (left === 0) return end()
      for (const [index, path] of paths.entries()) {
        const done: Done<A> = (outcome) => {
          outcomes[index] = outcome
          left -= 1
          if (left === 0) end()
        }
        aimCalls(op, path, done, (target) => start(target, done))
      }
    }),
  )
