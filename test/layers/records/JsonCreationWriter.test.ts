import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Duration, Effect, Exit } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { creationJson, creationRecord } from "../../domain/records.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import { override } from "./recordsLayer.ts"
import { everyFault, get, metadata, names, onRecords, put, underFault } from "./support.ts"

const whole = `${JSON.stringify(creationJson, null, 2)}\n`

const fieldsOf = (label: string) => ({
  schemaVersion: "1.1",
  generatedAt: "2026-04-17T14:32:00Z",
  coreFields: { label, operator: "asmith", objective: "" },
  templateFields: {},
  configFields: {},
  customFields: [],
  systemFields: {},
  body: "",
})

onRecords("the first write makes the folder, a second one replaces the file", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    yield* writer.writeCreation(directory, creationRecord)
    expect(get(directory, "creation.json")).toBe(whole)
    yield* writer.writeReadmeFields(directory, fieldsOf("one"))
    yield* writer.writeFiles(directory, { schemaVersion: "1.0", files: [] })
    yield* writer.writeCreation(directory, { ...creationRecord, syncStatus: "blocked_by_validation" })
    expect(get(directory, "creation.json")).toBe(whole.replace('"pending"', '"blocked_by_validation"'))
    yield* writer.writeReadmeFields(directory, fieldsOf("two"))
    expect(JSON.parse(get(directory, "readme_fields.json"))).toMatchObject({ core_fields: { label: "two" } })
    expect(names(directory)).toEqual(["creation.json", "files.json", "readme_fields.json"])
    expect(fs.statSync(`${metadata(directory)}/creation.json`).mode & 0o777).toBe(0o644)
  }),
)

onRecords(
  "a tree's first record costs two operations, others one, and three when their folder isn't there",
  (directory) =>
    Effect.gen(function* () {
      const writer = yield* CreationWriter
      const faults = yield* DiskFaults
      const operationsOf = (write: Effect.Effect<void, DiskError>) =>
        Effect.gen(function* () {
          yield* faults.arm(() => Action.Pass())
          yield* write
          return (yield* faults.disarm).map(({ name }) => name)
        })
      expect(yield* operationsOf(writer.writeReadmeFields(directory, fieldsOf("one")))).toEqual([
        "makeDirectory",
        "createFile",
      ])
      expect(yield* operationsOf(writer.writeCreation(directory, creationRecord))).toEqual(["createFile"])
      fs.mkdirSync(`${directory}/other`)
      expect(yield* operationsOf(writer.writeCreation(`${directory}/other`, creationRecord))).toEqual([
        "createFile",
        "makeDirectory",
        "createFile",
      ])
    }),
)

onRecords("a record of a directory that isn't there, or has none", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    const nothing = { _tag: "DiskError", errno: "ENOENT" }
    expect(yield* Effect.flip(writer.read(directory))).toMatchObject(nothing)
    expect(yield* Effect.flip(writer.update(directory, () => ({})))).toMatchObject(nothing)
    expect(yield* Effect.flip(writer.writeCreation(`${directory}/absent`, creationRecord))).toMatchObject(
      nothing,
    )
    fs.mkdirSync(metadata(directory))
    expect(yield* Effect.flip(writer.update(directory, () => ({})))).toMatchObject(nothing)
    expect(names(directory)).toEqual([])
  }),
)

onRecords("a change sees the record as it is, and returns it as it is then", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    put(
      directory,
      "creation.json",
      '\ufeff{"schema_version":"1.4","level":"run","later":[1.0],"validation_overrides":[{"reason":"old"}]}',
    )
    const record = yield* writer.update(directory, (before) => {
      expect(before.syncStatus).toBe("pending")
      return { syncStatus: "synced", addOverrides: [override("")] }
    })
    expect(record).toMatchObject({ schemaVersion: "1.9", syncStatus: "synced" })
    const [first = "", second = ""] = record.validationOverrides.map(({ id }) => id)
    expect([first, second]).toEqual([
      expect.stringMatching(/^ovr-[0-9a-f]{16}$/),
      expect.stringMatching(/^ovr-/),
    ])
    expect(first).not.toBe(second)
    expect(yield* writer.read(directory)).toEqual(record)
    expect(get(directory, "creation.json")).toMatch(
      /^\{"schema_version":"1.9","level":"run","later":\[1\.0\],/,
    )
  }),
)

onRecords("a change that changes nothing leaves the file alone", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    const path = put(directory, "creation.json", whole)
    const before = fs.statSync(path, { bigint: true })
    yield* writer.update(directory, () => ({ syncStatus: "pending" }))
    expect(fs.statSync(path, { bigint: true })).toEqual({
      ...before,
      atimeNs: expect.anything(),
      atimeMs: expect.anything(),
      atime: expect.anything(),
    })
  }),
)

