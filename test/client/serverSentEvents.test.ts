import { describe, expect, it } from "vitest"
import { Array, FastCheck } from "effect"
import { read, type ServerSentEvent, unread } from "../../src/client/serverSentEvents.ts"

const readAll = (texts: ReadonlyArray<string>): ReadonlyArray<ServerSentEvent> =>
  Array.flatten(Array.mapAccum(texts, unread, read)[1])

const line = FastCheck.string({ unit: "grapheme", maxLength: 12 }).map((text) =>
  text.replace(/[\r\n\uFEFF]/g, ""),
)
const end = FastCheck.constantFrom("\n", "\r\n", "\r")
const word = FastCheck.constantFrom("phase", "done", "input_required", "x")

const sent = FastCheck.record({
  event: word,
  data: FastCheck.array(line, { minLength: 1, maxLength: 3 }),
  end,
})

const textOf = ({ data, end: eol, event }: { event: string; data: ReadonlyArray<string>; end: string }) =>
  [`: a comment`, `event: ${event}`, ...data.map((value) => `data: ${value}`), "id: 7", "", ""].join(eol)

const cut = (text: string, places: ReadonlyArray<number>): ReadonlyArray<string> => {
  const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return at.slice(1).map((to, index) => text.slice(at[index], to))
}

describe("serverSentEvents", () => {
  it("what was sent is what is read, whatever the ends of lines, and wherever the text is cut", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(sent), FastCheck.array(FastCheck.nat()), (events, places) => {
        const expected = events.map(({ data, event }) => ({ event, data: data.join("\n") }))
        expect(readAll(cut(events.map(textOf).join(""), places))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it("any text at all reads the same in one piece and character by character", () => {
    const anything = FastCheck.string({
      unit: FastCheck.constantFrom("\r", "\n", ":", " ", "data", "event", "\uFEFF"),
    })
    FastCheck.assert(
      FastCheck.property(anything, (text) => {
        expect(readAll(text.split(""))).toEqual(readAll([text]))
      }),
      { numRuns: 500 },
    )
  })

  it.each<readonly [string, string, ReadonlyArray<ServerSentEvent>]>([
    [
      "what the blank line is missing of is no event",
      "data: a\n\ndata: b\n",
      [{ event: "message", data: "a" }],
    ],
    ["an event without data is none", "event: x\n\nid: 1\n\n", []],
    ["data without a colon is an empty line", "data\ndata\n\n", [{ event: "message", data: "\n" }]],
    [
      "one space belongs to the colon",
      "data:  a\n\ndata:b\n\n",
      [" a", "b"].map((data) => ({ event: "message", data })),
    ],
    ["a type is its own event's only", "event: x\n\ndata: a\n\n", [{ event: "message", data: "a" }]],
    [
      "a byte order mark is skipped, once",
      "\uFEFFdata: a\n\n\uFEFFdata: b\n\n",
      [{ event: "message", data: "a" }],
    ],
    ["unknown fields are skipped", "retry: 1\nnull: 2\ndata: a\n\n", [{ event: "message", data: "a" }]],
  ])("%s", (_, text, expected) => {
    expect(readAll([text])).toEqual(expected)
  })
})
