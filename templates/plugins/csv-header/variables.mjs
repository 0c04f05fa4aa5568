// What the variables mean: `csv_columns` and `csv_files`.
import { firstRecord } from "./table.mjs"

const mostColumns = 1000

const placeholder = /\{([A-Za-z_]\w*)\}/g

const isFilled = (value) => ["string", "number", "boolean"].includes(typeof value) && value !== ""

/** `OD{wavelength_nm}` → `OD450` */
const fillIn = (text, variables) => text.replace(placeholder, (_, name) => String(variables[name]))

/** The names of the columns. Only for variables without problems. */
export const columnsOf = (variables) =>
  firstRecord(variables.csv_columns, ",").map((name) => fillIn(name, variables).trim())

const patternOf = (glob) =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, "[^/]*")}$`)

/** Which files: names or paths in which `*` stands for anything but a slash. All, when nothing is said. */
export const selectionOf = ({ csv_files: files = "" }) => {
  const globs = files.split(",").flatMap((glob) => (glob.trim() === "" ? [] : [glob.trim()]))
  const tests = globs.map((glob) => {
    const pattern = patternOf(glob)
    return (file) => pattern.test(glob.includes("/") ? file : file.slice(file.lastIndexOf("/") + 1))
  })
  return (file) => tests.length === 0 || tests.some((test) => test(file))
}

const columnProblems = (variables) => {
  const text = variables.csv_columns
  if (typeof text !== "string" || text.trim() === "") {
    return ["csv_columns must be the names of the columns, separated by commas"]
  }
  if (/[\r\n]/.test(text)) return ["csv_columns must be a single line"]
  if (firstRecord(text, ",") === null) return ["csv_columns: its quotes don't pair up"]
  const unknown = [...new Set([...text.matchAll(placeholder)].map(([, name]) => name))].filter(
    (name) => !Object.hasOwn(variables, name) || !isFilled(variables[name]),
  )
  if (unknown.length > 0)
    return unknown.map((name) => `csv_columns uses {${name}}, which nobody has filled in`)
  const columns = columnsOf(variables)
  if (columns.length > mostColumns) return [`csv_columns names more than ${mostColumns} columns`]
  const unnamed = columns.flatMap((name, index) => (name === "" ? [index + 1] : []))
  const repeated = [...new Set(columns.filter((name, index) => name !== "" && columns.indexOf(name) < index))]
  return [
    ...unnamed.map((number) => `csv_columns: column ${number} has no name`),
    ...repeated.map((name) => `csv_columns names the column ${name} twice`),
  ]
}

export const problemsOf = (variables) => [
  ...columnProblems(variables),
  ...(typeof (variables.csv_files ?? "") === "string"
    ? []
    : ["csv_files must be names of files, separated by commas; * stands for anything"]),
]
