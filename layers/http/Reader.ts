import type { Socket } from "node:net"
import type { HttpServerRequest } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { Effect, Ref, Schedule } from "effect"

/** A reader who leaves more than this unread is cut off, and comes back with the last number that it has. */
const maxQueuedBytes = 1024 * 1024

const lookEvery = "5 seconds"
/** How often in a row nothing was taken of what waits, until the reader counts as gone: a minute. */
const maxIdleLooks = 12

interface Look {
  readonly taken: number
  readonly idle: number
}

const next = (before: Look, { bytesWritten, writableLength }: Socket): Look => {
  const taken = bytesWritten - writableLength
  return { taken, idle: writableLength > 0 && taken === before.taken ? before.idle + 1 : 0 }
}

/** Ends the connection of a reader who doesn't read. */
const watch = (socket: Socket): Effect.Effect<void> =>
  Effect.gen(function* () {
    const last = yield* Ref.make<Look>({ taken: 0, idle: 0 })
    const look = Effect.gen(function* () {
      const { idle } = yield* Ref.updateAndGet(last, (before) => next(before, socket))
      if (idle < maxIdleLooks && socket.writableLength <= maxQueuedBytes) return
      yield* Effect.logInfo("a reader who doesn't read was cut off")
      socket.destroy()
    })
    yield* Effect.repeat(look, { schedule: Schedule.spaced(lookEvery), until: () => socket.destroyed })
  })

/** Waits until the system has taken what was written, so that nothing queues up for a slow reader. */
const drained = (socket: Socket): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (!socket.writableNeedDrain) return resume(Effect.void)
    const done = () => resume(Effect.void)
    socket.once("drain", done).once("close", done)
    return Effect.sync(() => socket.off("drain", done).off("close", done))
  })

/** What a reader may send, in all: nothing of it is of interest, and one message could be of any size. */
const maxReceivedBytes = 1024 * 1024

/** Done when the connection is, which ends when its other side sends too much. */
const connectionEnd = (socket: Socket): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    const before = socket.bytesRead
    const look = () => {
      if (socket.bytesRead - before > maxReceivedBytes) socket.destroy()
    }
    const end = () => resume(Effect.void)
    socket.on("data", look).once("close", end)
    return Effect.sync(() => socket.off("data", look).off("close", end))
  })

/** Who is at the other end of a stream. */
export const readerOf = (request: HttpServerRequest.HttpServerRequest) => {
  const { socket } = NodeHttpServerRequest.toIncomingMessage(request)
  return { watch: watch(socket), drained: drained(socket), ended: connectionEnd(socket) }
}
