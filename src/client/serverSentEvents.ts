/** One dispatched event. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export interface ServerSentEvent {
  /** The type; `message` when none was sent. */
  readonly event: string
  readonly data: string
}

/** What is read, and not yet a whole event. */
export interface Reading {
  /** Nothing was read yet: a byte order mark may come. */
  readonly atStart: boolean
  /** The last text ended with a CR, of which an LF may be the other half. */
  readonly afterReturn: boolean
  /** The beginning of a line. */
  readonly line: string
  readonly event: string
  readonly data: ReadonlyArray<string>
}

export const unread: Reading = { atStart: true, afterReturn: false, line: "", event: "", data: [] }

const fieldOf = (line: string): readonly [name: string, value: string] => {
  const colon = line.indexOf(":")
  return colon === -1 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")]
}

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text

/** Reads on: the events that this text completes. What isn't complete when a stream ends is no event. */
export const read = (reading: Reading, text: string): readonly [Reading, ReadonlyArray<ServerSentEvent>] => {
  if (text === "") return [reading, []]
  const unmarked = reading.atStart ? withoutPrefix(text, "\uFEFF") : text
  const fresh = reading.afterReturn ? withoutPrefix(unmarked, "\n") : unmarked
  const [first = "", ...rest] = fresh.split(/\r\n|\r|\n/)
  const lines = [reading.line + first, ...rest]
  const line = lines.pop() ?? ""
  const events: Array<ServerSentEvent> = []
  let { event } = reading
  let data = [...reading.data]
  for (const whole of lines) {
    const [name, value] = fieldOf(whole)
    if (name === "data") data.push(value)
    else if (name === "event") event = value
    else if (whole === "") {
      if (data.length > 0) events.push({ event: event === "" ? "message" : event, data: data.join("\n") })
      event = ""
      data = []
    }
  }
  return [{ atStart: false, afterReturn: text.endsWith("\r"), line, event, data }, events]
}
