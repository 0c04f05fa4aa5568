import { Effect } from "effect"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { Output } from "./Output.ts"

/** Says how a session goes. How it ends is for the caller to say. */
export const tell = (event: SessionEvent) =>
  Effect.flatMap(Output, ({ note, progress }) => {
    switch (event.kind) {
      case "phase":
        return note(event.phase)
      case "progress":
        return progress(`  ${event.current}/${event.total} ${event.detail ?? ""}`)
      case "warning":
        return note(`! ${event.message}`)
      case "input_required":
        return note(`${event.plugin} asks: ${event.reason}`)
      default:
        return Effect.void
    }
  })
