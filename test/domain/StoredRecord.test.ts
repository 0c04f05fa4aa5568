import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import type { Json } from "../../src/domain/Json.ts"
import { maxRecordDepth } from "../../src/domain/JsonText.ts"
import type { RecordProblem } from "../../src/domain/RecordFile.ts"
import { creationText, filesText, readmeFieldsText } from "../../src/domain/RecordText.ts"
import { inheritedLims, readCreation, readReadmeFields } from "../../src/domain/StoredRecord.ts"
import { creationJson, creationRecord, layouts, strangers, utf8 } from "./records.ts"

const path = "/data/P/.exlab-wizard/creation.json"
const read = (text: string) => readCreation(path, utf8(text))
const recordOf = (value: Json) => Either.map(read(JSON.stringify(value)), ({ record }) => record)
const problemOf = (text: string): RecordProblem => Either.getOrThrow(Either.flip(read(text)))

describe("creation.json", () => {
  it("is written with the documented keys, in their order, and without nulls for texts", () => {
    expect(creationText(creationRecord)).toBe(`${JSON.stringify(creationJson, null, 2)}\n`)
  })

  it("reads back what it wrote", () => {
    const record = Either.getOrThrow(read(creationText(creationRecord))).record
    const { isolation: _, ...plugin } = creationRecord.pluginsApplied[0]!
    expect(record).toEqual({ ...creationRecord, pluginsApplied: [plugin] })
  })

  it("fills in what other writers leave out, at any minor version", () => {
    for (const minor of [0, 4, 9, 23]) {
      const record = Either.getOrThrow(recordOf({ schema_version: `1.${minor}`, level: "run" }))
      expect(record).toEqual({
        schemaVersion: `1.${minor}`,
        createdAt: "",
        createdBy: "",
        level: "run",
        runKind: "experimental",
        template: { name: "", version: "", sourcePath: "", runScope: "both" },
        variables: {},
        pluginsApplied: [],
        paths: { local: "", nas: "" },
        orchestrator: { enabled: false, host: "", label: "", equipmentLabel: "" },
        requiredReadmeFieldIds: [],
        provenance: {},
        syncStatus: "pending",
        validationOverrides: [],
      })
      expect(inheritedLims(record)).toBeNull()
    }
    const sparing = { ...creationJson, lims_project: { uid: "u", short_id: "P", name_at_creation: "n" } }
    expect(inheritedLims(Either.getOrThrow(recordOf(sparing)))?.source).toBe("live")
  })

  it("reads around what it doesn't know, and with a byte order mark", () => {
    fc.assert(
      fc.property(strangers, layouts, fc.boolean(), (strange, layout, mark) => {
        const text = layout({ ...strange, ...creationJson })
        const known = Either.getOrThrow(recordOf(creationJson))
        expect(Either.getOrThrow(read(mark ? `\ufeff${text}` : text)).record).toEqual(known)
      }),
    )
  })

  it("takes every version of its own major and refuses all others", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat(), (major, minor) => {
        const result = recordOf({ ...creationJson, schema_version: `${major}.${minor}` })
        if (major === 1) expect(Either.isRight(result)).toBe(true)
        else {
          expect(Either.flip(result)).toMatchObject({
            right: { _tag: "SchemaMajorMismatch", path, expectedMajor: 1, found: `${major}.${minor}` },
          })
        }
      }),
    )
  })

  it.each([
    ["1", "1"],
    ["1.", "1."],
    ["v1.9", "v1.9"],
    ["1.9.1", "1.9.1"],
    [" 1.9", " 1.9"],
    ["01.9", "01.9"],
    ["-1.9", "-1.9"],
    [1.9, "1.9"],
    [null, null],
    [undefined, null],
    [["1.9"], '["1.9"]'],
    ["", ""],
  ])("has no readable version in %j", (version, found) => {
    const { schema_version: _, ...rest } = creationJson
    const text = JSON.stringify(version === undefined ? rest : { ...rest, schema_version: version })
    expect(problemOf(text)).toMatchObject({ _tag: "SchemaMajorMismatch", expectedMajor: 1, found })
  })

  it("keeps unknown values of enumerations in a newer minor version only", () => {
    const plugin = { ...creationJson.plugins_applied[0], status: "paused" }
    for (const strange of [
      { sync_status: "archived" },
      { run_kind: "calibration" },
      { level: "campaign" },
      { plugins_applied: [plugin] },
      { lims_project: { ...creationJson.lims_project, source: "mirror" } },
      { template: { ...creationJson.template, run_scope: "all" } },
    ]) {
      const newer = recordOf({ ...creationJson, ...strange, schema_version: "1.10" })
      expect(Either.isRight(newer)).toBe(true)
      expect(problemOf(JSON.stringify({ ...creationJson, ...strange }))).toMatchObject({
        _tag: "RecordUnreadable",
        path,
        reason: expect.stringContaining(Object.keys(strange)[0]!),
      })
    }
    const mirrored = { ...creationJson, schema_version: "1.10", lims_project: { source: "mirror" } }
    const record = Either.getOrThrow(recordOf(mirrored))
    expect(record.limsProject?.source).toBe("mirror")
    expect(inheritedLims(record)?.source).toBe("live")
  })

  it("that can't be read says why, with its path", () => {
    const tooDeep = `deeper than ${maxRecordDepth}`
    const nested = '{"a":'.repeat(maxRecordDepth + 1)
    for (const [text, reason] of [
      ["", "is empty"],
      [" \n", "is empty"],
      ["{", "is not JSON"],
      ["[]", "is not a JSON object"],
      ["null", "is not a JSON object"],
      ['"1.9"', "is not a JSON object"],
      ['{"schema_version":"1.9"', "is not JSON"],
      ["{'a':1}", "is not JSON"],
      ['{"schema_version":"1.9","level":"run"}}', "is not JSON"],
      ['{"schema_version":"1.9"}', "level"],
      ['{"schema_version":"1.9","level":"run","sync_status":5}', "sync_status"],
      ['{"schema_version":"1.9","level":"run","validation_overrides":{}}', "validation_overrides"],
      ['{"schema_version":"1.9","level":"run","validation_overrides":["x"]}', "validation_overrides.0"],
      [`{"a":${"[".repeat(1_000_000)}`, tooDeep],
      [`${nested}1${"}".repeat(maxRecordDepth + 1)}`, tooDeep],
    ] as const) {
      expect(problemOf(text)).toMatchObject({
        _tag: "RecordUnreadable",
        path,
        reason: expect.stringContaining(reason),
      })
    }
  })

  it("refuses bytes that are not UTF-8", () => {
    const bytes = utf8(JSON.stringify(creationJson)).with(20, 0xff)
    expect(Either.flip(readCreation(path, bytes))).toMatchObject({ right: { reason: "is not UTF-8" } })
  })

  it("never throws, whatever the bytes", () => {
    const mutated = fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => {
      const bytes = utf8(creationText(creationRecord))
      return bytes.with(at % bytes.length, byte)
    })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
        const result = readCreation(path, bytes)
        if (Either.isLeft(result)) expect(result.left.path).toBe(path)
        else expect(result.right.record.schemaVersion).toMatch(/^1\.\d+$/)
      }),
      { numRuns: 2000 },
    )
  })

  it("is not fooled by __proto__", () => {
    const text = JSON.stringify(creationJson).replace("{", '{"__proto__":{"sync_status":"cleaned"},')
    expect(Either.getOrThrow(read(text)).record.syncStatus).toBe("pending")
    expect(({} as { sync_status?: string }).sync_status).toBeUndefined()
    const hidden = '{"__proto__":{"schema_version":"1.9","level":"run"}}'
    expect(problemOf(hidden)).toMatchObject({ _tag: "SchemaMajorMismatch", found: null })
  })

  it("is written whatever the provenance holds", () => {
    const deep = Array.from({ length: 200 }).reduce<Json>((inner) => [inner], "x")
    const provenance = { deep, odd: "\u0000\ud800" }
    const text = creationText({ ...creationRecord, provenance })
    expect((JSON.parse(text) as { provenance: Json }).provenance).toEqual(provenance)
  })
})

