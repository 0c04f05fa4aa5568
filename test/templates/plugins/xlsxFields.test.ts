import { describe, expect, it } from "vitest"
import type { Json } from "../../../layers/plugins/worker/PluginDefinition.ts"
import { runOn } from "./support.ts"
import { cellXml, headings, partsOf, type Parts, unzipped, zipped } from "./workbook.ts"

const variables = { xlsx_sheet: "metadata", operator: "asmith", run_date: "2026-04-17T14:32:00Z", gain: 1.5 }

interface More {
  readonly extraInputs?: { readonly [id: string]: Json }
  readonly variables?: { readonly [name: string]: Json }
  readonly change?: (parts: Parts) => Parts
}

/** Runs the plugin's sources on a workbook with this list, row by row as it would be typed. */
const fill = async (rows: ReadonlyArray<string>, { change = (parts) => parts, ...more }: More = {}) => {
  const before = change(partsOf([headings, ...rows.map((row) => row.split("|").map((cell) => cell.trim()))]))
  const files = { "layout/plate.xlsx": zipped(before) }
  const options = { files, ...more, variables: { ...variables, ...more.variables } }
  const run = await runOn("xlsx-fields", options, "src/plugin.mjs")
  const after = unzipped(run.files["layout/plate.xlsx"])
  const text = (address: string) =>
    cellXml(after["xl/worksheets/sheet9.xml"], address)?.replace(/<[^>]*>/g, "")
  const cell = (address: string) => cellXml(after["xl/worksheets/sheet9.xml"], address)
  return { run, before, after, text, cell }
}

