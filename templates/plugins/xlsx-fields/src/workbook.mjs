// A workbook as a library sees it: names, cells and styles.
import { Cell, FormulaError, Range, RichText, Workbook } from "@xlsx/xlsx-populate"
import { numbered, readParts, usesDatesOf1904, withCells } from "./parts.mjs"

const daysBetween1900And1904 = 1462

const plain = (value) => {
  if (value instanceof RichText) return value.text()
  return value instanceof FormulaError ? undefined : value
}

/** The one cell that a name stands for: a merged range is one, too. */
const cellOf = (named) => {
  if (named instanceof Cell) return named
  return named instanceof Range && named.merged() ? named.startCell() : null
}

/** `Sheet!B3`, or `'My sheet'!B3` */
const byAddress = (workbook, text) => {
  const found = /^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/i.exec(text)
  if (found === null) return undefined
  const [, quoted, bare, column, row] = found
  return workbook.sheet(quoted?.replaceAll("''", "'") ?? bare)?.cell(`${column.toUpperCase()}${row}`)
}

const open = async (bytes) => {
  try {
    const parts = readParts(bytes)
    return { parts, workbook: await Workbook.fromData(Buffer.from(numbered(parts))) }
  } catch (error) {
    throw new Error("can't be read as a workbook; is it whole, and without a password?", { cause: error })
  }
}

export const openWorkbook = async (bytes) => {
  const { parts, workbook } = await open(bytes)
  const filled = []
  return {
    /** The values of a sheet from its first cell on; null when there is no such sheet. */
    rows(name) {
      const sheet = workbook.sheet(name)
      if (sheet === undefined) return null
      const end = sheet.usedRange()?.endCell()
      if (end === undefined) return []
      return sheet
        .range(1, 1, end.rowNumber(), end.columnNumber())
        .value()
        .map((row) => row.map(plain))
    },

    /** Where a name or an address leads to. */
    find(text) {
      const named = workbook.definedName(text) ?? byAddress(workbook, text)
      if (named === undefined || named === null) return { problem: "there is no cell of this name" }
      const cell = cellOf(named)
      if (cell === null) return { problem: "is no single cell" }
      const address = `${cell.sheet().name()}!${cell.address()}`
      return cell.formula() === undefined ? { cell, address } : { problem: `${address} has a formula` }
    },

    /** Puts a value in, as it is: text that looks like a formula stays text. */
    fill({ cell }, { value }, type) {
      const isDate = type === "date"
      filled.push({
        sheet: workbook.sheets().indexOf(cell.sheet()),
        address: cell.address(),
        value: isDate && usesDatesOf1904(parts) ? value - daysBetween1900And1904 : value,
        isRestyled: isDate && cell.style().numberFormat() === "General",
      })
    },

    save: () => withCells(parts, filled),
  }
}