describe("readme_fields.json", () => {
  it("has empty layers where another writer left them out", () => {
    expect(readReadmeFields(path, utf8('{"schema_version":"1.0"}'))).toEqual(
      Either.right({
        schemaVersion: "1.0",
        generatedAt: "",
        coreFields: { label: "", operator: "", objective: "" },
        templateFields: {},
        configFields: {},
        customFields: [],
        systemFields: {},
        body: "",
      }),
    )
    expect(Either.isLeft(readReadmeFields(path, utf8('{"schema_version":"2.0"}')))).toBe(true)
  })

  it("is written with the documented keys", () => {
    const written = JSON.parse(
      readmeFieldsText({
        schemaVersion: "1.1",
        generatedAt: "2026-04-17T14:32:00Z",
        coreFields: { label: "l", operator: "o", objective: "b" },
        templateFields: { a: 1 },
        configFields: {},
        customFields: [{ label: "x", value: "y" }],
        systemFields: { created_by: "u" },
        body: "p",
      }),
    ) as object
    expect(Object.keys(written)).toEqual([
      "schema_version",
      "generated_at",
      "core_fields",
      "template_fields",
      "config_fields",
      "custom_fields",
      "system_fields",
      "body",
    ])
  })
})

describe("files.json", () => {
  it("holds one file to a line", () => {
    const entry = (name: string) => ({
      path: name,
      origin: "plugin" as const,
      size: 3,
      sha256Rendered: null,
      sha256: "ab",
      source: null,
    })
    const text = filesText({ schemaVersion: "1.0", files: [entry("a\nb"), entry("c")] })
    expect(text.split("\n")).toHaveLength(8)
    expect(JSON.parse(text)).toEqual({
      schema_version: "1.0",
      files: ["a\nb", "c"].map((name) => ({
        path: name,
        origin: "plugin",
        size: 3,
        sha256_rendered: null,
        sha256: "ab",
        source: null,
      })),
    })
    expect(JSON.parse(filesText({ schemaVersion: "1.0", files: [] }))).toEqual({
      schema_version: "1.0",
      files: [],
    })
  })
})
