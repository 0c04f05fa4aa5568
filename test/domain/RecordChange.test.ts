import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import type { ValidationOverride } from "../../src/domain/CreationRecord.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { changeCreation, missingIds, type RecordChange } from "../../src/domain/RecordChange.ts"
import { readCreation, type StoredCreation } from "../../src/domain/StoredRecord.ts"
import { creationJson, layouts, strangers, utf8 } from "./records.ts"

const read = (text: string): StoredCreation => Either.getOrThrow(readCreation("creation.json", utf8(text)))

const override = (id: string): ValidationOverride => ({
  id,
  problemClass: "leftover_jinja_marker",
  operator: "asmith",
  recordedAt: "2026-04-17T15:00:00Z",
  reason: 'it\'s "meant"\nso',
  revoked: false,
})

const wireOverride = (id: string): JsonObject => ({
  id,
  problem_class: "leftover_jinja_marker",
  operator: "asmith",
  recorded_at: "2026-04-17T15:00:00Z",
  reason: 'it\'s "meant"\nso',
  revoked: false,
})

const idsFor = (stored: StoredCreation, change: RecordChange): ReadonlyArray<string> =>
  Array.from({ length: missingIds(stored, change) }, (_, n) => `new-${n}`)

const apply = (text: string, change: RecordChange): string => {
  const stored = read(text)
  return changeCreation(stored, change, idsFor(stored, change))
}

/** Entries as others may leave them: with or without an id, sparing, with keys of their own. */
const entries = fc.array(
  fc
    .tuple(
      fc.constantFrom({}, { id: "" }, { id: null }, { id: "a" }, { revokes: "a", revoked: true }),
      strangers,
    )
    .map(([known, strange]): JsonObject => ({ ...strange, ...known })),
  { maxLength: 4 },
)

const files = fc.record({
  minor: fc.nat({ max: 12 }),
  first: strangers,
  inBlocks: strangers,
  last: strangers,
  drop: fc.subarray(["sync_status", "validation_overrides", "plugins_applied", "orchestrator"]),
  entries,
  layout: layouts,
})

const jsonOf = (file: {
  minor: number
  first: JsonObject
  inBlocks: JsonObject
  last: JsonObject
  drop: ReadonlyArray<string>
  entries: ReadonlyArray<JsonObject>
}): JsonObject => {
  const whole: Record<string, Json> = {
    ...file.first,
    ...creationJson,
    schema_version: `1.${file.minor}`,
    lims_project: { ...creationJson.lims_project, ...file.inBlocks },
    paths: { ...file.inBlocks, ...creationJson.paths },
    validation_overrides: file.entries,
    ...file.last,
  }
  for (const key of file.drop) delete whole[key]
  return whole
}

const changes: fc.Arbitrary<RecordChange> = fc.record(
  {
    syncStatus: fc.constantFrom("pending" as const, "synced" as const, "failed" as const, "cleaned" as const),
    addOverrides: fc.array(fc.constantFrom("", "b", "c").map(override), { maxLength: 3 }),
  },
  { requiredKeys: [] },
)

/** What the file must say afterwards, done on the parsed value. */
const expected = (
  before: JsonObject,
  minor: number,
  { addOverrides = [], syncStatus }: RecordChange,
): Json => {
  let next = 0
  const named = (entry: JsonObject): JsonObject => {
    if (typeof entry["id"] === "string" && entry["id"] !== "") return entry
    const id = `new-${next++}`
    return Object.hasOwn(entry, "id") ? { ...entry, id } : { id, ...entry }
  }
  const old = (before["validation_overrides"] ?? []) as ReadonlyArray<JsonObject>
  const overrides = [...old.map(named), ...addOverrides.map((entry) => named(wireOverride(entry.id)))]
  return {
    ...before,
    ...(old.length === 0 && addOverrides.length === 0 ? {} : { validation_overrides: overrides }),
    ...(minor < 9 ? { schema_version: "1.9" } : {}),
    ...(syncStatus === undefined || syncStatus === (before["sync_status"] ?? "pending")
      ? {}
      : { sync_status: syncStatus }),
  }
}

describe("a change of a record", () => {
  it("changes two fields and the version, and keeps all else in its order, whoever wrote the file", () => {
    fc.assert(
      fc.property(files, changes, ({ layout, ...file }, change) => {
        const before = jsonOf(file)
        const after = apply(layout(before), change)
        expect(JSON.stringify(JSON.parse(after))).toBe(
          JSON.stringify(expected(JSON.parse(layout(before)) as JsonObject, file.minor, change)),
        )
      }),
      { numRuns: 500 },
    )
  })

  it("leaves every byte alone when nothing changes", () => {
    fc.assert(
      fc.property(files, ({ layout, ...file }) => {
        const text = layout(jsonOf({ ...file, minor: 9, entries: [] }))
        expect(apply(text, {})).toBe(text)
        expect(apply(text, { syncStatus: "pending", addOverrides: [] })).toBe(text)
      }),
    )
  })

  it("keeps what a JSON parser would lose", () => {
    const text = `{"schema_version":"1.11","level":"run","z":1,"9":2,"1":123456789012345678901234567890,
      "big":1e999,"float":1.0,"twice":1,"twice":2,"esc":"\\u00e9\\/","sync_status":"pending"}`
    const after = apply(text, { syncStatus: "synced" })
    expect(after).toBe(text.replace('"pending"', '"synced"'))
  })

  it("looks like the rest of the file", () => {
    const indented = `${JSON.stringify(creationJson, null, 2)}\n`
    const change: RecordChange = { syncStatus: "synced", addOverrides: [override("a")] }
    const wanted = { ...creationJson, sync_status: "synced", validation_overrides: [wireOverride("a")] }
    expect(apply(indented, change)).toBe(`${JSON.stringify(wanted, null, 2)}\n`)
    const two = { ...wanted, validation_overrides: [wireOverride("a"), wireOverride("b")] }
    expect(apply(apply(indented, change), { addOverrides: [override("b")] })).toBe(
      `${JSON.stringify(two, null, 2)}\n`,
    )
    expect(apply(JSON.stringify(creationJson), { syncStatus: "synced" })).toBe(
      JSON.stringify({ ...creationJson, sync_status: "synced" }),
    )
  })

  it("takes the last of two members of one name, as parsers do", () => {
    const text = '{"schema_version":"1.9","level":"run","sync_status":"failed","sync_status":"pending"}'
    expect(read(text).record.syncStatus).toBe("pending")
    expect(apply(text, { syncStatus: "synced" })).toBe(text.replace('"pending"', '"synced"'))
  })

  it("raises an older minor version and never lowers a newer one", () => {
    const version = (text: string): unknown => (JSON.parse(apply(text, {})) as JsonObject)["schema_version"]
    expect(version('{"schema_version":"1.0","level":"run"}')).toBe("1.9")
    expect(version('{"schema_version":"1.10","level":"run"}')).toBe("1.10")
  })
})