onRecords("what can't be read is an error with its path, and is never overwritten", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    const path = `${metadata(directory)}/creation.json`
    for (const [content, expected] of [
      ["", { _tag: "RecordUnreadable", path }],
      [whole.slice(0, -10), { _tag: "RecordUnreadable", path }],
      [whole.replace('"run"', "5"), { _tag: "RecordUnreadable", path }],
      [whole.replace("1.9", "2.0"), { _tag: "SchemaMajorMismatch", path, expectedMajor: 1, found: "2.0" }],
      [whole.replace('"1.9"', "null"), { _tag: "SchemaMajorMismatch", path, expectedMajor: 1, found: null }],
      [" ".repeat(16 * 1024 * 1024 + 1), { _tag: "RecordUnreadable", path }],
    ] as const) {
      put(directory, "creation.json", content)
      expect(yield* Effect.flip(writer.read(directory))).toMatchObject(expected)
      expect(yield* Effect.flip(writer.update(directory, () => ({ syncStatus: "synced" })))).toMatchObject(
        expected,
      )
      expect(get(directory, "creation.json") === content).toBe(true)
    }
  }),
)

onRecords(
  "a change waits for the lock, and not for ever",
  (directory) =>
    Effect.gen(function* () {
      const writer = yield* CreationWriter
      const disk = yield* Disk
      const path = put(directory, "creation.json", whole)
      const change = writer.update(directory, () => ({ syncStatus: "synced" }))
      const refused = yield* Effect.scoped(
        Effect.zipRight(disk.lock(`${path}.lock`, Duration.seconds(1)), Effect.flip(change)),
      )
      expect(refused).toMatchObject({ _tag: "LockTimeout", path: `${path}.lock` })
      expect((yield* change).syncStatus).toBe("synced")
    }),
  { lockTimeoutSeconds: 0.05 },
)

onRecords("100 changes by as many fibers all survive, also a lock file that somebody unlinks", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    const path = put(directory, "creation.json", whole)
    const ids = Array.from({ length: 100 }, (_, n) => `o-${n}`)
    yield* Effect.forEach(
      ids,
      (id, n) =>
        writer
          .update(directory, () => ({ addOverrides: [override(id)] }))
          .pipe(
            Effect.tap(() => Effect.sync(() => n % 10 === 0 && fs.rmSync(`${path}.lock`, { force: true }))),
          ),
      { concurrency: "unbounded" },
    )
    const { validationOverrides } = yield* writer.read(directory)
    expect(validationOverrides.map(({ id }) => id).sort()).toEqual(ids.sort())
  }),
)

onRecords("a fault at any operation of a change leaves the old record or the new one", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    const faults = yield* DiskFaults
    const change = writer.update(directory, () => ({ syncStatus: "synced" }))
    const changed = whole.replace('"pending"', '"synced"')
    put(directory, "creation.json", whole)
    yield* faults.arm(() => Action.Pass())
    yield* change
    const operations = yield* faults.disarm
    expect(operations.map(({ name }) => name)).toEqual([
      "lstat",
      "lstat",
      "lock",
      "readFile",
      "list",
      "createFile",
      "rename",
      "flush",
    ])
    for (const fault of everyFault) {
      for (const { index, name } of operations) {
        put(directory, "creation.json", whole)
        const exit = yield* underFault(change, index, fault)
        if (fault.startsWith("Fail")) {
          expect(exit).toMatchObject(Exit.fail({ _tag: "DiskError", op: name, errno: "EIO" }))
        }
        expect([whole, changed]).toContain(get(directory, "creation.json"))
        if (Exit.isSuccess(exit)) expect(get(directory, "creation.json")).toBe(changed)
        expect(names(directory)).toEqual(["creation.json", "creation.json.lock"])
        yield* change
      }
    }
  }),
)

onRecords("a change removes what a killed writer left, and nothing else", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    put(directory, "creation.json", whole)
    put(directory, ".tmp-0123456789abcdef", "{")
    put(directory, ".tmp-of-a-person", "stays")
    fs.mkdirSync(`${metadata(directory)}/.tmp-fedcba9876543210`)
    yield* writer.update(directory, () => ({ syncStatus: "synced" }))
    const stays = [".tmp-fedcba9876543210", ".tmp-of-a-person", "creation.json", "creation.json.lock"]
    expect(names(directory)).toEqual(stays)
  }),
)
