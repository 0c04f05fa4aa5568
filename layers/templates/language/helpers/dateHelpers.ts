import { DateTime, Either, Option } from "effect"
import { isBlank, valueProblem } from "../../../../src/domain/Field.ts"
import { type Helper, type Helpers, singleText } from "./Helper.ts"

/** Two digits each, but for the year's four. */
type Parts = Readonly<Record<"yyyy" | "MM" | "dd" | "HH" | "mm" | "ss", number>>

const isoDate =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** The wall clock that a date means in a zone: a date, and a time without an offset, are there already. */
const readParts = (text: string, zone: DateTime.TimeZone): Option.Option<Parts> => {
  const match = isoDate.exec(text)
  if (match === null || valueProblem({ type: "date" }, text.slice(0, 10)) !== null) return Option.none()
  if (match[7] === undefined) {
    const [yyyy = 0, MM = 0, dd = 0, HH = 0, mm = 0, ss = 0] = match
      .slice(1, 7)
      .map((part) => Number(part ?? 0))
    return Option.some({ yyyy, MM, dd, HH, mm, ss })
  }
  return Option.map(DateTime.make(text), (instant) => {
    const local = DateTime.toParts(DateTime.setZone(instant, zone))
    return {
      yyyy: local.year,
      MM: local.month,
      dd: local.day,
      HH: local.hours,
      mm: local.minutes,
      ss: local.seconds,
    }
  })
}

const capacity = 100
const known = new WeakMap<DateTime.TimeZone, Map<string, Option.Option<Parts>>>()

/** A zone's clock is slow to ask, and a template names the same few dates in every file. */
const parts = (text: string, zone: DateTime.TimeZone): Option.Option<Parts> => {
  const dates = known.get(zone) ?? new Map<string, Option.Option<Parts>>()
  known.set(zone, dates)
  const before = dates.get(text)
  if (before !== undefined) return before
  if (dates.size >= capacity) dates.clear()
  const found = readParts(text, zone)
  dates.set(text, found)
  return found
}

const token = /yyyy|MM|dd|HH|mm|ss|'([^']*)'|[A-Za-z']/g

const isPart = (text: string): text is keyof Parts => /^(?:yyyy|MM|dd|HH|mm|ss)$/.test(text)

const format = (date: Parts, pattern: string): string =>
  pattern.replace(token, (found: string, quoted: string | undefined) =>
    isPart(found) ? String(date[found]).padStart(found.length, "0") : (quoted ?? found),
  )

/** The first letter of a pattern that stands for nothing. */
const unknownLetter = (pattern: string): string | undefined =>
  pattern.match(token)?.find((found) => !isPart(found) && found.length === 1)

const dateText = (text: string, pattern: string, zone: DateTime.TimeZone): Either.Either<string, string> => {
  const letter = unknownLetter(pattern)
  if (letter !== undefined) {
    return Either.left(`knows yyyy MM dd HH mm ss and 'quoted text', not ${letter} in ${pattern}`)
  }
  if (isBlank(text)) return Either.right("")
  return Option.match(parts(text, zone), {
    onNone: () => Either.left(`needs an ISO-8601 date, not ${text.slice(0, 40)}`),
    onSome: (date) => Either.right(format(date, pattern)),
  })
}

const formatDate: Helper = {
  takes: [2, 2],
  run: ([value, pattern], zone) =>
    Either.flatMap(singleText(value), (text) =>
      Either.flatMap(singleText(pattern), (wanted) => dateText(text, wanted, zone)),
    ),
}

/** Dates, in the zone that the service is set to. */
export const dateHelpers: Helpers = { formatDate }
