import type { Writable } from "node:stream"
import { stripVTControlCharacters } from "node:util"
import { Context, Effect, Layer } from "effect"
import { isPlain } from "./colours.ts"

/** Where a command speaks: results on standard output, everything else on standard error. */
export class Output extends Context.Tag("exlab-wizard/Output")<
  Output,
  {
    /** What the command was asked for. */
    readonly result: (text: string) => Effect.Effect<void>
    /** A page of help, with the codes that draw it where they are wanted. */
    readonly page: (text: string) => Effect.Effect<void>
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
    let isDrawn = false
    /** How far something is doesn't stay in front of what it came to. */
    const clear = Effect.suspend(() => {
      if (!isDrawn) return Effect.void
      isDrawn = false
      return write(process.stderr, fresh)
    })
    const draw = (text: string) => `${fresh}${text.slice(0, (process.stderr.columns || 80) - 1)}`
    return {
      result: (text) => Effect.zipRight(clear, write(process.stdout, `${printable(text)}\n`, notWritten)),
      page: (text) =>
        write(process.stdout, `${isPlain() ? stripVTControlCharacters(text) : text}\n`, notWritten),
      note: (text) =>
        Effect.suspend(() => {
          isDrawn = false
          return write(process.stderr, `${fresh}${printable(text)}\n`)
        }),
      progress: (text) =>
        Effect.suspend(() => {
          isDrawn = isLive
          return write(process.stderr, isLive ? draw(printable(text)) : `${printable(text)}\n`)
        }),
    }
  })
}

/** Labels, reasons and the like are other people's words: they don't get to steer the terminal. */
const printable = (text: string): string => text.replace(/(?![\n\t])\p{Cc}/gu, "\uFFFD")

/** Whoever relies on a result must not be told that all went well when it got lost. */
const notWritten = ({ code = "" }: NodeJS.ErrnoException): void => {
  if (code === "EPIPE") return
  process.exitCode = 1
  process.stderr.write(`the result could not be written to standard output: ${code}\n`)
}

const write = (
  stream: Writable,
  text: string,
  onError: (error: NodeJS.ErrnoException) => void = () => undefined,
): Effect.Effect<void> =>
  Effect.async(
    (resume) =>
      void stream.write(text, (error) => {
        if (error !== null && error !== undefined) onError(error)
        resume(Effect.void)
      }),
  )
