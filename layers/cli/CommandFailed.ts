import { Data } from "effect"

/** A command came to an end that isn't what was asked for; the message is for people, and says what to do. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly message: string
  /** Default: 1. */
  readonly exitCode?: number
}> {}

/** What was asked for doesn't make sense: exit code 2. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}
