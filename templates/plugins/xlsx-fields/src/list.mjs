// The sheet that lists which cells to fill: one row a cell, below a row of headings.

const headings = ["cell", "from", "label", "type", "options", "required", "default", "hint"]
const types = ["string", "text", "number", "integer", "boolean", "date", "choice"]

const textOf = (value) => (value === undefined || value === null ? "" : String(value).trim())

/** The headings that are there, each with its column. */
const readHeadings = (row) => {
  const names = row.map((value) => textOf(value).toLowerCase())
  return {
    columns: new Map(headings.map((name) => [name, names.indexOf(name)])),
    problems: [
      ...["cell", "from"].filter((name) => !names.includes(name)).map((name) => `there is no column ${name}`),
      ...names
        .filter((name) => name !== "" && !headings.includes(name))
        .map((name) => `the column ${name} means nothing; there are: ${headings.join(", ")}`),
    ],
  }
}

/** An answer's name: letters, digits and `_`. */
const idOf = (cell) => {
  const id = cell
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_]+/g, "_")
  return /^[A-Za-z_]/.test(id) ? id : `cell_${id}`
}

const isNo = (text) => /^(?:no|n|false|0|optional)$/i.test(text)

const readRow = (row, number, columns) => {
  const at = (name) => textOf(row[columns.get(name)])
  const type = at("type") === "" ? null : at("type").toLowerCase()
  const options = at("options")
    .split(";")
    .flatMap((option) => (option.trim() === "" ? [] : [option.trim()]))
  const wanted = {
    row: number,
    cell: at("cell"),
    id: idOf(at("cell")),
    from: at("from"),
    label: at("label") || at("cell"),
    type,
    options,
    required: !isNo(at("required")),
    default: row[columns.get("default")] ?? "",
    hint: at("hint"),
  }
  const problem =
    wanted.cell === ""
      ? "no cell is named"
      : type !== null && !types.includes(type)
        ? `${type} is no type; there are: ${types.join(", ")}`
        : (type === "choice") !== options.length > 0
          ? "a choice has options, separated by semicolons; nothing else has"
          : null
  return { wanted, problem }
}

/** What is to be filled, and all that is wrong with the list. Rows count as the spreadsheet counts them. */
export const readList = (rows) => {
  const { columns, problems } = readHeadings(rows[0] ?? [])
  if (problems.length > 0) return { wanted: [], problems }
  const read = rows
    .map((row, index) => ({ row, number: index + 1 }))
    .slice(1)
    .filter(({ row }) => row.some((value) => textOf(value) !== ""))
    .map(({ number, row }) => readRow(row, number, columns))
  const sound = read.filter(({ problem }) => problem === null).map(({ wanted }) => wanted)
  const ids = sound.map(({ id }) => id)
  return {
    wanted: sound,
    problems: [
      ...read.flatMap(({ problem, wanted }) => (problem === null ? [] : [`row ${wanted.row}: ${problem}`])),
      ...sound
        .filter(({ id }, index) => ids.indexOf(id) < index)
        .map(
          ({ cell, row }) => `row ${row}: ${cell} is listed twice, or differs from another only in its signs`,
        ),
    ],
  }
}

const defaultOf = ({ default: value, type }) => {
  if (textOf(value) === "") return {}
  if (type === "number" || type === "integer") return { default: Number(value) }
  if (type === "boolean") return { default: !isNo(textOf(value)) }
  return { default: textOf(value) }
}

/** The question for a cell. */
export const fieldOf = (wanted) => ({
  id: wanted.id,
  label: wanted.label,
  type: wanted.type ?? "string",
  required: wanted.required,
  ...(wanted.options.length > 0 ? { options: wanted.options } : {}),
  ...(wanted.hint === "" ? {} : { hint: wanted.hint }),
  ...defaultOf(wanted),
})
