import { Either } from "effect"
import { asNumber } from "../values.ts"
import { type Helper, type Helpers, singleText, textHelper } from "./Helper.ts"

const upperFirst = (text: string): string => {
  const [first = ""] = text
  return first.toUpperCase() + text.slice(first.length)
}

const title = (text: string): string =>
  text.replace(
    /(^|[^\p{L}\p{N}\p{M}'’])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )

/** `confocalRun 2` → `confocal`, `Run`, `2`. */
const words = (text: string): ReadonlyArray<string> =>
  text
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== "")

const joined = (separator: string) => (text: string) =>
  words(text)
    .map((word) => word.toLowerCase())
    .join(separator)

const pascal = (text: string): string =>
  words(text)
    .map((word) => upperFirst(word.toLowerCase()))
    .join("")

const camel = (text: string): string => {
  const [first = "", ...others] = words(text)
  return first.toLowerCase() + others.map((word) => upperFirst(word.toLowerCase())).join("")
}

const slug = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "")
    .join("-")

const maxWidth = 1000

const padded = (pad: (text: string, width: number, fill: string) => string): Helper => ({
  takes: [2, 3],
  run: ([value, width = "", fill = " "]) =>
    Either.gen(function* () {
      const size = asNumber(width)
      if (size === null || !Number.isInteger(size) || size < 0 || size > maxWidth) {
        return yield* Either.left(`needs a width, a whole number up to ${maxWidth}`)
      }
      return pad(yield* singleText(value), size, yield* singleText(fill))
    }),
})

/** Case, names and width. None depends on the language that the machine is set to. */
export const textHelpers: Helpers = {
  upper: textHelper((text) => text.toUpperCase()),
  lower: textHelper((text) => text.toLowerCase()),
  capitalize: textHelper(upperFirst),
  title: textHelper(title),
  slug: textHelper(slug),
  snake: textHelper(joined("_")),
  kebab: textHelper(joined("-")),
  camel: textHelper(camel),
  pascal: textHelper(pascal),
  padStart: padded((text, width, fill) => text.padStart(width, fill)),
  padEnd: padded((text, width, fill) => text.padEnd(width, fill)),
}
