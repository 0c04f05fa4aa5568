import { describe, expect, it } from "@effect/vitest"
import { Effect, Ref, Stream } from "effect"
import { removeTree } from "../../layers/disk/trees.ts"
import { Audit } from "../../src/audit/Audit.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { isWithin } from "../../src/domain/AuditScope.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { CreationWriter } from "../../src/ports/CreationWriter.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { MemoryFiles } from "../support/MemoryDisk.ts"
import {
  audited,
  brief,
  equipment,
  FailedJobs,
  memoryLab,
  plant,
  plantDirectory,
  plantLab,
  project,
  root,
  run,
  testRun,
  top,
} from "./lab.ts"

const person = { operator: "asmith", reason: "the instrument names it so" }

/** One thing wrong at every place. */
const plantFaults = Effect.gen(function* () {
  yield* plantLab
  yield* plant(root, { "OTHER_01/PROJ-1/Runs/notes": null, lost: null })
  yield* plant(project, { "a:b": "" })
  yield* plant(equipment, { ".exlab-wizard/staging/PROJ-0042/x": "", ".exlab-wizard/staging/PROJ-9/x": "" })
  yield* plant(`${project}/Runs`, { ".exlab-wizard/staging/Run_2026-04-17T14-32-00/x": "" })
  yield* plantDirectory(run, { rendered: ["a.txt"], readme: { core_fields: {} } }, { "a.txt": "<id>" })
  yield* plant(testRun, { "x|y": null })
  yield* Effect.flatMap(FailedJobs, Ref.set<ReadonlyArray<string>>([run, project, `${root}/OTHER_01/gone`]))
})

