import { expect, it } from "@effect/vitest"
import { Effect, FastCheck as FC } from "effect"
import * as FindingList from "../../layers/validator/FindingList.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Validator } from "../../src/ports/Validator.ts"
import { destinationAt, parentPath } from "../../src/domain/Destination.ts"
import type { RunKind } from "../../src/domain/CreateRequest.ts"
import type { Finding, Rule } from "../../src/domain/Finding.ts"
import { empty, plantInto, treeOf } from "../layers/validator/seededTrees.ts"
import {
  auditEvents,
  audited,
  equipment,
  memoryLab,
  plant,
  plantDirectory,
  plantTemplate,
  project,
  recordsOf,
  root,
  shuffledServices,
  top,
} from "./lab.ts"

const auditOnly = new Set<Rule>([
  "orphan",
  "missing_required_field",
  "interrupted_creation",
  "unreadable_record",
  "unsafe_project_name",
  "unregistered_equipment",
  "nas_sync_failed",
])

const places = [
  project,
  `${project}/Runs/Run_1`,
  `${project}/TestRuns/TestRun_1`,
  `${project}/Runs/TestRun_1`,
  `${project}/Runs/Run_{{n}}`,
  `${equipment}/a:b.`,
  `${equipment}/a:b./Runs/Run_1`,
  `${root}/<eq>/PROJ-1`,
]

const plantAll = Effect.fnUntraced(function* (folder: string, planted: ReturnType<typeof empty>) {
  const disk = yield* Disk
  for (const path of planted.folders.keys()) yield* disk.makeDirectories(`${folder}/${path}`)
  yield* plant(folder, Object.fromEntries(planted.files))
})

const aside = (findings: ReadonlyArray<Finding>, runPath: string) =>
  JSON.stringify(findings.filter((finding) => finding.runPath === runPath && !auditOnly.has(finding.rule)))

it.effect.prop(
  "what a creation finds in a tree, an audit finds in the same tree once it is published, byte for byte",
  [treeOf, FC.constantFrom(...places), FC.constantFrom<RunKind>("experimental", "test")],
  ([nodes, path, recorded]) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const { checkTree } = yield* Validator
      yield* plantTemplate("plain")
      const planted = plantInto(empty(), "", nodes)
      const tree = `${top}/tree`
      yield* plantAll(tree, planted)
      const runKind = path.includes("Runs/") ? recorded : "experimental"
      yield* plant(tree, recordsOf(path, { creation: { run_kind: runKind }, rendered: planted.rendered }))
      const destination = destinationAt(root, path)
      if (destination === null) return yield* Effect.dieMessage(path)
      const created = yield* checkTree({
        destination: { ...destination, runKind },
        tree,
        rendered: planted.rendered,
      })
      yield* disk.makeDirectories(parentPath(path))
      yield* disk.rename(tree, path)
      const found = yield* audited(path)
      expect(aside(found, path)).toBe(aside(created, path))
      const events = JSON.stringify(yield* auditEvents(""))
      expect(JSON.stringify(yield* auditEvents(""))).toBe(events)
      expect(JSON.stringify(yield* Effect.provide(auditEvents(""), shuffledServices))).toBe(events)
    }).pipe(Effect.provide(memoryLab()), Effect.scoped),
  { fastCheck: { numRuns: 40 }, timeout: 120_000 },
)

it.effect("of what is too much to be listed both tell the same", () =>
  Effect.gen(function* () {
    const { checkTree } = yield* Validator
    yield* plantTemplate("plain")
    const destination = destinationAt(root, places[1] ?? "")
    if (destination === null) return yield* Effect.dieMessage("no destination")
    const names = Array.from({ length: FindingList.maxFindingsPerRule + 200 }, (_, n) => `a:${n}`)
    yield* plantDirectory(destination.path, {}, Object.fromEntries(names.map((name) => [name, null])))
    const created = yield* checkTree({ destination, tree: destination.path, rendered: [] })
    expect(created.length).toBe(FindingList.maxFindingsPerRule)
    expect(JSON.stringify(yield* audited(destination.path))).toBe(JSON.stringify(created))
    const shuffled = Effect.provide(audited(destination.path), shuffledServices)
    expect(JSON.stringify(yield* shuffled)).toBe(JSON.stringify(created))
  }).pipe(Effect.provide(memoryLab())),
)
