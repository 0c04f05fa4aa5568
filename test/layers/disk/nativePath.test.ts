import { expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { decodeName, encodePath } from "../../../layers/disk/nativePath.ts"

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc.fullUnicodeString({ maxLength: 4 }).map((text) => Buffer.from(text)),
)

/** Text, broken text and noise, mixed; no byte that a name can't hold. */
const nameBytes = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => Buffer.from(Buffer.concat(pieces).filter((byte) => byte !== 0)))

const bytesOf = (path: string): Buffer => {
  const encoded = encodePath(path)
  if ("errno" in encoded) return Buffer.from(encoded.errno)
  return Buffer.from(encoded.native)
}

it("every name that a file system can hold comes back byte for byte", () => {
  const holds = fc.property(nameBytes, (bytes) => {
    expect(bytesOf(decodeName(bytes))).toEqual(bytes)
  })
  fc.assert(holds, { numRuns: 1_000 })
})

it("a name that is text stays that text", () => {
  fc.assert(
    fc.property(fc.fullUnicodeString({ minLength: 1 }), (text) => {
      fc.pre(!text.includes("\0"))
      expect(decodeName(Buffer.from(text))).toBe(text)
      expect(encodePath(text)).toEqual({ native: text })
    }),
  )
})

it("bytes that look like a surrogate are not UTF-8 and survive", () => {
  const bytes = Buffer.from([0x61, 0xed, 0xb2, 0x80, 0xff, 0xc3, 0xa9])
  expect(decodeName(bytes)).toBe("a\udced\udcb2\udc80\udcffé")
  expect(bytesOf(decodeName(bytes))).toEqual(bytes)
})

it.each([
  ["a\0b", "EINVAL"],
  ["\ud800", "EILSEQ"],
  ["a\udc7f", "EILSEQ"],
  ["\udd00b", "EILSEQ"],
])("%j names no file", (path, errno) => {
  expect(encodePath(path)).toEqual({ errno })
})