describe("xlsx-fields", () => {
  it("fills texts, numbers and dates from variables, in the styles that the cells have", async () => {
    const { cell, run, text } = await fill([
      "barcode | {operator}-7",
      "day | run_date | | date",
      "gain | gain",
    ])
    expect(run).toMatchObject({ outcome: "success", reports: [{ detail: "filled barcode, day, gain" }] })
    expect(text("B2")).toBe("asmith-7")
    expect(cell("B2")).toContain('s="1"')
    expect(cell("B3")).toBe('<c r="B3" s="2"><v>46129</v></c>')
    expect(cell("B4")).toBe('<c r="B4" s="3"><v>1.5</v></c>')
  })

  it("keeps all other parts byte for byte, and all that the sheet has", async () => {
    const { after, before } = await fill(["barcode | operator"])
    const changed = Object.keys(after).filter((name) => after[name] !== before[name])
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort())
    expect(changed.sort()).toEqual(["xl/workbook.xml", "xl/worksheets/sheet9.xml"])
    const without = (parts: Parts) =>
      parts["xl/worksheets/sheet9.xml"]?.replace(/<c [^>]*r="B2".*?(?:\/>|<\/c>)/, "")
    expect(without(after)).toBe(without(before))
    expect(after["xl/workbook.xml"]).toContain('<calcPr fullCalcOnLoad="1" calcId="191029"/>')
  })

  it("gives a cell for a date a format for dates where it has none, and no other cell another", async () => {
    const { after, before, cell } = await fill(["Plate!D2 | 2026-04-17 | | date"], {
      variables: { "2026-04-17": "2026-04-17" },
    })
    const style = Number(/s="(\d+)"/.exec(cell("D2") ?? "")?.[1])
    const xfs =
      /<cellXfs.*?<\/cellXfs>/s.exec(after["xl/styles.xml"] ?? "")?.[0].match(/<xf .*?(?:\/>|<\/xf>)/g) ?? []
    expect([xfs.length, xfs[style]]).toEqual([5, expect.stringContaining('numFmtId="14"')])
    expect(after["xl/styles.xml"]?.replace(/<cellXfs.*?<\/cellXfs>/s, "")).toBe(
      before["xl/styles.xml"]?.replace(/<cellXfs.*?<\/cellXfs>/s, ""),
    )
    expect(cell("D2")).toContain("<v>46129</v>")
    expect(xfs.slice(0, 4).map((xf) => /numFmtId="\d+" fontId="\d+" fillId="\d+"/.exec(xf)?.[0])).toEqual([
      'numFmtId="0" fontId="0" fillId="0"',
      'numFmtId="0" fontId="1" fillId="2"',
      'numFmtId="14" fontId="0" fillId="2"',
      'numFmtId="164" fontId="1" fillId="0"',
    ])
  })

  it("counts days as the workbook does", async () => {
    const change = (parts: Parts) => ({
      ...parts,
      "xl/workbook.xml": (parts["xl/workbook.xml"] ?? "").replace(
        "<workbookPr/>",
        '<workbookPr date1904="1"/>',
      ),
    })
    expect((await fill(["day | run_date | | date"], { change })).cell("B3")).toContain("<v>44667</v>")
  })

  it("asks for what it can't know, and fills it in when it is answered", async () => {
    const rows = [
      "barcode | | Barcode of the plate | string | | yes | P-1 | on its side",
      "gain | ask | Gain | number | | no | 2",
      "title | operator",
    ]
    const asked = await fill(rows)
    expect(asked.run).toMatchObject({
      outcome: "asked",
      prompt: {
        reason: "plate.xlsx: some cells can't be filled without you",
        file: "layout/plate.xlsx",
        fields: [
          {
            id: "barcode",
            label: "Barcode of the plate",
            type: "string",
            required: true,
            hint: "on its side",
          },
          { id: "gain", label: "Gain", type: "number", required: false, default: 2 },
        ],
      },
      changes: [],
    })
    const answered = await fill(rows, { extraInputs: { barcode: "P-77" } })
    expect(answered.run.outcome).toBe("success")
    expect([answered.text("B2"), answered.text("A1"), answered.cell("B4")]).toEqual([
      "P-77",
      "asmith",
      asked.cell("B4"),
    ])
  })

  it("doesn't ask for what may stay empty", async () => {
    const { run } = await fill(["barcode | lot | | | | no"])
    expect(run).toMatchObject({
      outcome: "success",
      changes: [],
      reports: [{ detail: "has nothing to fill" }],
    })
  })

  it("writes text as it is: formulas, escapes and digits stay text", async () => {
    for (const value of ["=1+1", "0012", "_x0041_", "a & <b>", " x ", "µ😀", "line\nbreak"]) {
      const { cell, text } = await fill(["barcode | value"], { variables: { value } })
      expect(cell("B2")).toContain('t="inlineStr"')
      const shown = value.replaceAll("_x", "_x005F_x").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      expect(text("B2")).toBe(shown.replaceAll(">", "&gt;"))
    }
  })

  it("tells all that is wrong with the list at once, and fills nothing", async () => {
    const { run } = await fill(
      [
        "nowhere | operator",
        "block | operator",
        "formula | operator",
        "gain | operator | | number",
        "day | operator | | date",
        "barcode | operator | | colour",
        "title | operator | | choice",
        "| operator",
        "Plate!Z1 | list",
        "Plate!B9 | bad",
        "Plate!$B$9 | operator",
        "'Plate'!B9 | operator",
      ],
      { variables: { list: ["a"], bad: "\u0001" } },
    )
    expect(run).toMatchObject({ outcome: "failed", changes: [] })
    expect(run.message?.split("; ")).toEqual([
      "layout/plate.xlsx: sheet metadata: row 7: colour is no type",
      "there are: string, text, number, integer, boolean, date, choice",
      "row 8: a choice has options, separated by semicolons",
      "nothing else has",
      "row 9: no cell is named",
      "row 2 (nowhere): there is no cell of this name",
      "row 3 (block): is no single cell",
      "row 4 (formula): Plate!B5 has a formula",
      'row 5 (gain): "asmith" is no number',
      'row 6 (day): "asmith" is no date',
      "row 10 (Plate!Z1): its value is a list or an object",
      "row 11 (Plate!B9): its value has characters that no spreadsheet can hold",
      "row 13 ('Plate'!B9): the cell Plate!B9 is listed twice",
    ])
  })

  it("says which column is missing or means nothing", async () => {
    const files = { "a.xlsx": zipped(partsOf([["cell", "source"]])) }
    const run = await runOn("xlsx-fields", { files, variables }, "src/plugin.mjs")
    expect(run.message).toBe(
      "a.xlsx: sheet metadata: there is no column from; " +
        `the column source means nothing; there are: ${headings.join(", ")}`,
    )
  })

  it("leaves workbooks without the sheet, and lock files, as they are", async () => {
    const files = { "a.xlsx": zipped(partsOf([])), "~$a.xlsx": "lock" }
    const run = await runOn("xlsx-fields", { files, variables: { xlsx_sheet: "cells" } }, "src/plugin.mjs")
    expect(run).toMatchObject({
      outcome: "success",
      changes: [],
      reports: [{ detail: "has no sheet cells" }],
    })
  })

  it("says of what is no workbook that it is none", async () => {
    for (const contents of ["", "PK\u0003\u0004", zipped({ "a.txt": "a" })]) {
      const run = await runOn("xlsx-fields", { files: { "a.xlsx": contents }, variables }, "src/plugin.mjs")
      expect(run.message).toBe("a.xlsx: can't be read as a workbook; is it whole, and without a password?")
    }
  })

  it("makes the same file of the same, whenever it is", async () => {
    const [one, other] = [await fill(["barcode | operator"]), await fill(["barcode | operator"])]
    expect(one.run.files).toEqual(other.run.files)
  })

  it("wants the name of the sheet", async () => {
    const { run } = await fill([], { variables: { xlsx_sheet: " " } })
    expect(run.errors).toEqual([
      "xlsx_sheet must be the name of the sheet that lists the cells to fill, for example metadata",
    ])
  })
})

it("puts cells into a sheet in their order, wherever there was none, and changes nothing else", async () => {
  const rows = ["Plate!J1", "Plate!A5", "Plate!D5", "Plate!B7", "Plate!AB9", "Plate!B9", "Plate!A12"]
  const change = (parts: Parts) => ({
    ...parts,
    "xl/worksheets/sheet9.xml": (parts["xl/worksheets/sheet9.xml"] ?? "").replace(
      '<row r="5">',
      '<row r="5" spans="2:2">',
    ),
  })
  const { after } = await fill(
    rows.map((cell) => `${cell} | gain`),
    { change },
  )
  const sheet = after["xl/worksheets/sheet9.xml"] ?? ""
  const filled = (address: string) => `<c r="${address}"><v>1.5</v></c>`
  for (const text of [
    `<row r="1" ht="30" customHeight="1"><c r="A1" t="s" s="1"><v>0</v></c>${filled("J1")}</row>`,
    `<row r="5">${filled("A5")}<c r="B5" t="str"><f>"Plate "&amp;B2</f><v>Plate </v></c>${filled("D5")}</row>` +
      `<row r="7">${filled("B7")}</row><row r="9">`,
    `<c r="A9" t="b"><v>1</v></c>${filled("B9")}<c r="C9" t="e"><v>#N/A</v></c>${filled("AB9")}</row>`,
    `<row r="12">${filled("A12")}</row></sheetData>`,
  ]) {
    expect(sheet).toContain(text)
  }
})
