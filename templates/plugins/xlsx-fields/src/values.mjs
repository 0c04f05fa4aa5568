// Where a cell's value comes from, and what it is in a spreadsheet.

const placeholder = /\{([A-Za-z_]\w*)\}/g

const isBlank = (value) => value === undefined || value === null || String(value).trim() === ""

const own = (record, key) => (Object.hasOwn(record, key) ? record[key] : undefined)

/** The value as far as it is known: a person's answer, a variable, or a text with variables in it. Or null. */
export const resolve = ({ from, id }, { extraInputs, variables }) => {
  const answer = own(extraInputs, id)
  if (!isBlank(answer)) return answer
  if (!from.includes("{")) return isBlank(own(variables, from)) ? null : variables[from]
  const isWhole = [...from.matchAll(placeholder)].every(([, name]) => !isBlank(own(variables, name)))
  return isWhole ? from.replace(placeholder, (_, name) => String(variables[name])) : null
}

const numberOf = (value) => (typeof value === "number" ? value : Number(String(value).trim()))

const isDate = (text) => {
  const time = Date.parse(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  )
}

/** Days since the last day of 1899, as spreadsheets count them; their 29th of February 1900 never was. */
const serialOf = (text) => {
  const days = Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400_000) + 25_569
  return days < 61 ? days - 1 : days
}

const textValue = (value) => {
  const text = String(value)
  if (text.length > 32_767) return { problem: "its value is longer than a cell can hold, 32,767 characters" }
  // XML 1.0 has no place for these.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(text)) {
    return { problem: "its value has characters that no spreadsheet can hold" }
  }
  return { value: text }
}

/** What goes into a cell: a text, a number or a truth value; or the reason why nothing can. */
export const toCellValue = (value, type) => {
  if (typeof value === "object") return { problem: "its value is a list or an object" }
  switch (type ?? typeof value) {
    case "number":
    case "integer": {
      const number = numberOf(value)
      const fits = type === "integer" ? Number.isSafeInteger(number) : Number.isFinite(number)
      return fits && !isBlank(value) ? { value: number } : { problem: `"${value}" is no ${type ?? "number"}` }
    }
    case "boolean":
      return /^(?:true|false)$/.test(String(value))
        ? { value: String(value) === "true" }
        : { problem: `"${value}" is neither true nor false` }
    case "date": {
      // Variables such as run_date have a time, too.
      const day = String(value).slice(0, 10)
      return isDate(day) && day >= "1900-01-01"
        ? { value: serialOf(day) }
        : { problem: `"${value}" is no date` }
    }
    default:
      return textValue(value)
  }
}
