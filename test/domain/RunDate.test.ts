import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck as fc, Option } from "effect"
import { formatRunDate } from "../../src/domain/Destination.ts"
import { isSkipped, parseRunDate, recordTime } from "../../src/domain/RunDate.ts"

const named = DateTime.zoneUnsafeMakeNamed
const utc = named("UTC")
const berlin = named("Europe/Berlin")

/** With quarter hours, the far ends, half-hour summer time, a skipped day, offsets of odd minutes in 1900. */
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Pacific/Apia",
  "Pacific/Pago_Pago",
  "Africa/Monrovia",
].map((id) => named(id))
const zone = fc.constantFrom(...zones, DateTime.zoneMakeOffset(-9.5 * 3_600_000))

/** As ISO-8601 can write it: whole minutes. */
const offset = fc
  .integer({ min: -14 * 60, max: 14 * 60 })
  .map((minutes) => DateTime.zoneMakeOffset(minutes * 60_000))

const moment = fc
  .date({ min: new Date("1900-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
  .map((date) => DateTime.unsafeMake(Math.floor(date.getTime() / 1000) * 1000))

const folderName = (text: string, at: DateTime.TimeZone = utc) =>
  Option.getOrNull(Option.map(parseRunDate(text, at), formatRunDate))

const iso = (text: string, at: DateTime.TimeZone) =>
  Option.getOrNull(Option.map(parseRunDate(text, at), DateTime.formatIsoOffset))

describe("a run's date", () => {
  it.prop("with an offset is that moment, in any zone", [moment, offset, zone], ([at, written, read]) => {
    const text = DateTime.formatIsoOffset(DateTime.setZone(at, written))
    const parsed = Option.getOrThrow(parseRunDate(text, read))
    expect(DateTime.toEpochMillis(parsed)).toBe(DateTime.toEpochMillis(at))
    expect(formatRunDate(parsed)).toBe(formatRunDate(DateTime.setZone(at, read)))
  })

  it.prop("without one names the folder by the clock that it says", [moment, zone], ([at, read]) => {
    const zoned = DateTime.setZone(at, read)
    const text = formatRunDate(zoned).replace(/T(\d\d)-(\d\d)-(\d\d)$/, "T$1:$2:$3")
    const parsed = Option.getOrThrow(parseRunDate(text, read))
    expect(formatRunDate(parsed)).toBe(formatRunDate(zoned))
    // Of a clock that comes twice the earlier.
    expect(DateTime.lessThanOrEqualTo(parsed, zoned)).toBe(true)
  })

  it.prop("names folders that sort by time within a zone without summer time", [moment, moment], ([a, b]) => {
    const [first, second] = [a, b].map((at) => formatRunDate(DateTime.setZone(at, utc)))
    expect(first! < second!).toBe(DateTime.lessThan(a, b))
  })

  it.prop("is never half understood", [fc.string({ unit: "grapheme" }), moment], ([junk, at]) => {
    const text = DateTime.formatIso(at)
    const isDate = (other: string) => Option.isSome(parseRunDate(other, utc))
    expect(isDate(`${text}${junk}`)).toBe(junk.trim() === "")
    expect(isDate(`${junk}${text}`)).toBe(junk.trim() === "")
    expect(isDate(text.split("T").join(junk))).toBe(junk === "T" || junk === " ")
  })

  it("may leave out what it doesn't know", () => {
    const spellings: Record<string, string> = {
      "2026-04-17": "2026-04-17T00-00-00",
      "2026-04-17T14:32": "2026-04-17T14-32-00",
      "2026-04-17 14:32:05": "2026-04-17T14-32-05",
      "2026-04-17T14:32:05.999999999": "2026-04-17T14-32-05",
      "2026-04-17T14:32:05,5Z": "2026-04-17T14-32-05",
      "2026-04-17T14:32Z": "2026-04-17T14-32-00",
      "2026-04-17T14:32:05+02:00": "2026-04-17T12-32-05",
      "2026-04-17T14:32:05-0930": "2026-04-18T00-02-05",
      "\n2026-04-17T14:32:05Z ": "2026-04-17T14-32-05",
      "2024-02-29": "2024-02-29T00-00-00",
      "1900-01-01": "1900-01-01T00-00-00",
      "9999-12-31T23:59:59Z": "9999-12-31T23-59-59",
    }
    const names = Object.keys(spellings).map((text) => [text, folderName(text)])
    expect(Object.fromEntries(names)).toEqual(spellings)
  })

  it("is one of the calendar and of the clock", () => {
    const wrong = [
      "",
      "now",
      "17.04.2026",
      "2026-4-17",
      "20260417",
      "2026-04",
      "2026-W16-5",
      "26-04-17",
      "1899-12-31",
      "0000-01-01",
      "+12026-01-01",
      "10000-01-01",
      "2026-13-01",
      "2026-00-10",
      "2026-02-30",
      "2025-02-29",
      "1900-02-29",
      "2026-04-31T10:00:00Z",
      "2026-04-17T24:00",
      "2026-04-17T23:60",
      "2026-12-31T23:59:60Z",
      "2026-04-17T14",
      "2026-04-17T14:32:05.",
      "2026-04-17T14:32:05.1234567890",
      "2026-04-17T14:32+2",
      "2026-04-17T14:32+25:00",
      "2026-04-17T14:32+02:60",
      "2026-04-17T14:32 Europe/Berlin",
      "2026-04-17Z",
      "２０２６-04-17",
      "1900-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
    ]
    expect(wrong.filter((text) => folderName(text) !== null)).toEqual([])
  })

  it("is the earlier of two when the clocks go back, the other with its offset", () => {
    expect(iso("2026-10-25T02:30:00", berlin)).toBe("2026-10-25T02:30:00.000+02:00")
    expect(iso("2026-10-25T02:30:00+01:00", berlin)).toBe("2026-10-25T02:30:00.000+01:00")
    expect(iso("2026-04-05T01:45:00", named("Australia/Lord_Howe"))).toBe("2026-04-05T01:45:00.000+11:00")
  })

  it("isn't a time that the clocks jump over", () => {
    expect(folderName("2026-03-29T01:59:59", berlin)).toBe("2026-03-29T01-59-59")
    expect(folderName("2026-03-29T02:00:00", berlin)).toBe(null)
    expect(folderName("2026-03-29T02:59:59", berlin)).toBe(null)
    expect(folderName("2026-03-29T03:00:00", berlin)).toBe("2026-03-29T03-00-00")
    expect(folderName("2026-03-29T02:30:00+01:00", berlin)).toBe("2026-03-29T03-30-00")
    expect(folderName("2026-10-04T02:15:00", named("Australia/Lord_Howe"))).toBe(null)
    // Samoa had no 30 December 2011.
    expect(folderName("2011-12-30", named("Pacific/Apia"))).toBe(null)
  })
})

describe("the time in a record", () => {
  it.prop(
    "is UTC to the second, and a date that can be read back",
    [moment, fc.nat({ max: 999 })],
    ([at, millis]) => {
      const text = recordTime(DateTime.unsafeMake(DateTime.toEpochMillis(at) + millis))
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(DateTime.toEpochMillis(Option.getOrThrow(parseRunDate(text, berlin)))).toBe(
        DateTime.toEpochMillis(at),
      )
    },
  )
})

describe("a time that clocks jump over", () => {
  it.each([
    ["2026-03-29T02:30", "Europe/Berlin", true],
    ["2026-03-29T02:30", "UTC", false],
    ["2026-03-29T02:30+01:00", "Europe/Berlin", false],
    ["2026-03-29T03:00", "Europe/Berlin", false],
    ["2026-02-30T02:30", "Europe/Berlin", false],
    ["soon", "Europe/Berlin", false],
    ["2011-12-30", "Pacific/Apia", true],
  ])("%s in %s: %s", (text, zone, expected) => {
    expect(isSkipped(text, DateTime.zoneUnsafeMakeNamed(zone))).toBe(expected)
  })
})
