import type { Headers } from "@effect/platform"
import { Effect } from "effect"
import { RequestRefused } from "./RequestRefused.ts"

const key = /^[A-Za-z0-9+/]{22}==$/

const problemOf = (headers: Headers.Headers): string | null => {
  if (headers["sec-websocket-version"] !== "13") return "the version of WebSocket must be 13"
  if (!key.test(headers["sec-websocket-key"] ?? "")) return "Sec-WebSocket-Key must be 16 bytes in base64"
  return headers["sec-websocket-protocol"] === undefined ? null : "no subprotocol is spoken here"
}

/** Refuses what the library would give up without a word: whoever waits for it would wait for ever. */
export const checkHandshake = (headers: Headers.Headers): Effect.Effect<void, RequestRefused> => {
  const message = problemOf(headers)
  return message === null ? Effect.void : new RequestRefused({ code: "malformed_request", message })
}
