import { DateTime, Option } from "effect"
import { formatRunDate } from "./Destination.ts"

const isoDate =
  /^((?:19|[2-9]\d)\d{2}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

const offsetOf = (text: string): string =>
  text === "Z" || text.includes(":") ? text : `${text.slice(0, 3)}:${text.slice(3)}`

const utc = DateTime.zoneMakeOffset(0)

/** Whether the clock of its zone shows this: on 31 February none does, nor when clocks jump over it. */
const shows =
  (date: string, clock: string) =>
  (moment: DateTime.Zoned): boolean =>
    formatRunDate(moment) === `${date}T${clock.replaceAll(":", "-")}`

/** An offset may move the ends of what can be written over the ends of what a folder's name can hold. */
const hasFourDigitYear = (moment: DateTime.Zoned): boolean => {
  const { year } = DateTime.toParts(moment)
  return year >= 1900 && year <= 9999
}

/**
 * An ISO-8601 date, with or without a time, as a moment in `zone`. Without an offset it is the wall clock of
 * that zone; of a time that comes twice, the earlier. None when it isn't a date, none of the calendar, or a
 * time that the zone's clocks jump over. Years are 1900 to 9999.
 */
export const parseRunDate = (text: string, zone: DateTime.TimeZone): Option.Option<DateTime.Zoned> => {
  const match = isoDate.exec(text.trim())
  if (match === null) return Option.none()
  const [, date = "", hours = "00", minutes = "00", seconds = "00", offset] = match
  const clock = `${hours}:${minutes}:${seconds}`
  const wall = Option.filter(DateTime.makeZoned(`${date}T${clock}Z`, { timeZone: utc }), shows(date, clock))
  if (offset !== undefined) {
    return Option.flatMap(wall, () => DateTime.make(`${date}T${clock}${offsetOf(offset)}`)).pipe(
      Option.map(DateTime.setZone(zone)),
      Option.filter(hasFourDigitYear),
    )
  }
  return Option.flatMap(wall, (moment) =>
    DateTime.makeZoned(moment, { timeZone: zone, adjustForTimeZone: true }),
  ).pipe(Option.filter(shows(date, clock)))
}

/** Whether it is a date and time that only the clocks of this zone don't show: they jump over it. */
export const isSkipped = (text: string, zone: DateTime.TimeZone): boolean =>
  isoDate.exec(text.trim())?.[5] === undefined &&
  Option.isNone(parseRunDate(text, zone)) &&
  Option.isSome(parseRunDate(text, utc))

/** A moment as records write it: UTC, whole seconds, `2026-04-17T14:32:00Z`. */
export const recordTime = (at: DateTime.Utc): string => DateTime.formatIso(at).replace(/\.\d+Z$/, "Z")
