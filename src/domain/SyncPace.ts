import { DateTime } from "effect"
import { type TimeWindow, type TransportSettings, weekdays } from "./SyncSettings.ts"

/** How fast files may be sent now, and until when that holds. */
export interface Limit {
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null
  /** Milliseconds from now to the next time at which it may change; null: it never does. */
  readonly changesInMillis: number | null
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

const minutesPerDay = 24 * 60

/** Monday is 0. */
const dayBefore = (day: number): number => (day + 6) % 7

const isWithin = ({ days, from, to }: TimeWindow, day: number, minute: number): boolean => {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const isDay = (index: number): boolean => days.some((name) => weekdays.indexOf(name) === index)
  if (start === end) return isDay(day)
  if (start < end) return isDay(day) && minute >= start && minute < end
  return (isDay(day) && minute >= start) || (isDay(dayBefore(day)) && minute < end)
}

/** Minutes. */
const longestLook = 60

/**
 * The limit at a time of the settings' zone. Megabits are 10⁶ bits. Edges of windows are whole minutes of the
 * wall clock; the limit is asked for again at the next edge, and once an hour, since clocks jump.
 */
export const limitAt = (
  { schedule, uploadMbps }: Pick<TransportSettings, "schedule" | "uploadMbps">,
  now: DateTime.Zoned,
): Limit => {
  if (uploadMbps === null) return { bytesPerSecond: null, changesInMillis: null }
  const bytesPerSecond = Math.max(1, Math.floor((uploadMbps * 1_000_000) / 8))
  if (schedule.length === 0) return { bytesPerSecond, changesInMillis: null }
  const { hours, millis, minutes, seconds, weekDay } = DateTime.toParts(now)
  const minute = hours * 60 + minutes
  const holds = schedule.some((window) => isWithin(window, dayBefore(weekDay), minute))
  const edges = [...schedule.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)]), 0]
  const untilEdge = Math.min(
    longestLook,
    ...edges.map((edge) => (edge - minute + minutesPerDay) % minutesPerDay || minutesPerDay),
  )
  return {
    bytesPerSecond: holds ? bytesPerSecond : null,
    changesInMillis: untilEdge * 60_000 - seconds * 1000 - millis,
  }
}
