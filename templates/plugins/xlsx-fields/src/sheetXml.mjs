// Puts cells into the XML of a sheet, and leaves every other byte of it alone. A sheet's XML is written by
// programs: rows and cells stand in order, each with its address.

const rowPattern = /<row\b[^>]*?(?:\/>|>[\s\S]*?<\/row>)/g
const cellPattern = /<c\b[^>]*?(?:\/>|>[\s\S]*?<\/c>)/g

const addressOf = (xml) => /^<(?:c|row)\b[^>]*?\sr="([A-Z]*)(\d*)"/.exec(xml)?.slice(1) ?? ["", ""]

const columnNumber = (letters) =>
  [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)

/** The number of a cell's style; null when it has none. */
const styleOf = (xml) => /^<c\b[^>]*?\ss="(\d+)"/.exec(xml)?.[1] ?? null

const escaped = (text) =>
  text
    .replace(/_x(?=[0-9A-Fa-f]{4}_)/g, "_x005F_x")
    .replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign])
    .replaceAll("\r", "&#13;")

/** A cell with its own text: the table of texts, which all sheets share, stays as it is. */
const cellXml = (address, style, value) => {
  const start = `<c r="${address}"${style === null ? "" : ` s="${style}"`}`
  if (typeof value === "number") return `${start}><v>${value}</v></c>`
  if (typeof value === "boolean") return `${start} t="b"><v>${value ? 1 : 0}</v></c>`
  return `${start} t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`
}

/** Puts `piece` in the place of the element with the same order, or before the first one of a greater one. */
const place = (text, pattern, order, piece) => {
  for (const { 0: xml, index } of text.matchAll(pattern)) {
    const found = order(xml)
    if (found < 0) continue
    const end = found === 0 ? index + xml.length : index
    return `${text.slice(0, index)}${piece(found === 0 ? xml : null)}${text.slice(end)}`
  }
  return `${text}${piece(null)}`
}

/** `<row …/>` and `<row …>…</row>` as what opens it, what is in it, and what closes it. */
const opened = (xml, name) => {
  const [tag] = /^<[^>]*>/.exec(xml)
  return tag.endsWith("/>")
    ? [`${tag.slice(0, -2)}>`, "", `</${name}>`]
    : [tag, xml.slice(tag.length, -name.length - 3), `</${name}>`]
}

const intoRow = (row, { address, value }, styleFor) => {
  const [letters] = /^[A-Z]+/.exec(address)
  const [start, cells, end] = opened(row, "row")
  const order = (cell) => columnNumber(addressOf(cell)[0]) - columnNumber(letters)
  const inside = place(cells, cellPattern, order, (old) =>
    cellXml(address, styleFor(old === null ? null : styleOf(old)), value),
  )
  // The columns that a row spans are a hint, and may be others now.
  return `${start.replace(/\sspans="[^"]*"/, "")}${inside}${end}`
}

/** The sheet with one cell put in. `styleFor` makes its style of the one that the cell has; null is none. */
export const withCell = (sheet, cell, styleFor) => {
  const number = Number(/\d+$/.exec(cell.address)[0])
  const [data] = /<sheetData\s*\/>|<sheetData\b[^>]*>[\s\S]*<\/sheetData>/.exec(sheet)
  const [start, rows, end] = opened(data, "sheetData")
  const order = (row) => Number(addressOf(row)[1]) - number
  const inside = place(rows, rowPattern, order, (old) =>
    intoRow(old ?? `<row r="${number}"/>`, cell, styleFor),
  )
  return sheet.replace(data, () => `${start}${inside}${end}`)
}
