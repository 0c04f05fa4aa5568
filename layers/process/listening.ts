import type { Readable } from "node:stream"
import { Effect, Option } from "effect"
import { makeLineSplitter } from "./lines.ts"

/** The most that is listened to, in all. */
const maxLines = 100_000
const maxBytes = 64 * 1024 * 1024

/** How long a pipe is listened to that stays open when nobody who is known to hold it lives. */
const silence = "1 second"

/** What a process says that says too much. */
export type Excess = "LineTooLong" | "TooMuchOutput"

/**
 * Does something with every chunk of a pipe, and reads the next one when that is done. Ends where the pipe
 * does, or with the first result. Once `over` has come, whoever still holds the pipe has a moment to write.
 */
export const readAll = <A>(
  source: Readable,
  over: Effect.Effect<void>,
  each: (chunk: Buffer) => Effect.Effect<Option.Option<A>>,
): Effect.Effect<Option.Option<A>> =>
  Effect.gen(function* () {
    const chunks: AsyncIterator<Buffer, undefined> = source[Symbol.asyncIterator]()
    const next = Effect.tryPromise(() => chunks.next()).pipe(
      Effect.option,
      Effect.map(Option.flatMap(({ value }) => Option.fromNullable(value))),
    )
    const nothingMore = Effect.as(Effect.delay(over, silence), Option.none<Buffer>())
    while (true) {
      const chunk = yield* Effect.raceFirst(next, nothingMore)
      if (Option.isNone(chunk)) return Option.none()
      const result = yield* each(chunk.value)
      if (Option.isSome(result)) return result
    }
  })

/** Hears standard output line by line. Some: there was too much of it. */
export const listen = (
  source: Readable,
  over: Effect.Effect<void>,
  onLine: (line: string) => Effect.Effect<void>,
): Effect.Effect<Option.Option<Excess>> =>
  Effect.gen(function* () {
    const splitter = makeLineSplitter()
    let heard = { bytes: 0, lines: 0 }
    const hear = (chunk: Buffer): Effect.Effect<Option.Option<Excess>> => {
      const lines = splitter.push(chunk)
      if (lines === null) return Effect.succeedSome("LineTooLong")
      heard = { bytes: heard.bytes + chunk.length, lines: heard.lines + lines.length }
      if (heard.bytes > maxBytes || heard.lines > maxLines) return Effect.succeedSome("TooMuchOutput")
      return Effect.as(Effect.forEach(lines, onLine, { discard: true }), Option.none())
    }
    const excess = yield* readAll(source, over, hear)
    const rest = splitter.rest()
    if (Option.isNone(excess) && rest !== null) yield* onLine(rest)
    return excess
  })
