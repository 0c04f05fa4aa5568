// Fills cells of workbooks. README.md says what the sheet that lists them looks like.
import { readFile, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { definePlugin } from "exlab-wizard/plugin"
import { fieldOf, readList } from "./list.mjs"
import { resolve, toCellValue } from "./values.mjs"
import { openWorkbook } from "./workbook.mjs"

/** Each wanted cell with its place in the workbook and what is known of its value. */
const plan = (workbook, list, ctx) => {
  const problems = [...list.problems]
  const cells = list.wanted.flatMap((wanted) => {
    const place = workbook.find(wanted.cell)
    const found = resolve(wanted, ctx)
    const value = found === null ? null : toCellValue(found, wanted.type)
    const problem = place.problem ?? value?.problem
    if (problem === undefined) return [{ wanted, place, value }]
    problems.push(`row ${wanted.row} (${wanted.cell}): ${problem}`)
    return []
  })
  const places = cells.map(({ place }) => place.address)
  for (const [index, { place, wanted }] of cells.entries()) {
    if (places.indexOf(place.address) < index) {
      problems.push(`row ${wanted.row} (${wanted.cell}): the cell ${place.address} is listed twice`)
    }
  }
  return { problems, cells }
}

export default definePlugin({
  validateVariables: ({ xlsx_sheet: sheet }) =>
    typeof sheet === "string" && sheet.trim() !== ""
      ? []
      : ["xlsx_sheet must be the name of the sheet that lists the cells to fill, for example metadata"],

  // Excel's own lock files, beside a workbook that is open.
  canHandle: (file) => !/^[.~]/.test(basename(file)),

  async transform(file, ctx) {
    const path = join(ctx.root, file)
    const workbook = await openWorkbook(await readFile(path))
    const sheet = ctx.variables.xlsx_sheet
    const rows = workbook.rows(sheet)
    if (rows === null) return { status: "skipped", detail: `has no sheet ${sheet}` }
    const { cells, problems } = plan(workbook, readList(rows), ctx)
    if (problems.length > 0) throw new Error(`sheet ${sheet}: ${problems.join("; ")}`)

    const open = cells.filter(({ value }) => value === null).map(({ wanted }) => wanted)
    if (open.some(({ required }) => required)) {
      ctx.requestInput(
        open.slice(0, 50).map(fieldOf),
        `${basename(file)}: some cells can't be filled without you`,
      )
    }
    const filled = cells.filter(({ value }) => value !== null)
    for (const { place, value, wanted } of filled) workbook.fill(place, value, wanted.type)
    if (filled.length === 0) return { status: "skipped", detail: "has nothing to fill" }
    await writeFile(path, workbook.save())
    return { status: "modified", detail: `filled ${filled.map(({ wanted }) => wanted.cell).join(", ")}` }
  },
})
