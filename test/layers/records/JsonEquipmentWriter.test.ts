import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { DateTime, Effect, Exit, TestClock, TestContext } from "effect"
import { runDestination, projectDestination } from "../../../src/domain/Destination.ts"
import { EquipmentWriter } from "../../../src/ports/EquipmentWriter.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import { everyFault, get, metadata, names, onRecords, put, underFault } from "./support.ts"

const equipment = { id: "CONFOCAL_01", label: "Confocal 1", nasRoot: "/nas/C1" }

const folderOf = (root: string) => {
  const folder = `${root}/${equipment.id}`
  fs.mkdirSync(folder, { recursive: true })
  return folder
}

const at = (instant: string) => TestClock.setTime(Date.parse(instant))

const expected = {
  schema_version: "1.0",
  id: "CONFOCAL_01",
  label: "Confocal 1",
  configured_nas_root: "/nas/C1",
  first_seen_at: "2026-04-17T14:32:00Z",
  last_modified_at: "2026-04-17T14:32:00Z",
}

onRecords("the equipment is recorded once, and again when something about it changed", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    const faults = yield* DiskFaults
    const folder = folderOf(root)
    const read = () => JSON.parse(get(folder, "equipment.json")) as object
    yield* at("2026-04-17T14:32:00Z")
    expect(yield* writer.recordEquipment(root, equipment)).toEqual([])
    expect(read()).toEqual({ ...expected, configured_local_root: root })
    expect(Object.keys(read())).toEqual([
      "schema_version",
      "id",
      "label",
      "configured_local_root",
      "configured_nas_root",
      "first_seen_at",
      "last_modified_at",
    ])
    yield* at("2026-04-18T00:00:00Z")
    yield* faults.arm(() => Action.Pass())
    yield* writer.recordEquipment(root, equipment)
    expect((yield* faults.disarm).map(({ name }) => name)).toEqual(["readFile"])
    expect(read()).toEqual({ ...expected, configured_local_root: root })
    yield* writer.recordEquipment(root, { ...equipment, label: "Confocal 1b" })
    expect(read()).toEqual({
      ...expected,
      configured_local_root: root,
      label: "Confocal 1b",
      last_modified_at: "2026-04-18T00:00:00Z",
    })
  }).pipe(Effect.provide(TestContext.TestContext)),
)

onRecords(
  "what another writer added to the equipment's record stays, and so does when it was first seen",
  (root) =>
    Effect.gen(function* () {
      const writer = yield* EquipmentWriter
      const folder = folderOf(root)
      put(
        folder,
        "equipment.json",
        '{"schema_version":"1.3","first_seen_at":"2020-01-01T00:00:00Z","room":"B12","label":null}',
      )
      yield* at("2026-04-18T00:00:00Z")
      expect(yield* writer.recordEquipment(root, equipment)).toEqual([])
      expect(JSON.parse(get(folder, "equipment.json"))).toEqual({
        ...expected,
        schema_version: "1.3",
        room: "B12",
        configured_local_root: root,
        first_seen_at: "2020-01-01T00:00:00Z",
        last_modified_at: "2026-04-18T00:00:00Z",
      })
    }).pipe(Effect.provide(TestContext.TestContext)),
)

onRecords("a broken record is set aside and made again; another major version is left alone", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    const folder = folderOf(root)
    yield* at("2026-04-17T14:32:00Z")
    for (const broken of ["", "{", "[]", '{"schema_version":"1.0","id":5}', "\0"]) {
      const before = names(put(folder, "equipment.json", broken).replace("/.exlab-wizard/equipment.json", ""))
      const [warning, ...others] = yield* writer.recordEquipment(root, equipment)
      expect(others).toEqual([])
      expect(warning?.path).toBe(`${metadata(folder)}/equipment.json`)
      const aside = names(folder).filter((name) => !before.includes(name) && name.includes("corrupt"))
      expect(aside).toEqual([expect.stringMatching(/^equipment\.json\.corrupt-2026-04-17T14-32-00Z(-\d)?$/)])
      expect(get(folder, aside[0]!)).toBe(broken)
      expect(warning?.message).toContain(aside[0])
      expect(JSON.parse(get(folder, "equipment.json"))).toEqual({ ...expected, configured_local_root: root })
    }
    for (const foreign of ['{"schema_version":"2.0"}', '{"id":"x"}']) {
      put(folder, "equipment.json", foreign)
      const warnings = yield* writer.recordEquipment(root, equipment)
      expect(warnings).toMatchObject([{ message: expect.stringContaining("left as it is") }])
      expect(get(folder, "equipment.json")).toBe(foreign)
    }
  }).pipe(Effect.provide(TestContext.TestContext)),
)

