import { mkdirSync, renameSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { SyncGate } from "../../../../src/audit/SyncGate.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import {
  append,
  inSyncWorld,
  makeProject,
  makeRun,
  makeRunWith,
  recordOf,
  targetFiles,
  untilState,
  write,
} from "./world.ts"

const record = JSON.stringify({ schema_version: "1.9", level: "run", run_kind: "experimental" })

describe("a path with a link in it", () => {
  it.scopedLive("leads neither out of the local root nor to another directory's job", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const gate = yield* SyncGate
        const queue = yield* SyncQueue
        const { enqueue, status, verify } = yield* SyncService
        const project = yield* makeProject
        const run = yield* makeRun
        yield* untilState(project, "verified")
        yield* untilState(run, "verified")
        const outside = join(root, "outside/PROJ-0042/Runs/Run_2026-11-22T10-00-00")
        yield* write(join(outside, ".exlab-wizard/creation.json"), record)
        yield* write(join(outside, "secret"), "not the service's")
        const local = join(root, "local")
        const links: Readonly<Record<string, string>> = {
          DEMO_02: join(local, "DEMO_01"),
          DEMO_03: join(root, "outside"),
          "DEMO_01/ALIAS": project,
          "DEMO_01/OUTSIDE": join(root, "outside/PROJ-0042"),
          "DEMO_01/PROJ-0043/Runs": dirname(run),
          "DEMO_01/PROJ-0044/Runs/Run_2026-11-22T10-00-00": run,
          "DEMO_01/PROJ-0044/Runs/Run_2026-11-22T10-00-01": outside,
        }
        for (const [link, goal] of Object.entries(links)) {
          mkdirSync(dirname(join(local, link)), { recursive: true })
          symlinkSync(goal, join(local, link))
        }
        const below = run.slice(project.length)
        const paths = [
          `DEMO_02${project.slice(join(local, "DEMO_01").length)}`,
          "DEMO_03/PROJ-0042",
          "DEMO_01/ALIAS",
          `DEMO_01/ALIAS${below}`,
          "DEMO_01/OUTSIDE",
          "DEMO_01/OUTSIDE/Runs/Run_2026-11-22T10-00-00",
          `DEMO_01/PROJ-0043${below}`,
          "DEMO_01/PROJ-0044/Runs/Run_2026-11-22T10-00-00",
          "DEMO_01/PROJ-0044/Runs/Run_2026-11-22T10-00-01",
        ].flatMap((path) => [path, join(local, path)])
        const before = yield* targetFiles
        for (const path of paths) {
          for (const call of [gate.locate(path), gate.look(path), enqueue(path), verify(path)]) {
            expect([path, yield* Effect.flip(Effect.asVoid<unknown, Error, never>(call))]).toMatchObject([
              path,
              { _tag: "RunNotFound" },
            ])
          }
          expect(yield* Effect.option(status(path))).toEqual(Option.none())
        }
        expect((yield* queue.list({})).map(({ path }) => path)).toEqual([project, run])
        expect(yield* targetFiles).toEqual(before)
      }),
    ),
  )

  it.scopedLive("isn't followed to say that a job has failed", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { enqueue } = yield* SyncService
        yield* makeProject
        const other = yield* makeRun
        const run = yield* makeRunWith({ runDate: "2026-11-22T10:00:05Z" })
        yield* untilState(other, "verified")
        yield* untilState(run, "verified")
        yield* queue.pauseTarget({ equipmentId: "DEMO_01", reason: "full", since: 0, until: 9e15 })
        yield* append(join(run, "README.md"), "more")
        yield* enqueue(run)
        renameSync(run, `${run}-moved`)
        symlinkSync(other, run)
        yield* queue.resumeTarget("DEMO_01")
        yield* untilState(run, "failed")
        expect(recordOf(other)["sync_status"]).toBe("synced")
      }),
    ),
  )
})
