import { expect, it } from "@effect/vitest"
import { describe } from "vitest"
import * as fc from "effect/FastCheck"
import { makeLineSplitter, maxLineBytes } from "../../../layers/process/lines.ts"

/** Cuts bytes where it is told to. */
const chunksOf = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const chunks: Array<Buffer> = []
  let at = 0
  for (let n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

const linesOf = (chunks: ReadonlyArray<Buffer>) => {
  const splitter = makeLineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(chunk) ?? ["too long"])
  const rest = splitter.rest()
  return rest === null ? lines : [...lines, rest]
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

describe("lines", () => {
  it("any text, cut anywhere, is split where its line feeds are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 12 })), sizes, (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll("\n", ""))
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""))
        expect(linesOf(chunksOf(bytes, cuts))).toEqual(lines)
      }),
    )
  })

  it("what is left at the end is a line when there is something", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", minLength: 1 }), sizes, (text, cuts) => {
        const rest = text.replaceAll("\n", "x")
        expect(linesOf(chunksOf(Buffer.from(`a\n${rest}`), cuts))).toEqual(["a", rest])
      }),
    )
    expect(linesOf([])).toEqual([])
  })

  it("a line that isn't UTF-8 can't be taken for JSON, its neighbours can", () => {
    const broken = Buffer.concat([Buffer.from('{}\n"'), Buffer.of(0xff, 0xc3), Buffer.from('"\n{}\n')])
    for (const cuts of [[1], [5], [100]]) {
      const [before, line = "", after] = linesOf(chunksOf(broken, cuts))
      expect([before, after]).toEqual(["{}", "{}"])
      expect(line.startsWith("\uFFFD")).toBe(true)
      expect(() => JSON.parse(line) as unknown).toThrow("JSON")
    }
  })

  it("a line may have as many bytes as the limit says, and none more, however it comes", () => {
    const full = Buffer.alloc(maxLineBytes, "x")
    const feed = Buffer.from("\n")
    for (const chunks of [[full, feed], [Buffer.concat([full, feed])], [...chunksOf(full, [65_536]), feed]]) {
      expect(linesOf(chunks).map((line) => line.length)).toEqual([maxLineBytes])
    }
    const over = Buffer.from("x")
    for (const chunks of [[full, over], [Buffer.concat([full, over, feed])], [over, full]]) {
      const splitter = makeLineSplitter()
      expect(chunks.map((chunk) => splitter.push(chunk)).at(-1)).toBe(null)
    }
  })
})