onRecords("a folder, a link or a pipe in the place of a record is set aside, too", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    const folder = folderOf(root)
    const path = `${metadata(folder)}/equipment.json`
    fs.mkdirSync(path, { recursive: true })
    expect(yield* writer.recordEquipment(root, equipment)).toHaveLength(1)
    fs.rmSync(path)
    fs.writeFileSync(`${root}/elsewhere`, "precious")
    fs.symlinkSync(`${root}/elsewhere`, path)
    expect(yield* writer.recordEquipment(root, equipment)).toHaveLength(1)
    expect(fs.readFileSync(`${root}/elsewhere`, "utf8")).toBe("precious")
    expect(fs.lstatSync(path).isFile()).toBe(true)
  }),
)

onRecords("a folder of runs is marked once, with its kind", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    const zoned = DateTime.unsafeMakeZoned(0)
    yield* at("2026-04-17T14:32:00Z")
    for (const [kind, folder, name] of [
      ["experimental", "Runs", "runs.json"],
      ["test", "TestRuns", "test_runs.json"],
    ] as const) {
      const destination = runDestination(root, "CONFOCAL_01", "Cell cycle", kind, zoned)
      fs.mkdirSync(destination.parent, { recursive: true })
      expect(destination.parent.endsWith(folder)).toBe(true)
      expect(yield* writer.markFolder(destination, "PROJ-0042")).toEqual([])
      const first = get(destination.parent, name)
      expect(JSON.parse(first)).toEqual({
        schema_version: "1.0",
        run_kind: kind,
        created_at: "2026-04-17T14:32:00Z",
        project: "PROJ-0042",
        equipment: "CONFOCAL_01",
      })
      yield* at("2026-05-01T00:00:00Z")
      expect(yield* writer.markFolder(destination, "other")).toEqual([])
      expect(get(destination.parent, name)).toBe(first)
      put(destination.parent, name, "{")
      expect(yield* writer.markFolder(destination, "PROJ-0042")).toHaveLength(1)
      yield* at("2026-04-17T14:32:00Z")
    }
    expect(yield* writer.markFolder(projectDestination(root, "CONFOCAL_01", "P"), "P")).toEqual([])
  }).pipe(Effect.provide(TestContext.TestContext)),
)

onRecords("of four processes one makes the records, and the others leave them", (root) =>
  Effect.gen(function* () {
    const destination = runDestination(root, "CONFOCAL_01", "P-1", "test", DateTime.unsafeMakeZoned(0))
    fs.mkdirSync(destination.parent, { recursive: true })
    const seen = new Set<string>()
    for (let round = 0; round < 2; round += 1) {
      fs.rmSync(metadata(destination.parent), { recursive: true, force: true })
      const children = yield* Effect.forEach(["a", "b", "c", "d"], (label) =>
        forkProgram(new URL("./marker.ts", import.meta.url), [root, label]),
      )
      yield* Effect.forEach(children, (child) => child.next)
      yield* Effect.forEach(children, (child) => child.send("go"))
      const ends = yield* Effect.forEach(children, (child) => child.ended)
      expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0])
      expect(names(destination.parent)).toEqual(["test_runs.json", "test_runs.json.lock"])
      seen.add(
        (JSON.parse(get(`${root}/CONFOCAL_01`, "equipment.json")) as { first_seen_at: string }).first_seen_at,
      )
    }
    expect(seen.size).toBe(1)
  }),
)

onRecords("a fault at any operation leaves a whole record or none", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    const faults = yield* DiskFaults
    const folder = folderOf(root)
    const record = writer.recordEquipment(root, equipment)
    for (const start of [
      null,
      "{",
      '{"schema_version":"1.0","label":"old","first_seen_at":"2020-01-01T00:00:00Z"}',
    ]) {
      const reset = () => {
        fs.rmSync(metadata(folder), { recursive: true, force: true })
        if (start !== null) put(folder, "equipment.json", start)
      }
      reset()
      yield* faults.arm(() => Action.Pass())
      yield* record
      const operations = yield* faults.disarm
      for (const fault of everyFault) {
        for (const { index } of operations) {
          reset()
          const exit = yield* underFault(record, index, fault)
          if (fault === "FailBefore") expect(exit).toMatchObject(Exit.fail({ _tag: "DiskError" }))
          if (Exit.isSuccess(exit)) expect(get(folder, "equipment.json")).toContain("Confocal 1")
          const left = fs.existsSync(metadata(folder)) ? names(folder) : []
          expect(left.filter((name) => name.startsWith(".tmp"))).toEqual([])
          if (start === "{") {
            const whole = left.filter((name) => !name.endsWith(".lock")).map((name) => get(folder, name))
            expect(whole).toContain("{")
          }
          yield* record
          expect(JSON.parse(get(folder, "equipment.json"))).toMatchObject({ label: "Confocal 1" })
          if (start?.includes("2020") === true) {
            expect(get(folder, "equipment.json")).toContain("2020-01-01T00:00:00Z")
          }
        }
      }
    }
  }),
)

onRecords("what a writer that was killed left goes with the next write", (root) =>
  Effect.gen(function* () {
    const writer = yield* EquipmentWriter
    put(folderOf(root), ".tmp-0123456789abcdef", "{")
    yield* writer.recordEquipment(root, equipment)
    expect(names(folderOf(root))).toEqual(["equipment.json", "equipment.json.lock"])
  }),
)
