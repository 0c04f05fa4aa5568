/**
 * Names of files are bytes, and some aren't UTF-8. Such bytes stand in our strings as U+DC80–U+DCFF, as in Python's
 * `surrogateescape` (PEP 383): every name is a string that leads back to it.
 */
const escapeBase = 0xdc00

const strayUnit = /[\udc80-\udcff]/u

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The second byte of some sequences has less room than 80–BF: overlong forms, surrogates, beyond U+10FFFF. */
const secondByte: Readonly<Record<number, readonly [number, number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
}

const lengthOf = (lead: number): number => {
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

const isWithin = (byte: number | undefined, [from, to]: readonly [number, number]): boolean =>
  byte !== undefined && byte >= from && byte <= to

/** How many bytes make up the character that begins here; 0: none does. */
const sequenceAt = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] ?? 0x80
  const length = lengthOf(lead)
  for (let offset = 1; offset < length; offset += 1) {
    const room = (offset === 1 ? secondByte[lead] : undefined) ?? [0x80, 0xbf]
    if (!isWithin(bytes[at + offset], room)) return 0
  }
  return length
}

/** Any bytes as a string that leads back to them. */
export const textOfBytes = (bytes: Uint8Array): string => {
  const parts: Array<string> = []
  let begin = 0
  let at = 0
  const takeValid = () => {
    if (at > begin) parts.push(decoder.decode(bytes.subarray(begin, at)))
  }
  while (at < bytes.length) {
    const length = sequenceAt(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    takeValid()
    parts.push(String.fromCharCode(escapeBase + (bytes[at] ?? 0)))
    at += 1
    begin = at
  }
  takeValid()
  return parts.join("")
}

/** The bytes that a string stands for. Other halves of surrogate pairs stand for none, and become U+FFFD. */
export const bytesOfText = (text: string): Uint8Array => {
  if (!strayUnit.test(text)) return encoder.encode(text)
  // One character is at most three bytes for each of its units.
  const bytes = new Uint8Array(text.length * 3)
  let written = 0
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    if (strayUnit.test(part)) {
      bytes[written] = part.charCodeAt(0) - escapeBase
      written += 1
    } else written += encoder.encodeInto(part, bytes.subarray(written)).written
  }
  return bytes.slice(0, written)
}
