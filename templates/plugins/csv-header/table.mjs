// Rows of tables: RFC 4180, with commas, semicolons or tabs.

const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf])

/** The byte order mark and the text after it. What isn't UTF-8 is fine, as long as it is ASCII in the head. */
export const startOf = (head) => {
  const [first, second] = head
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { problem: "is UTF-16 text; save it as UTF-8" }
  }
  const bom = head.subarray(0, 3).equals(utf8Mark) ? utf8Mark : Buffer.alloc(0)
  const text = head.subarray(bom.length).toString("utf8")
  return text.includes("\0") ? { problem: "is no text" } : { problem: null, bom, text }
}

const isLineEnd = (sign) => sign === "\n" || sign === "\r"

/** Reads the first row. Null when its quotes don't pair up, or when it goes on after the text. */
export const firstRecord = (text, delimiter) => {
  const cells = []
  let at = 0
  for (;;) {
    let cell = ""
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1) {
        if (at >= text.length) return null
        cell += text[at]
      }
      at += 1
      if (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) return null
    } else {
      while (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) cell += text[at++]
    }
    cells.push(cell)
    if (at >= text.length || isLineEnd(text[at])) return cells
    at += 1
  }
}

/** As the table has it. */
export const lineEndOf = (text) => /\r\n|\n|\r/.exec(text)?.[0] ?? "\n"

/** `.tsv` has tabs; `.csv` has commas, or semicolons where its first line has more of these. */
export const delimiterOf = (file, text) => {
  if (/\.tsv$/i.test(file)) return "\t"
  const [line] = text.replace(/"(?:[^"]|"")*"/g, "").split(/[\r\n]/, 1)
  return line.split(";").length > line.split(",").length ? ";" : ","
}

const quoted = (cell, delimiter) =>
  cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

export const encodeRecord = (cells, delimiter) => cells.map((cell) => quoted(cell, delimiter)).join(delimiter)

const value = /^(?:[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?\s*%?|nan|n\/?a|[+-]?inf(?:inity)?|true|false)$/i
const moment = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|^\d{1,2}:\d{2}/

/** A row of names: none empty, none twice, none a number, a date, a time or a truth value. */
export const looksLikeHeader = (cells) => {
  const names = cells.map((cell) => cell.trim())
  return (
    new Set(names).size === names.length &&
    names.every((name) => name !== "" && !value.test(name) && !moment.test(name))
  )
}
