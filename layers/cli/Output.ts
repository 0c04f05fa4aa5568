import type { Writable } from "node:stream"
import { Context, Effect, Layer } from "effect"

/** Where a command speaks: results on standard output, everything else on standard error. */
export class Output extends Context.Tag("exlab-wizard/Output")<
  Output,
  {
    /** What the command was asked for. */
    readonly result: (text: string) => Effect.Effect<void>
    /** What a person may want to know meanwhile. */
    readonly note: (text: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.sync(Output, () => ({
    result: writeTo(process.stdout),
    note: writeTo(process.stderr),
  }))
}

/** A reader that has gone, as `head` does, is no failure of ours. */
const writeTo =
  (stream: Writable) =>
  (text: string): Effect.Effect<void> =>
    Effect.async((resume) => void stream.write(`${text}\n`, () => resume(Effect.void)))
