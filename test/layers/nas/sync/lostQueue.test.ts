import { existsSync, readdirSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref, Stream } from "effect"
import * as MemorySyncLedger from "../../../../layers/nas/cleanup/MemorySyncLedger.ts"
import * as MemorySyncQueue from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import { Behaviour, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { Audit } from "../../../../src/audit/Audit.ts"
import type { SyncStatus } from "../../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../../src/ports/CreationWriter.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { inRealWorlds, inSyncWorlds, jobOf, makeProject, makeRun, recordOf, untilState } from "./world.ts"

const initTarget = Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01"))

/** A service whose queue is a new one, as after its file was removed. */
const withoutQueue = <A, E, R>(start: Layer.Layer<A, E, R>) =>
  Layer.provide(start, Layer.merge(MemorySyncQueue.layerMemory, MemorySyncLedger.layerMemory))

const failedCopies = (path: string) =>
  Effect.gen(function* () {
    const { audit, scopeOf } = yield* Audit
    const events = yield* Stream.runCollect(audit(yield* scopeOf(path)))
    return [...events].flatMap((event) => (event.kind === "finding" ? [event.finding.rule] : []))
  })

describe("a queue that was lost", () => {
  it.scopedLive("has what failed tried anew, and what is wrong told again", () =>
    inSyncWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const { script } = yield* TransportScript
        const { project, run } = yield* Effect.gen(function* () {
          const { retry } = yield* SyncService
          yield* initTarget
          const project = yield* makeProject
          yield* untilState(project, "verified")
          yield* Ref.set(script, ({ method }) =>
            method === "send" ? Behaviour.Fails({ class: "permanent" }) : Behaviour.Works(),
          )
          const run = yield* makeRun
          yield* untilState(run, "failed")
          expect(yield* failedCopies(run)).toEqual(["nas_sync_failed"])
          yield* Ref.set(script, ({ method }) => (method === "send" ? Behaviour.Hangs() : Behaviour.Works()))
          yield* retry((yield* jobOf(run)).id)
          // The record goes on saying so, and the job is under way.
          expect(recordOf(run)["sync_status"]).toBe("failed")
          expect(yield* failedCopies(run)).toEqual([])
          return { project, run }
        }).pipe(Effect.provide(start))
        yield* Ref.set(script, () => Behaviour.Works())
        yield* Effect.gen(function* () {
          yield* initTarget
          yield* untilState(run, "verified")
          expect(recordOf(run)["sync_status"]).toBe("synced")
          expect(yield* Effect.flip(jobOf(project))).toMatchObject({ _tag: "JobNotFound" })
        }).pipe(Effect.provide(withoutQueue(start)))
      }),
    ),
  )

  it.scopedLive("has what was copied compared all the same, and nothing else", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { project, run } = yield* Effect.gen(function* () {
          yield* initTarget
          const project = yield* makeProject
          const run = yield* makeRun
          yield* untilState(run, "verified")
          yield* untilState(project, "verified")
          return { project, run }
        }).pipe(Effect.provide(start))
        yield* Effect.gen(function* () {
          const { verify } = yield* SyncService
          const writer = yield* CreationWriter
          const says = (syncStatus: SyncStatus) => writer.update(run, () => ({ syncStatus }))
          yield* initTarget
          for (const path of [project, run])
            expect(yield* verify(path)).toMatchObject({ ok: true, extra: [] })
          rmSync(join(root, "nas", relative(join(root, "local/DEMO_01"), run), "notes.txt"))
          expect(yield* verify(run)).toMatchObject({ ok: false, missing: ["notes.txt"] })
          yield* says("cleaned")
          rmSync(join(run, "notes.txt"))
          rmSync(join(run, "raw"), { recursive: true })
          const damaged = yield* verify(run)
          expect(damaged).toMatchObject({ ok: false, missing: ["notes.txt"], different: [] })
          expect(damaged.remedy).toContain("its copy is damaged: notes.txt. Its data were removed here")
          yield* says("failed")
          expect((yield* Effect.flip(verify(run))).message).toContain(
            "failed, and no job is about it any more",
          )
          yield* says("blocked_by_validation")
          expect((yield* Effect.flip(verify(run))).message).toContain("then revalidate")
          expect(yield* Effect.flip(jobOf(run))).toMatchObject({ _tag: "JobNotFound" })
        }).pipe(Effect.provide(withoutQueue(start)))
      }),
    ),
  )

  for (const retainCache of [true, false]) {
    it.scopedLive(
      `has what lies in a trash put back and verified anew, with the records ${retainCache ? "here" : "there, too"}`,
      () =>
        inRealWorlds({}, (root, start) =>
          Effect.gen(function* () {
            const settings = yield* Settings
            const cleansUp = {
              enabled: true,
              minVerifyPasses: 1,
              minAgeHours: 0,
              trashHours: 24,
              retainCache,
            }
            const data = (folder: string) =>
              Object.fromEntries(
                Object.entries(treeOf(folder)).filter(([path]) => !path.startsWith(".exlab-wizard")),
              )
            const { before, run } = yield* Effect.gen(function* () {
              yield* initTarget
              yield* untilState(yield* makeProject, "verified")
              const run = yield* makeRun
              yield* untilState(run, "verified")
              return { run, before: data(run) }
            }).pipe(Effect.provide(start))
            yield* untilState(run, "cleaned").pipe(
              Effect.provide(
                Layer.provide(
                  start,
                  Settings.layer({ ...settings, nasCleanup: { ...settings.nasCleanup, ...cleansUp } }),
                ),
              ),
            )
            const trash = join(run, "../.exlab-wizard/trash")
            expect(existsSync(run)).toBe(retainCache)
            expect(readdirSync(trash)).toHaveLength(2)
            // The copy is lost, too: these are the only ones.
            rmSync(join(root, "nas", relative(join(root, "local/DEMO_01"), run), "notes.txt"))
            yield* Effect.gen(function* () {
              yield* initTarget
              yield* untilState(run, "verified")
              expect(data(run)).toEqual(before)
              expect(existsSync(trash)).toBe(false)
              expect(recordOf(run)["sync_status"]).toBe("synced")
              const { verify } = yield* SyncService
              expect(yield* verify(run)).toMatchObject({ ok: true })
            }).pipe(Effect.provide(withoutQueue(start)))
          }),
        ),
    )
  }
})
