import { DateTime, Option } from "effect"

const isoDate =
  /^((?:19|[2-9]\d)\d{2}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

const offsetOf = (text: string): string =>
  text === "Z" || text.includes(":") ? text : `${text.slice(0, 3)}:${text.slice(3)}`

/** The wall clock of a date in UTC, to see that it was a real one: 31 February isn't. */
const sameWallClock = (parsed: DateTime.DateTime, date: string, clock: string): boolean =>
  DateTime.formatIso(parsed).startsWith(`${date}T${clock}`)

/**
 * An ISO-8601 date, with or without a time, as a moment in `zone`. Without an offset it is the wall clock of
 * that zone. None when it isn't a date, or none of the calendar.
 */
export const parseRunDate = (text: string, zone: DateTime.TimeZone): Option.Option<DateTime.Zoned> => {
  const match = isoDate.exec(text.trim())
  if (match === null) return Option.none()
  const [, date = "", hours = "00", minutes = "00", seconds = "00", offset] = match
  const clock = `${hours}:${minutes}:${seconds}`
  return Option.flatMap(DateTime.make(`${date}T${clock}Z`), (wall) => {
    if (!sameWallClock(wall, date, clock)) return Option.none()
    return offset === undefined
      ? DateTime.makeZoned(wall, { timeZone: zone, adjustForTimeZone: true })
      : Option.map(DateTime.make(`${date}T${clock}${offsetOf(offset)}`), DateTime.setZone(zone))
  })
}

/** A moment as records write it: UTC, whole seconds, `2026-04-17T14:32:00Z`. */
export const recordTime = (at: DateTime.Utc): string => DateTime.formatIso(at).replace(/\.\d+Z$/, "Z")
