import type { Socket } from "node:net"
import type { HttpServerRequest } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"

/** A reader who leaves more than this unread is cut off, and comes back with the last number that it has. */
const maxQueuedBytes = 1024 * 1024

/** How often in a row nothing was taken of what waits, until the reader counts as gone. */
const maxIdleLooks = 12

/** What a reader has taken so far, and how many looks ago that was otherwise. */
export interface Look {
  readonly taken: number
  readonly idle: number
}

export const unseen: Look = { taken: 0, idle: 0 }

const drained = (socket: Socket): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (!socket.writableNeedDrain) return resume(Effect.void)
    const leave = () => socket.off("drain", done).off("close", done)
    const done = () => {
      leave()
      resume(Effect.void)
    }
    socket.on("drain", done).on("close", done)
    return Effect.sync(leave)
  })

/** What a reader may send, in all: nothing of it is of interest, and one message could be of any size. */
const maxReceivedBytes = 1024 * 1024

const connectionEnd = (socket: Socket): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    const end = () => resume(Effect.void)
    socket.once("close", end)
    return Effect.sync(() => socket.off("close", end))
  })

/** Not before somebody else listens: what was sent with the upgrade would come to nobody but us. */
const limitReceived = (socket: Socket): Effect.Effect<void> =>
  Effect.sync(() => {
    const before = socket.bytesRead
    socket.on("data", () => {
      if (socket.bytesRead - before > maxReceivedBytes) socket.destroy()
    })
  })

/** Who is at the other end of a stream. */
export interface Reader {
  readonly socket: Socket
  readonly cutOff: () => void
  /** Waits until the system has taken what was written, so that nothing queues up for a slow reader. */
  readonly drained: Effect.Effect<void>
  /** Ends the connection when its other side sends too much from now on. */
  readonly limitReceived: Effect.Effect<void>
  /** Done when the connection is. */
  readonly ended: Effect.Effect<void>
}

export const readerOf = (request: HttpServerRequest.HttpServerRequest): Reader => {
  const { socket } = NodeHttpServerRequest.toIncomingMessage(request)
  return {
    socket,
    cutOff: () => void socket.destroy(),
    drained: drained(socket),
    limitReceived: limitReceived(socket),
    ended: connectionEnd(socket),
  }
}

export const look = (before: Look, { socket }: Reader): Look => {
  const { bytesWritten, writableLength } = socket
  const taken = bytesWritten - writableLength
  return { taken, idle: writableLength > 0 && taken === before.taken ? before.idle + 1 : 0 }
}

/** Whether nobody reads any more, or far too slowly. */
export const isGone = ({ idle }: Look, { socket }: Reader): boolean =>
  !socket.destroyed && (idle >= maxIdleLooks || socket.writableLength > maxQueuedBytes)
