import { randomBytes } from "node:crypto"
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { ownerId } from "../../../layers/workspace/stagingLayout.ts"
import type { RunExport } from "../../../src/ports/RunExport.ts"
import { bagProblems } from "../../support/bag.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { Action, DiskFaults, type Operation, type Plan, sweep } from "../../support/FaultDisk.ts"
import { canMount, smallVolume } from "../../support/smallVolume.ts"
import { snapshotOf } from "../../support/snapshot.ts"
import { fastTemporaryDirectory } from "../../support/temporaryDirectory.ts"
import { exporting, exportRun, makeRun, plant, withRun } from "./world.ts"

const forms = [
  { zip: false, name: "folder" },
  { zip: true, name: "zip" },
] as const

/** What happens before the first operation of that kind on that path. */
const beforeFirst = (is: (operation: Operation) => boolean, happens: () => void): Plan => {
  let isOver = false
  return (operation) => {
    if (isOver || !is(operation)) return Action.Pass()
    isOver = true
    return Action.RunBefore({ effect: Effect.sync(happens) })
  }
}

const endsWith =
  (name: Operation["name"], path: string) =>
  (operation: Operation): boolean =>
    operation.name === name && (operation.paths[0] ?? "").endsWith(path)

describe.each(forms)("an export to a $name", ({ zip }) => {
  it.scopedLive(
    "that fails or is interrupted at any operation leaves nothing, or is there whole",
    () =>
      withRun((place) =>
        Effect.gen(function* () {
          const { out, run } = place
          mkdirSync(join(run, "raw"))
          writeFileSync(join(run, "raw", "large.bin"), Buffer.alloc(5 * 1024 * 1024, 7))
          const before = snapshotOf(run)
          const attempt = Effect.suspend(() => {
            rmSync(join(out, "export"), { recursive: true, force: true })
            return exportRun(place, { zip, format: "bagit" })
          })
          yield* sweep(attempt, (disturbance, exit) =>
            Effect.sync(() => {
              const left = readdirSync(out)
              expect({ disturbance, left: left.filter((name) => name !== "export") }).toEqual({
                disturbance,
                left: [],
              })
              if (Exit.isSuccess(exit)) expect(left).toEqual(["export"])
              if (left.length > 0 && !zip) expect(bagProblems(join(out, "export"))).toEqual([])
            }),
          )
          expect(snapshotOf(run)).toEqual(before)
        }),
      ),
    300_000,
  )

  it.scopedLive("names the file that changed, went or came while it was made, and leaves nothing", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out, run } = place
        const faults = yield* DiskFaults
        const data = join(run, "data.csv")
        const read = zip ? "readPiece" : "copyFile"
        const changes: ReadonlyArray<readonly [string, Plan]> = [
          [data, beforeFirst(endsWith(read, "data.csv"), () => appendFileSync(data, "A2,0.6\n"))],
          [data, beforeFirst(endsWith("lstat", "readme_fields.json"), () => writeFileSync(data, "other"))],
          [join(run, "b"), beforeFirst(endsWith(read, "data.csv"), () => plant(run, { b: "" }))],
          [data, beforeFirst(endsWith(read, "data.csv"), () => rmSync(data))],
        ]
        for (const [path, plan] of changes) {
          rmSync(join(run, "b"), { force: true })
          writeFileSync(data, "A1,0.5\n")
          yield* faults.arm(plan)
          const failure = yield* Effect.flip(exportRun(place, { zip }))
          yield* faults.disarm
          expect(failure).toMatchObject({ _tag: "ExportSourceChanged", path })
          expect(readdirSync(out)).toEqual([])
        }
      }),
    ),
  )

  it.scopedLive("tells what can't be written by the name that it was to get", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out } = place
        const faults = yield* DiskFaults
        yield* faults.arm(({ name, paths }) =>
          (zip ? name === "append" : name === "setModified" && (paths[0] ?? "").endsWith("data.csv"))
            ? Action.FailBefore({ errno: "ENOSPC" })
            : Action.Pass(),
        )
        const failure = yield* Effect.flip(exportRun(place, { zip, format: "bagit" }))
        const path = zip ? join(out, "export") : join(out, "export", "data", "data.csv")
        expect(failure).toMatchObject({ _tag: "DiskError", errno: "ENOSPC", path })
        yield* faults.arm(({ name }) =>
          name === "lock" ? Action.FailBefore({ errno: "EACCES" }) : Action.Pass(),
        )
        expect(yield* Effect.flip(exportRun(place, { zip }))).toMatchObject({
          errno: "EACCES",
          path: join(out, "export"),
        })
      }),
    ),
  )

  it.scopedLive("replaces nothing that came there while it was made", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out } = place
        const faults = yield* DiskFaults
        const theirs = () => plant(out, { export: "theirs" })
        yield* faults.arm(beforeFirst(({ name }) => name === "renameNew", theirs))
        expect(yield* Effect.flip(exportRun(place, { zip }))).toMatchObject({ _tag: "DestinationExists" })
        expect(readdirSync(out)).toEqual(["export"])
      }),
    ),
  )

  it.scopedLive.skipIf(!canMount)("says that the volume is full, and leaves nothing there", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out, run } = place
        for (const n of [1, 2, 3, 4]) writeFileSync(join(run, `noise-${n}.bin`), randomBytes(400_000))
        yield* smallVolume(out)
        const failure = yield* Effect.flip(exportRun(place, { zip }))
        expect(failure).toMatchObject({ _tag: "DiskError", errno: "ENOSPC" })
        expect(readdirSync(out)).toEqual([])
      }),
    ),
  )

  it.scopedLive.each(["reading", "renameNew before", "renameNew after"])(
    "that is killed has no name yet, or is whole: %s",
    (when) =>
      Effect.gen(function* () {
        const place = makeRun(yield* fastTemporaryDirectory)
        const before = snapshotOf(place.run)
        const program = new URL("./programs/killedExport.ts", import.meta.url)
        const child = yield* forkProgram(program, [place.root, String(zip), when])
        expect(yield* child.ended).toMatchObject({ signal: "SIGKILL" })
        const isThere = when === "renameNew after"
        expect(readdirSync(place.out).includes("export")).toBe(isThere)
        if (isThere && !zip) expect(bagProblems(join(place.out, "export"))).toEqual([])
        expect(snapshotOf(place.run)).toEqual(before)
        // What it left is in nobody's way, and the next one clears it.
        rmSync(join(place.out, "export"), { recursive: true, force: true })
        yield* Effect.provide(exportRun(place, { zip }), exporting(place.root))
        expect(readdirSync(place.out)).toEqual(["export"])
      }),
  )

  it.scopedLive("leaves alone what another one is making there, and what isn't an export's", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out } = place
        const others = [".exlab-export-mine", `.exlab-export-00000000-${crypto.randomUUID()}`]
        for (const name of others) mkdirSync(join(out, name))
        const stale = `.exlab-export-${ownerId(hostname(), crypto.randomUUID())}`
        mkdirSync(join(out, stale))
        const faults = yield* DiskFaults
        let second: Exit.Exit<unknown, unknown> | undefined
        const run = Effect.exit(exportRun(place, { zip, to: join(out, "second") })).pipe(
          Effect.tap((exit) => Effect.sync(() => (second = exit))),
          Effect.asVoid,
        )
        const effect = Effect.provide(run, yield* Effect.context<RunExport>())
        const read = endsWith(zip ? "readPiece" : "copyFile", "data.csv")
        let isOver = false
        yield* faults.arm((operation) => {
          if (isOver || !read(operation)) return Action.Pass()
          isOver = true
          return Action.RunBefore({ effect })
        })
        yield* exportRun(place, { zip })
        expect(second).toMatchObject({ _tag: "Success" })
        expect(readdirSync(out).toSorted()).toEqual([...others, "export", "second"].toSorted())
      }),
    ),
  )

  it.scopedLive("goes without a lock where the file system has none", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const stale = `.exlab-export-${ownerId(hostname(), crypto.randomUUID())}`
        mkdirSync(join(place.out, stale))
        yield* faults.arm(({ name }) =>
          name === "lock" ? Action.FailAfter({ errno: "ENOLCK" }) : Action.Pass(),
        )
        yield* exportRun(place, { zip })
        expect(readdirSync(place.out).toSorted()).toEqual([stale, "export"].toSorted())
      }),
    ),
  )

  it.scopedLive("is interrupted in the middle of a large file", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const { out, run } = place
        const faults = yield* DiskFaults
        writeFileSync(join(run, "large.bin"), Buffer.alloc(20 * 1024 * 1024, 7))
        let pieces = 0
        yield* faults.arm((operation) => {
          const isPiece = endsWith(zip ? "readPiece" : "copyPiece", "large.bin")(operation)
          pieces += isPiece ? 1 : 0
          return isPiece && pieces === 2 ? Action.InterruptBefore() : Action.Pass()
        })
        const exit = yield* Effect.exit(exportRun(place, { zip }))
        expect(Exit.isInterrupted(exit)).toBe(true)
        expect(pieces).toBeLessThan(5)
        expect(readdirSync(out)).toEqual([])
      }),
    ),
  )
})
