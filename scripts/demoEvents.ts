import type { SessionEvent } from "../src/domain/SessionEvent.ts"

/** What the demo says of an event. */
export const describe = (event: SessionEvent): string | null => {
  switch (event.kind) {
    case "phase":
      return `  ${event.phase}`
    case "progress":
      return `    ${event.current}/${event.total} ${event.detail ?? ""}`
    case "warning":
      return `  ! ${event.message}`
    case "input_required":
      return `  ? ${event.plugin} asks: ${event.reason}`
    case "done":
      return `  done: ${event.result.path}`
    case "failed":
      return `  failed: ${event.error.message}`
    default:
      return `  ${event.kind}`
  }
}