describe("a scope", () => {
  it.scoped("has what everything has of it, and says what it is not", () =>
    Effect.gen(function* () {
      yield* plantFaults
      const { scopeOf } = yield* Audit
      const all = yield* audited()
      expect(all.length).toBeGreaterThan(15)
      for (const path of [equipment, `${root}/OTHER_01`, `${root}/OTHER_01/PROJ-1`, project, run, testRun]) {
        const scope = yield* scopeOf(path)
        expect((yield* audited(path)).map(brief)).toEqual(
          all.filter(({ runPath }) => isWithin(scope, runPath)).map(brief),
        )
      }
      for (const path of [
        "/",
        "/lab",
        `${root}x`,
        `${root}/../x`,
        `${project}/Runs`,
        `${run}/raw`,
        "NONE_01",
        ".x",
      ]) {
        expect(yield* Effect.flip(scopeOf(path))).toMatchObject({ _tag: "RunNotFound" })
      }
      for (const path of ["", ".", root, `${root}/`]) expect((yield* scopeOf(path)).level).toBe("all")
    }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped("is looked at in the order of names, each directory followed by how far it is", () =>
    Effect.gen(function* () {
      yield* plantFaults
      const { audit, scopeOf } = yield* Audit
      const events = [...(yield* Stream.runCollect(audit(yield* scopeOf(equipment))))]
      expect(events.flatMap((event) => (event.kind === "progress" ? [event] : []))).toEqual(
        [project, run, testRun].map((path, index) => ({
          kind: "progress",
          looked: index + 1,
          total: 3,
          path,
        })),
      )
      expect([...(yield* Stream.runCollect(audit(yield* scopeOf(equipment))))]).toEqual(events)
    }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped(
    "of everything is empty before there is a root, and is the same below a root that is a link",
    () =>
      Effect.gen(function* () {
        expect(yield* audited()).toEqual([])
        yield* plantFaults
        const before = yield* audited()
        const disk = yield* Disk
        yield* disk.rename(root, `${top}/volume`)
        yield* disk.makeLink(`${top}/volume`, root)
        expect(yield* audited()).toEqual(before)
        expect((yield* audited(run)).map(brief)).toEqual(
          before.filter(({ runPath }) => runPath === run).map(brief),
        )
      }).pipe(Effect.provide(memoryLab())),
  )
})

describe("links", () => {
  const outside = `${top}/outside`
  /** What is put behind a link, and what is missed then. */
  const places: ReadonlyArray<readonly [path: string, finds: ReadonlyArray<string>]> = [
    [equipment, []],
    [project, []],
    [`${project}/Runs`, []],
    [run, []],
    [`${run}/raw`, []],
    [
      `${run}/.exlab-wizard`,
      ["unreadable_record DEMO_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00/.exlab-wizard"],
    ],
    [`${run}/a.txt`, []],
    [`${equipment}/.exlab-wizard`, []],
    [`${equipment}/.exlab-wizard/staging`, []],
  ]
  it.scoped.each(places.map(([path, finds]) => ({ path, finds })))(
    "in place of $path aren't followed",
    ({ finds, path }) =>
      Effect.gen(function* () {
        yield* plantLab
        yield* plant(run, { "raw/a:b": "", "raw/deep/b.txt": "<id>" })
        yield* plantDirectory(run, { rendered: ["a.txt", "raw/deep/b.txt"] }, { "a.txt": "<id>" })
        yield* plant(equipment, { ".exlab-wizard/staging/PROJ-9/x": "" })
        expect((yield* audited()).length).toBe(4)
        const disk = yield* Disk
        const { takeReads } = yield* MemoryFiles
        yield* disk.rename(path, outside)
        yield* disk.makeLink(outside, path)
        yield* takeReads
        const found = (yield* audited()).map(brief)
        expect(found).toEqual(expect.arrayContaining([...finds]))
        expect([...(yield* takeReads)].filter((read) => read.startsWith(outside))).toEqual([])
        const { scopeOf } = yield* Audit
        const { override } = yield* Problems
        for (const below of [equipment, project, run].filter((one) => `${one}/`.startsWith(`${path}/`))) {
          expect(yield* Effect.flip(scopeOf(below))).toMatchObject({ _tag: "RunNotFound" })
          const refused = yield* Effect.flip(
            override({ path: below, problemClass: "mode_prefix_mismatch", ...person }),
          )
          expect(refused).toMatchObject({ _tag: "RunNotFound" })
        }
        expect([...(yield* takeReads)].filter((read) => read.startsWith(outside))).toEqual([])
        // Nor is anything written there, be it only a lock.
        yield* Effect.ignore(override({ path: run, problemClass: "mode_prefix_mismatch", ...person }))
        const left = yield* Effect.orElseSucceed(disk.list(outside), () => [])
        expect(left.filter(({ name }) => name.endsWith(".lock"))).toEqual([])
      }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped("in a circle end nothing", () =>
    Effect.gen(function* () {
      yield* plantLab
      yield* plant(run, { here: { link: "." }, up: { link: ".." }, self: { link: "self" } })
      yield* plant(root, { LOOP_01: { link: root } })
      yield* plant(equipment, { round: { link: equipment } })
      yield* plant(project, { "TestRuns/TestRun_2": { link: project } })
      expect(yield* audited()).toEqual([])
    }).pipe(Effect.provide(memoryLab())),
  )
})

describe("what changes while it is looked at", () => {
  /** Does something at the first operation on a path, before it is done. */
  const atFirst = (path: string, change: Effect.Effect<void, Error, Disk>) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const { arm } = yield* DiskFaults
      let isDone = false
      const effect = Effect.orDie(Effect.provideService(change, Disk, disk))
      yield* arm(({ paths }) => {
        if (isDone || paths[0] !== path) return Action.Pass()
        isDone = true
        return Action.RunBefore({ effect })
      })
      return { hasHappened: () => isDone }
    })

  it.scoped.each(
    ["", "/.exlab-wizard", "/.exlab-wizard/creation.json", "/.exlab-wizard/files.json", "/a.txt"].map(
      (name) => ({
        name,
      }),
    ),
  )("a run that goes before its $name is looked at isn't told of", ({ name }) =>
    Effect.gen(function* () {
      yield* plantLab
      yield* plantDirectory(run, { rendered: ["a.txt"] }, { "a.txt": "fine" })
      const { hasHappened } = yield* atFirst(`${run}${name}`, removeTree(run))
      expect((yield* audited()).map(brief)).toEqual([])
      expect(hasHappened()).toBe(true)
    }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped.each([{ path: `${project}/Runs` }, { path: run }])(
    "a link that takes the place of $path isn't followed",
    ({ path }) =>
      Effect.gen(function* () {
        yield* plantLab
        const disk = yield* Disk
        const { takeReads } = yield* MemoryFiles
        const swap = Effect.zipRight(
          disk.rename(path, `${top}/outside`),
          disk.makeLink(`${top}/outside`, path),
        )
        yield* atFirst(path, swap)
        yield* takeReads
        yield* audited()
        expect([...(yield* takeReads)].filter((read) => read.startsWith(`${top}/outside`))).toEqual([])
      }).pipe(Effect.provide(memoryLab())),
  )
})

describe("what can't be read", () => {
  it.scoped("is told at its place, and what is beside it is looked at all the same", () =>
    Effect.gen(function* () {
      yield* plantFaults
      const disk = yield* Disk
      const before = (yield* audited()).map(brief)
      for (const path of [
        `${run}/.exlab-wizard`,
        testRun,
        `${project}/TestRuns`,
        project,
        `${root}/OTHER_01`,
        `${run}/a.txt`,
        `${run}/.exlab-wizard/creation.json`,
      ]) {
        yield* disk.setMode(path, 0)
        const found = (yield* audited()).map(brief)
        // Without its records nobody knows what to look for in a run.
        const hidden = path.startsWith(run) && !path.endsWith(".txt") ? run : path
        const elsewhere = (all: ReadonlyArray<string>) =>
          all.filter((one) => !one.includes(hidden.slice(root.length + 1)))
        expect(elsewhere(found)).toEqual(elsewhere(before))
        expect(found.filter((one) => one.startsWith("unreadable_record ")).length).toBeGreaterThan(0)
        expect(new Set(found).size).toBe(found.length)
        yield* disk.setMode(path, path.endsWith(".txt") || path.endsWith(".json") ? 0o644 : 0o755)
      }
      expect((yield* audited()).map(brief)).toEqual(before)
    }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped("one staging area hides no other", () =>
    Effect.gen(function* () {
      yield* plantLab
      const areas = ["A", "B"].map((name) => `.exlab-wizard/staging/${name}/owner.json`)
      yield* plant(equipment, Object.fromEntries(areas.map((path) => [path, "{}"])))
      yield* plant(`${project}/Runs`, { ".exlab-wizard/staging/Run_1/owner.json": "{}" })
      const disk = yield* Disk
      yield* disk.setMode(`${equipment}/.exlab-wizard/staging/A/owner.json`, 0)
      expect((yield* audited()).map(brief).sort()).toEqual([
        "interrupted_creation DEMO_01/.exlab-wizard/staging/B",
        "interrupted_creation DEMO_01/PROJ-0042/Runs/.exlab-wizard/staging/Run_1",
        "unreadable_record DEMO_01/.exlab-wizard/staging/A/owner.json",
      ])
    }).pipe(Effect.provide(memoryLab())),
  )
})

describe("overrides", () => {
  it.scoped("hold for what no rule of the validator finds, too", () =>
    Effect.gen(function* () {
      yield* plantLab
      yield* plant(`${project}/Runs`, { ".exlab-wizard/staging/Run_2026-04-17T14-32-00/x": "" })
      yield* Effect.flatMap(FailedJobs, Ref.set<ReadonlyArray<string>>([run, testRun]))
      const { override } = yield* Problems
      yield* override({ path: run, problemClass: "nas_sync_failed", ...person })
      const refused = yield* Effect.flip(
        override({ path: run, problemClass: "interrupted_creation", ...person }),
      )
      expect(refused.message).toContain("the next start clears it")
      const judged = (path?: string) =>
        Effect.map(audited(path), (all) => all.map((one) => [brief(one), one.overrideActive]))
      const here = [
        ["interrupted_creation DEMO_01/PROJ-0042/Runs/.exlab-wizard/staging/Run_2026-04-17T14-32-00", false],
        ["nas_sync_failed DEMO_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00", true],
      ]
      expect(yield* judged(run)).toEqual(here)
      expect(yield* judged()).toEqual([
        ...here,
        ["nas_sync_failed DEMO_01/PROJ-0042/TestRuns/TestRun_2026-04-18T09-00-00", false],
      ])
    }).pipe(Effect.provide(memoryLab())),
  )

  it.scoped("hold for their run, not for its project or the runs beside it", () =>
    Effect.gen(function* () {
      yield* plantLab
      for (const path of [project, run, testRun]) yield* plant(path, { "a:b": "" })
      const { override } = yield* Problems
      const rule = "illegal_filesystem_character"
      const { id } = yield* override({ path: run, problemClass: rule, ...person })
      const active = Effect.map(audited(), (all) =>
        all.filter(({ overrideActive }) => overrideActive).map(({ runPath }) => runPath),
      )
      expect(yield* active).toEqual([run])
      const { validationOverrides } = yield* Effect.flatMap(CreationWriter, ({ read }) => read(run))
      expect(validationOverrides).toMatchObject([{ id, problemClass: rule, ...person, revoked: false }])
      const { revoke } = yield* Problems
      yield* revoke({ path: run, overrideId: id, ...person, reason: "it was renamed" })
      expect(yield* active).toEqual([])
      const after = yield* Effect.flatMap(CreationWriter, ({ read }) => read(run))
      expect(after.validationOverrides).toMatchObject([
        { id, reason: person.reason },
        { revokes: id, reason: "it was renamed", revoked: true },
      ])
    }).pipe(Effect.provide(memoryLab())),
  )
})

it.scoped("failed copies are told page by page, also those of directories that are gone", () =>
  Effect.gen(function* () {
    yield* plantLab
    const gone = Array.from({ length: 2500 }, (_, index) => `${project}/Runs/Run_${index}`)
    yield* Effect.flatMap(FailedJobs, Ref.set<ReadonlyArray<string>>([...gone, run]))
    const found = yield* audited()
    expect(new Set(found.map(({ runPath }) => runPath))).toEqual(new Set([...gone, run]))
    expect(found.length).toBe(2501)
    expect((yield* audited(run)).length).toBe(1)
  }).pipe(Effect.provide(memoryLab())),
)
