import { strFromU8, strToU8, unzipSync, zipSync } from "fflate"

/** A workbook as other programs write them, part by part: not by the library that fills it. */

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
const packages = "http://schemas.openxmlformats.org/package/2006"
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

export type Parts = Readonly<Record<string, string>>

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

const columnName = (index: number): string => "ABCDEFGHIJ".charAt(index)

/** A list of cells to fill: headings and rows, as inline texts. */
const listSheet = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  `${head}<worksheet xmlns="${main}"><sheetData>${rows
    .map(
      (cells, row) =>
        `<row r="${row + 1}">${cells
          .map((text, column) =>
            text === ""
              ? ""
              : `<c r="${columnName(column)}${row + 1}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`,
          )
          .join("")}</row>`,
    )
    .join("")}</sheetData></worksheet>`

const plate = `${head}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetPr><tabColor rgb="FF00B050"/></sheetPr><dimension ref="A1:C9"/><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" topLeftCell="B1" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="1" width="22.5" customWidth="1"/></cols><sheetData><row r="1" ht="30" customHeight="1"><c r="A1" t="s" s="1"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"/></row><row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="2"/></row><row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" s="3"><v>0</v></c></row><row r="5"><c r="B5" t="str"><f>"Plate "&amp;B2</f><v>Plate </v></c></row><row r="9"><c r="A9" t="b"><v>1</v></c><c r="C9" t="e"><v>#N/A</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells><conditionalFormatting sqref="B4"><cfRule type="cellIs" priority="1" operator="greaterThan" dxfId="0"><formula>1</formula></cfRule></conditionalFormatting><dataValidations count="1"><dataValidation type="list" sqref="C2"><formula1>"a,b"</formula1></dataValidation></dataValidations><drawing r:id="rId1"/></worksheet>`

const results = `${head}<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1*2</f><v>2</v></c><c r="C1"><f>Plate!B4</f><v>0</v></c></row></sheetData><extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" xmlns:x14="urn:sparklines"><x14:sparklineGroups/></ext></extLst></worksheet>`

const styles = `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.00"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="14"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDEEFF"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/><xf numFmtId="14" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs count="1"><dxf><font><color rgb="FFFF0000"/></font></dxf></dxfs></styleSheet>`

/** The parts are numbered as after years of use: not in the order of the sheets. */
const workbook = `${head}<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr/><sheets><sheet name="Plate" sheetId="7" r:id="rId3"/><sheet name="metadata" sheetId="2" state="hidden" r:id="rId1"/><sheet name="Results &amp; more" sheetId="9" r:id="rId2"/></sheets><definedNames><definedName name="barcode">Plate!$B$2</definedName><definedName name="block">Plate!$A$2:$B$3</definedName><definedName name="day">Plate!$B$3</definedName><definedName name="formula">Plate!$B$5</definedName><definedName name="gain">Plate!$B$4</definedName><definedName name="title">Plate!$A$1:$C$1</definedName></definedNames><calcPr calcId="191029"/></workbook>`

const relations = `${head}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId2" Type="${office}/worksheet" Target="/xl/worksheets/sheet4.xml"/><Relationship Id="rId3" Type="${office}/worksheet" Target="worksheets/sheet9.xml"/><Relationship Id="rId4" Type="${office}/styles" Target="styles.xml"/><Relationship Id="rId5" Type="${office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

const types = `${head}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="${sheetType}"/><Override PartName="/xl/worksheets/sheet4.xml" ContentType="${sheetType}"/><Override PartName="/xl/worksheets/sheet9.xml" ContentType="${sheetType}"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`

export const partsOf = (list: ReadonlyArray<ReadonlyArray<string>>): Parts => ({
  "[Content_Types].xml": types,
  "_rels/.rels": `${head}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": workbook,
  "xl/_rels/workbook.xml.rels": relations,
  "xl/sharedStrings.xml": `${head}<sst xmlns="${main}" count="4" uniqueCount="4"><si><t>Plate layout</t></si><si><t>12</t></si><si><r><rPr><b/></rPr><t>Day</t></r><r><t xml:space="preserve"> of use</t></r></si><si><t xml:space="preserve"> Gain </t></si></sst>`,
  "xl/styles.xml": styles,
  "xl/worksheets/sheet2.xml": listSheet(list),
  "xl/worksheets/sheet4.xml": results,
  "xl/worksheets/sheet9.xml": plate,
  "xl/worksheets/_rels/sheet9.xml.rels": `${head}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/drawing" Target="../drawings/drawing1.xml"/></Relationships>`,
  "xl/drawings/drawing1.xml": `${head}<xdr:wsDr xmlns:xdr="urn:drawing"><xdr:chart> as it is </xdr:chart></xdr:wsDr>`,
  "xl/vbaProject.bin": "\u0000\u0001binary",
  "docProps/custom.xml": `${head}<Properties><!-- somebody's --></Properties>`,
})

export const zipped = (parts: Parts): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])))

export const unzipped = (bytes: Uint8Array | undefined): Parts =>
  bytes === undefined
    ? {}
    : Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, part]) => [name, strFromU8(part)]))

export const headings = ["cell", "from", "label", "type", "options", "required", "default", "hint"]

/** The XML of a cell. */
export const cellXml = (sheet: string | undefined, address: string): string | undefined =>
  new RegExp(`<c [^>]*?\\br="${address}"[^>]*?(?:/>|>.*?</c>)`, "s").exec(sheet ?? "")?.[0]
