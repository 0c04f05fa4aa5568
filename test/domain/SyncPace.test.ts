import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, FastCheck as fc, Option } from "effect"
import { limitAt } from "../../src/domain/SyncPace.ts"
import { type TimeWindow, weekdays } from "../../src/domain/SyncSettings.ts"

const vienna = Option.getOrThrow(DateTime.zoneMakeNamed("Europe/Vienna"))
const at = (text: string): DateTime.Zoned =>
  DateTime.unsafeMakeZoned(text, { timeZone: vienna, adjustForTimeZone: true })

const office: TimeWindow = { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" }
const night: TimeWindow = { days: ["fri"], from: "22:00", to: "06:00" }

const time = fc
  .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
  .map(([hours, minutes]) => [hours, minutes].map((n) => String(n).padStart(2, "0")).join(":"))
const window = fc.record({ days: fc.subarray([...weekdays], { minLength: 1 }), from: time, to: time })

/** The same question, asked minute by minute of a week. */
const holdsAt = (windows: ReadonlyArray<TimeWindow>, day: number, minute: number): boolean =>
  windows.some(({ days, from, to }) => {
    const [start, end] = [from, to].map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
    const length = (((end ?? 0) - (start ?? 0) + 1439) % 1440) + 1
    return days.some((name) => {
      const since = day * 1440 + minute - (weekdays.indexOf(name) * 1440 + (start ?? 0))
      return (since >= 0 && since < length) || (since + 10_080 >= 0 && since + 10_080 < length)
    })
  })

describe("the pace of uploads", () => {
  it.each([
    ["2026-11-23T07:59:59", [office], null],
    ["2026-11-23T08:00:00", [office], 25_000_000],
    ["2026-11-23T17:59:59", [office], 25_000_000],
    ["2026-11-23T18:00:00", [office], null],
    ["2026-11-22T12:00:00", [office], null],
    ["2026-11-27T23:00:00", [night], 25_000_000],
    ["2026-11-28T05:59:00", [night], 25_000_000],
    ["2026-11-28T06:00:00", [night], null],
    ["2026-11-28T23:00:00", [night], null],
    ["2026-11-28T23:00:00", [], 25_000_000],
  ] as const)("at %s", (now, schedule, bytesPerSecond) => {
    expect(limitAt({ uploadMbps: 200, schedule }, at(now)).bytesPerSecond).toBe(bytesPerSecond)
  })

  it("has no limit and nothing to wait for when none is set", () => {
    const nothing = { bytesPerSecond: null, changesInMillis: null }
    expect(limitAt({ uploadMbps: null, schedule: [] }, at("2026-11-23T08:00:00"))).toEqual(nothing)
  })

  it.effect.prop(
    "is that of a minute-by-minute look at the week, and holds until the time that is told",
    {
      schedule: fc.array(window, { minLength: 1, maxLength: 3 }),
      minute: fc.nat({ max: 10_079 }),
      second: fc.nat({ max: 59_999 }),
    },
    ({ minute, schedule, second }) =>
      Effect.sync(() => {
        const monday = DateTime.unsafeMakeZoned("2026-11-23T00:00:00Z", {
          timeZone: DateTime.zoneMakeOffset(0),
        })
        const now = DateTime.addDuration(monday, minute * 60_000 + second)
        const { bytesPerSecond, changesInMillis } = limitAt({ uploadMbps: 8, schedule }, now)
        expect(bytesPerSecond !== null).toBe(holdsAt(schedule, Math.floor(minute / 1440), minute % 1440))
        expect(changesInMillis).toBeGreaterThan(0)
        expect(changesInMillis).toBeLessThanOrEqual(3_600_000)
        const before = DateTime.addDuration(now, (changesInMillis ?? 1) - 1)
        expect(limitAt({ uploadMbps: 8, schedule }, before).bytesPerSecond).toBe(bytesPerSecond)
      }),
    { fastCheck: { numRuns: 500 } },
  )
})
