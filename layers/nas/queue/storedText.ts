import { Schema } from "effect"

/**
 * SQLite's text is UTF-8 and can't hold the lone surrogates that stand for stray bytes in file names: they are
 * written as `\udc80`, and a backslash as two.
 */
const escaped = /\\(?:\\|u([0-9a-f]{4}))/g
const inNeed = /[\\\p{Surrogate}]/gu

const escape = (char: string): string => (char === "\\" ? "\\\\" : `\\u${char.charCodeAt(0).toString(16)}`)

/** Any string as text of SQLite's. */
export const StoredText = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) =>
    text.replaceAll(escaped, (_, unit: string | undefined) =>
      unit === undefined ? "\\" : String.fromCharCode(Number.parseInt(unit, 16)),
    ),
  encode: (text) => text.replaceAll(inNeed, escape),
})
