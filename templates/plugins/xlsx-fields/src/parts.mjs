// A workbook is a zip of parts. Libraries write many of them anew and leave out what they don't keep, such as the
// results of formulas. Here only the cells that are filled change.
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate"
import { withCell } from "./sheetXml.mjs"
import { dateStyles } from "./styles.mjs"

const workbookPart = "xl/workbook.xml"
const relationsPart = "xl/_rels/workbook.xml.rels"
const stylesPart = "xl/styles.xml"

const attribute = (tag, name) =>
  new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)?.slice(1).join("")

/** The parts of the sheets, in the workbook's order. */
const sheetParts = (parts) => {
  const relations = new Map(
    [...strFromU8(parts[relationsPart]).matchAll(/<Relationship\s[^>]*>/g)].map(([tag]) => [
      attribute(tag, "Id"),
      attribute(tag, "Target"),
    ]),
  )
  return [...strFromU8(parts[workbookPart]).matchAll(/<sheet\s[^>]*>/g)].map(([tag]) => {
    const target = relations.get(attribute(tag, "r:id"))
    return target.startsWith("/") ? target.slice(1) : `xl/${target}`
  })
}

/** Lets spreadsheet programs work out all formulas when they open it: what they depend on was filled in. */
const recalculated = (xml) => {
  const [tag] = /<calcPr\b[^>]*>/.exec(xml) ?? []
  if (tag === undefined) {
    // Its place among the workbook's elements is fixed: after the names.
    const after = /<\/definedNames>|<definedNames\s*\/>|<\/sheets>/g
    const place = [...xml.matchAll(after)].at(-1)
    const at = place.index + place[0].length
    return `${xml.slice(0, at)}<calcPr fullCalcOnLoad="1"/>${xml.slice(at)}`
  }
  const without = tag.replace(/\sfullCalcOnLoad\s*=\s*(?:"[^"]*"|'[^']*')/, "")
  return xml.replace(tag, without.replace("<calcPr", '<calcPr fullCalcOnLoad="1"'))
}

export const usesDatesOf1904 = (parts) => {
  const [tag = ""] = /<workbookPr\b[^>]*>/.exec(strFromU8(parts[workbookPart])) ?? []
  return /^(?:1|true)$/.test(attribute(tag, "date1904") ?? "")
}

/** The same time for all: who fills in the same gets the same file. */
const mtime = new Date("1980-01-01T00:00:00")

const nth = (index) => `xl/worksheets/sheet${index + 1}.xml`

const nothing = strToU8(
  '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>',
)

/** For the library, which takes the parts of sheets by their number: it sees none that is no table. */
export const numbered = (parts) => {
  const others = Object.entries(parts).filter(([name]) => !name.startsWith("xl/worksheets/"))
  const sheets = sheetParts(parts).map((name, index) => [
    nth(index),
    name.startsWith("xl/worksheets/") ? parts[name] : nothing,
  ])
  return zipSync(Object.fromEntries([...others, ...sheets]), { mtime, level: 0 })
}

export const readParts = (bytes) => {
  const parts = unzipSync(bytes)
  if (sheetParts(parts).length === 0) throw new Error("there is no sheet in it")
  return parts
}

/** The workbook as it was, with these cells. */
export const withCells = (before, cells) => {
  const names = sheetParts(before)
  const sheets = new Map()
  const styles = dateStyles(strFromU8(before[stylesPart] ?? nothing))
  for (const { isRestyled, sheet, ...cell } of cells) {
    const xml = sheets.get(names[sheet]) ?? strFromU8(before[names[sheet]])
    sheets.set(names[sheet], withCell(xml, cell, isRestyled ? styles.of : (style) => style))
  }
  const parts = {
    ...before,
    [workbookPart]: strToU8(recalculated(strFromU8(before[workbookPart]))),
    ...(styles.isUsed() ? { [stylesPart]: strToU8(styles.xml()) } : {}),
    ...Object.fromEntries([...sheets].map(([name, xml]) => [name, strToU8(xml)])),
  }
  return zipSync(parts, { mtime })
}
