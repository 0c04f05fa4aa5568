import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { destinationIssues } from "../../src/controller/destinationChecks.ts"
import { projectDestination, runDestination } from "../../src/domain/Destination.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { snapshotOf } from "../support/snapshot.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { inWorld } from "../support/world.ts"
import { create, done, issuesOf, makeProject, refusalOf } from "./gateWorld.ts"

/** Things that may stand in the way, and how each gets there. */
const obstacles: Record<string, (path: string) => void> = {
  "an empty directory": (path) => mkdirSync(path),
  "a full directory": (path) => {
    mkdirSync(path)
    writeFileSync(join(path, "data.csv"), "1,2,3\n")
  },
  "a file": (path) => writeFileSync(path, "precious"),
  "a link to a directory": (path) => symlinkSync(".", path),
  "a link that leads nowhere": (path) => symlinkSync("nowhere", path),
}

describe("what stands at a destination", () => {
  it.effect("keeps a project out, whatever it is, and stays as it was", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        mkdirSync(join(root, "local", "DEMO_01"), { recursive: true })
        for (const [index, put] of Object.values(obstacles).entries()) {
          const shortId = `P-${index}`
          const path = join(root, "local", "DEMO_01", shortId)
          put(path)
          const limsProject = { ...projectRequest().limsProject, shortId }
          expect(yield* issuesOf(root, projectRequest({ limsProject }))).toEqual([
            { field: "destination", code: "destination_exists", message: `${path} exists already` },
          ])
        }
      }),
    ),
  )

  it.effect("keeps a run out likewise", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "PROJ-0042")
        for (const runKind of ["experimental", "test"] as const) {
          const folder = join(root, "local", "DEMO_01", "PROJ-0042", runKind === "test" ? "TestRuns" : "Runs")
          mkdirSync(folder)
          for (const [index, put] of Object.values(obstacles).entries()) {
            put(join(folder, `${runKind === "test" ? "TestRun" : "Run"}_2026-04-1${index}T00-00-00`))
            const issues = yield* issuesOf(root, runRequest({ runKind, runDate: `2026-04-1${index}` }))
            expect(issues.map(({ code }) => code)).toEqual(["destination_exists"])
          }
          yield* done(runRequest({ runKind, runDate: "2026-05-01" }))
        }
      }),
    ),
  )

  it.effect("may also be a file where a folder above must be", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "PROJ-0042")
        const runs = join(root, "local", "DEMO_01", "PROJ-0042", "Runs")
        writeFileSync(runs, "")
        expect(yield* issuesOf(root, runRequest())).toEqual([
          {
            field: "destination",
            code: "destination_exists",
            message: `${runs} stands where a folder must be, and is none; move it away, then try again`,
          },
        ])
        yield* done(runRequest({ runKind: "test" }))
      }),
    ),
  )
})

describe("a refusal", () => {
  it.effect("doesn't even make the local root", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const wrong = [
          projectRequest({ label: "" }),
          projectRequest({ templatePath: "absent" }),
          projectRequest({ variables: { x: 1 } }),
          runRequest(),
        ]
        for (const request of wrong) yield* issuesOf(root, request)
        expect(existsSync(join(root, "local"))).toBe(false)
      }),
    ),
  )

  it.effect("of the disk is typed, names path and operation, and leaves all as it was", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        yield* makeProject(root, "PROJ-0042")
        yield* faults.arm(() => Action.Pass())
        const last = runRequest({ runDate: "1999-01-01" })
        mkdirSync(join(root, "local/DEMO_01/PROJ-0042/Runs/Run_1999-01-01T00-00-00"), { recursive: true })
        yield* issuesOf(root, last)
        const before = snapshotOf(root)
        const looked = yield* faults.disarm
        expect(looked.length).toBeGreaterThan(5)
        const changing = looked.filter(({ name }) =>
          /^(make|create|copy|append|flush|rename|remove|lock)/.test(name),
        )
        expect(changing).toEqual([])
        for (const { index, name } of looked) {
          yield* faults.arm((operation) =>
            operation.index === index ? Action.FailBefore({ errno: "EIO" }) : Action.Pass(),
          )
          const envelope = yield* Effect.flatMap(create(last), refusalOf)
          const failed = (yield* faults.disarm)[index]
          expect(snapshotOf(root)).toEqual(before)
          if (envelope.code === "io_error") {
            expect(envelope.details).toEqual({ path: failed?.paths[0], op: name, errno: "EIO" })
          } else expect(envelope.code).toBe("template_load_error")
        }
      }),
    ),
  )
})

const mib = 1024 * 1024

/** A disk that says what is free, and remembers where it was asked. */
const withFreeBytes = (bytes: number, asked: Ref.Ref<ReadonlyArray<string>>) =>
  Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        ...disk,
        freeBytes: (path) =>
          Effect.as(
            Ref.update(asked, (paths) => [...paths, path]),
            bytes,
          ),
      }),
    ),
  ).pipe(Layer.provide(NodeDisk.layer))

describe("the room on a volume", () => {
  const at = DateTime.unsafeMakeZoned("2026-04-17T14:32:00Z", { timeZone: "UTC" })

  it.scoped("is looked at where the destination will be, at the nearest folder that is there", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const check = (free: number) =>
        destinationIssues(runDestination(join(root, "a", "b"), "DEMO_01", "P-1", "test", at), 100).pipe(
          Effect.provide(withFreeBytes(free, asked)),
        )
      expect(yield* check(100 * mib)).toEqual([])
      mkdirSync(join(root, "a", "b", "DEMO_01", "P-1"), { recursive: true })
      expect(yield* check(100 * mib - 1)).toEqual([
        {
          field: "destination",
          code: "disk_space_insufficient",
          message: `${root}/a/b/DEMO_01/P-1 has 99 MiB free; 100 MiB must be`,
        },
      ])
      expect(yield* asked).toEqual([root, join(root, "a", "b", "DEMO_01", "P-1")])
    }),
  )

  it.scoped("is told together with what is there", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      mkdirSync(join(root, "DEMO_01", "P-1"), { recursive: true })
      const issues = yield* destinationIssues(projectDestination(root, "DEMO_01", "P-1"), 1).pipe(
        Effect.provide(withFreeBytes(0, asked)),
      )
      expect(issues.map(({ code }) => code)).toEqual(["destination_exists", "disk_space_insufficient"])
    }),
  )

  it.scoped("is the root's where nothing else is there", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const absent = `/exlab-wizard-test-${crypto.randomUUID()}`
      expect(
        yield* destinationIssues(projectDestination(absent, "DEMO_01", "P-1"), 1).pipe(
          Effect.provide(withFreeBytes(mib, asked)),
        ),
      ).toEqual([])
      expect(yield* asked).toEqual(["/"])
    }),
  )

  it.effect("ends the gate when there is too little", () =>
    inWorld({ settings: { disk: { minFreeMib: Number.MAX_SAFE_INTEGER } } }, (root) =>
      Effect.gen(function* () {
        const [issue, ...others] = yield* issuesOf(root, projectRequest())
        expect(others).toEqual([])
        expect(issue).toMatchObject({ field: "destination", code: "disk_space_insufficient" })
      }),
    ),
  )
})
