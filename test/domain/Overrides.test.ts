import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck as fc } from "effect"
import { activeOverrides } from "../../src/domain/Overrides.ts"
import type { StoredOverride } from "../../src/domain/StoredRecord.ts"

const now = DateTime.unsafeMake("2026-04-17T12:00:00Z")

const entry = (rest: Partial<StoredOverride>): StoredOverride => ({
  id: "",
  problemClass: "orphan",
  revokes: "",
  operator: "asmith",
  recordedAt: "2026-04-01T00:00:00Z",
  reason: "known",
  revoked: false,
  ...rest,
})

const activeIds = (...entries: ReadonlyArray<StoredOverride>) =>
  activeOverrides(entries, now).active.map(({ id }) => id)

describe("active overrides", () => {
  it.each([
    [undefined, true],
    [null, true],
    ["2026-04-17T12:00:01Z", true],
    ["2026-04-17T12:00:00Z", false],
    ["2026-04-17T11:59:59Z", false],
    ["2026-04-17T13:30:00+02:00", false],
    ["2026-04-17T11:30:00-02:00", true],
    ["2026-04-17T12:00:01", true],
    ["2026-04-17T12:00:00", false],
    ["2026-04-17", false],
    ["2026-04-18", true],
    ["2026-04-17T12:00:01.123456+00:00", true],
    ["", false],
    ["tomorrow", false],
    ["2027-02-30", false],
    ["2027-13-01", false],
    [1_900_000_000, false],
    [{}, false],
    [true, false],
  ])("expiring at %j: %j", (expiresAt, active) => {
    const given = expiresAt === undefined ? {} : { expiresAt }
    expect(activeIds(entry({ id: "a", ...given }))).toEqual(active ? ["a"] : [])
  })

  it("end with a tombstone that names them, wherever it stands", () => {
    const tombstone = entry({ id: "t", revokes: "a", revoked: true })
    expect(activeIds(entry({ id: "a" }), entry({ id: "b" }), tombstone)).toEqual(["b"])
    expect(activeIds(tombstone, entry({ id: "a" }), entry({ id: "b" }))).toEqual(["b"])
    expect(activeIds(entry({ id: "a" }), entry({ revokes: "a" }))).toEqual([])
  })

  it("aren't touched by a tombstone that names nothing, an empty id, or another tombstone", () => {
    const entries = [
      entry({ id: "a" }),
      entry({ id: "" }),
      entry({ id: "t1", revokes: "gone", revoked: true }),
      entry({ id: "t2", revokes: "", revoked: true }),
      entry({ id: "t3", revokes: "b", revoked: true }),
      entry({ id: "b" }),
      entry({ id: "t4", revokes: "t3", revoked: true }),
    ]
    const { active, dangling } = activeOverrides(entries, now)
    expect(active.map(({ id }) => id)).toEqual(["a", ""])
    expect(dangling.map(({ id }) => id)).toEqual(["t1", "t2", "t4"])
  })

  it("are only ever lost by adding tombstones, in any order", () => {
    const id = fc.constantFrom("", "a", "b", "c")
    const entries = fc.array(
      fc.tuple(id, id, fc.boolean()).map(([id, revokes, revoked]) => entry({ id, revokes, revoked })),
    )
    fc.assert(
      fc.property(entries, id, (list, revokes) => {
        const before = activeOverrides(list, now).active
        const after = activeOverrides([entry({ id: "t", revokes, revoked: true }), ...list], now).active
        expect(after).toEqual(before.filter(({ id }) => id === "" || id !== revokes))
        expect(activeOverrides([...list].reverse(), now).active).toEqual([...before].reverse())
      }),
    )
  })
})
