import { Either } from "effect"
import type { Json } from "../../../../src/domain/Json.ts"
import { evaluationLimits } from "../evaluation.ts"
import { asNumber, isList, isObject } from "../values.ts"
import { type Helper, type Helpers, singleText, textHelper } from "./Helper.ts"
import { yamlNumber, yamlText } from "./yamlScalars.ts"

/** One line that YAML 1.1 and 1.2 read back as this very value. Texts are always quoted. */
const yaml = (value: Json): string => {
  if (typeof value === "string") return yamlText(value)
  if (typeof value === "number") return yamlNumber(value)
  if (isList(value)) return `[${value.map(yaml).join(", ")}]`
  if (!isObject(value)) return String(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${yamlText(key)}: ${yaml(item)}`)
    .join(", ")}}`
}

/** A cell as RFC 4180 writes it. */
const csv = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const json: Helper = {
  takes: [1, 2],
  run: ([value = "", indent = 0]) => {
    const width = asNumber(indent)
    return width === null || !Number.isInteger(width) || width < 0 || width > 8
      ? Either.left("needs an indent from 0 to 8")
      : Either.right(JSON.stringify(value, null, width))
  },
}

const join: Helper = {
  takes: [1, 2],
  cost: ([list = ""]) => (isList(list) ? list.length : 0),
  run: ([list = "", separator = ", "]) =>
    Either.gen(function* () {
      if (list === "" || list === null) return ""
      if (!isList(list)) return yield* Either.left("needs a list")
      const between = yield* singleText(separator)
      const items = yield* Either.all(list.map(singleText))
      const length = items.reduce((sum, item) => sum + item.length + between.length, 0)
      if (length > evaluationLimits.value) return yield* Either.left("makes too long a text")
      return items.join(between)
    }),
}

/** How values are written in files that programs read. */
export const formatHelpers: Helpers = {
  json,
  yaml: { takes: [1, 1], run: ([value = ""]) => Either.right(yaml(value)) },
  csv: textHelper(csv),
  join,
}
