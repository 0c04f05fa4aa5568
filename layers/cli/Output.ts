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
    /** How far something is: at a terminal the line that follows takes its place. */
    readonly progress: (text: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.sync(Output, () => {
    const isLive = process.stderr.isTTY === true
    // A reader that has gone, as `head` does, is no failure of ours.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
    const fresh = isLive ? "\r\u001B[K" : ""
    return {
      result: (text) => write(process.stdout, `${text}\n`),
      note: (text) => write(process.stderr, `${fresh}${text}\n`),
      progress: (text) => write(process.stderr, isLive ? `${fresh}${text}` : `${text}\n`),
    }
  })
}

const write = (stream: Writable, text: string): Effect.Effect<void> =>
  Effect.async((resume) => void stream.write(text, () => resume(Effect.void)))
