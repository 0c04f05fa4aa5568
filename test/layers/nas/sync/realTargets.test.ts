import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import { Problems } from "../../../../src/audit/Problems.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { shared } from "../../../support/shared.ts"
import { describeWith } from "../../../support/tools.ts"
import { until } from "../../../support/world.ts"
import { copyOf, equipmentFor, expectSums, realTargets } from "./realTargets.ts"
import {
  append,
  inRealWorlds,
  jobOf,
  makeProject,
  makeRunWith,
  recordOf,
  untilState,
  write,
} from "./world.ts"

const settings = {
  sync: { workers: 3, perEquipment: 3 },
  nasCleanup: { enabled: true, minVerifyPasses: 2, minAgeHours: 0 },
}

const initTarget = Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01"))

const runAt = (second: number, templatePath = "plain_run") =>
  makeRunWith({ templatePath, runDate: `2026-11-22T10:00:0${second}Z` })

const changedAt = (path: string): bigint => fs.statSync(path, { bigint: true }).ctimeNs

/** What a log or a record of the directory says doesn't count. */
const data = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(treeOf(folder)).filter(([path]) => !path.startsWith(".exlab-wizard/")))

/** Does something once, at the moment when some of a job's bytes are on their way, and not all of them. */
const underWay = (run: string, act: () => void) =>
  Effect.gen(function* () {
    const { events } = yield* SyncService
    const isItsJob = (jobId: string) =>
      Effect.match(jobOf(run), { onFailure: () => false, onSuccess: ({ id }) => id === jobId })
    const listening = yield* Deferred.make<void>()
    const acted = yield* events.pipe(
      Stream.onStart(Deferred.succeed(listening, undefined)),
      Stream.filter(
        (event) =>
          event.kind === "progress" &&
          event.progress.step === "transferring" &&
          event.progress.bytes > 0 &&
          event.progress.bytes < event.progress.bytesTotal * 0.9,
      ),
      Stream.filterEffect((event) =>
        event.kind === "progress" ? isItsJob(event.jobId) : Effect.succeed(false),
      ),
      Stream.take(1),
      Stream.runForEach(() => Effect.sync(act)),
      Effect.fork,
    )
    yield* Deferred.await(listening)
    return acted
  })

const large = "data/a large one.raw"
const later = "data/b small one.raw"

/** What an instrument or a person may do to a run whose bytes are on their way. */
const disturbances: Readonly<Record<string, (run: string) => void>> = {
  changes: (run) => {
    const file = fs.openSync(join(run, large), "r+")
    fs.writeSync(file, "other bytes", 0)
    fs.closeSync(file)
  },
  grows: (run) => fs.appendFileSync(join(run, large), "more bytes"),
  goes: (run) => {
    fs.rmSync(join(run, large))
    fs.rmSync(join(run, later))
  },
}

const record = {
  schema_version: "1.9",
  level: "run",
  run_kind: "experimental",
  sync_status: "pending",
  lims_project: { uid: "", short_id: "PROJ-0042", name_at_creation: "", source: "live" },
}

/** A run that is disturbed while it is sent, and rests afterwards. */
const disturbed = (run: string, disturb: (run: string) => void) =>
  Effect.gen(function* () {
    const { enqueue, retry } = yield* SyncService
    yield* write(join(run, ".exlab-wizard/creation.json"), JSON.stringify(record))
    yield* write(join(run, large), "")
    fs.writeFileSync(join(run, large), crypto.getRandomValues(Buffer.alloc(2 ** 16)))
    for (let n = 0; n < 40; n += 1) fs.appendFileSync(join(run, large), Buffer.alloc(2 ** 16, n + 1))
    yield* write(join(run, later), "small")
    yield* write(join(run, "data/stays.raw"), "stays")
    yield* underWay(run, () => disturb(run))
    const { id } = yield* enqueue(run)
    yield* until(
      "it has met the change",
      Effect.map(jobOf(run), ({ notBefore, state }) => state === "queued" && notBefore !== null),
    )
    const met = yield* jobOf(run)
    expect(met.reason).toMatch(/change|any more|vanished|updated|No such file|ENOENT/)
    // Only what changes counts as no try.
    expect(met.attempt).toBe(0)
    expect(recordOf(run)["sync_status"]).toBe("pending")
    yield* retry(id)
    yield* untilState(run, "verified")
  })

const leftover = (root: string) =>
  Effect.zipRight(
    write(
      join(root, "templates/leftover/template.yaml"),
      `name: leftover\nversion: "1"\ntype: run\nrun_scope: both\n`,
    ),
    write(join(root, "templates/leftover/protocol.txt.hbs"), "For {{label}}\nuse <sample_id>\n"),
  )

it.scopedLive("one share in two places isn't the target of two equipments", () =>
  Effect.gen(function* () {
    const there = yield* realTargets["a mounted target"].make
    fs.symlinkSync(there.nasRoot, `${there.nasRoot} again`)
    const two = ["DEMO_01", "DEMO_02"].map((id, index) => ({
      id,
      label: id,
      ...equipmentFor({ ...there, nasRoot: there.nasRoot + " again".repeat(index) }),
    }))
    yield* inRealWorlds({ settings: { equipment: two } }, (_, start) =>
      Effect.gen(function* () {
        yield* initTarget
        const service = yield* SyncService
        const refused = yield* Effect.flip(service.initTarget("DEMO_02"))
        expect(refused.message).toContain("is that of DEMO_01, by its marker")
      }).pipe(Effect.provide(start)),
    )
  }),
)

it.scopedLive("a run whose finding was overridden goes when it is looked at again", () =>
  Effect.gen(function* () {
    const there = yield* realTargets["a mounted target"].make
    yield* inRealWorlds({ equipment: equipmentFor(there) }, (root, start) =>
      Effect.gen(function* () {
        const { override, revalidate } = yield* Problems
        yield* initTarget
        yield* leftover(root)
        yield* makeProject
        const run = yield* runAt(2, "leftover")
        expect(recordOf(run)["sync_status"]).toBe("blocked_by_validation")
        yield* override({
          path: run,
          problemClass: "unresolved_placeholder_token",
          operator: "asmith",
          reason: "the token is part of the protocol's name",
        })
        expect(yield* revalidate(run)).toMatchObject({ blocked: false })
        yield* untilState(run, "verified")
        expectSums(run, copyOf(there, root, run))
      }).pipe(Effect.provide(start)),
    )
  }),
)

for (const [name, { make, programs }] of Object.entries(realTargets)) {
  describeWith(["sha256sum", ...programs], name, () => {
    const target = shared(make)

    it.scopedLive(
      "gets what has changed of a run, and no more; its sums hold here and there, and there when all is cleaned up here",
      () =>
        Effect.gen(function* () {
          const there = yield* target
          yield* inRealWorlds({ settings, equipment: equipmentFor(there) }, (root, start) =>
            Effect.gen(function* () {
              const run = yield* Effect.gen(function* () {
                const { enqueue, verify } = yield* SyncService
                yield* initTarget
                const project = yield* makeProject
                const run = yield* runAt(1)
                yield* untilState(project, "verified")
                yield* untilState(run, "verified")
                const copy = copyOf(there, root, run)
                expectSums(run, copy, project, copyOf(there, root, project))
                const before = changedAt(join(copy, "raw/table.bin"))
                yield* write(join(run, "data/it's 100% new.raw"), "pixels")
                yield* append(join(run, "README.md"), "\nMore.\n")
                fs.rmSync(join(run, "notes.txt"))
                yield* enqueue(run)
                yield* untilState(run, "verified")
                expectSums(run, copy)
                expect(changedAt(join(copy, "raw/table.bin"))).toBe(before)
                // Nothing is ever taken away there; the sums are those of what is here.
                expect(data(copy)).toEqual({ ...data(run), "notes.txt": data(copy)["notes.txt"] })
                expect(fs.readFileSync(join(copy, ".exlab-wizard/checksums.sha256"), "utf8")).toBe(
                  fs.readFileSync(join(run, ".exlab-wizard/checksums.sha256"), "utf8"),
                )
                expect(fs.readdirSync(join(there.nasRoot, ".exlab-incoming"))).toEqual([])
                expect(yield* verify(run)).toMatchObject({ ok: true, extra: ["notes.txt"] })
                // Names are bytes; rclone carries text only.
                if (there.transport.type === "rclone") return run
                fs.writeFileSync(Buffer.from(`${run}/data/stray\xff`, "latin1"), "pixels")
                expect(yield* Effect.flip(enqueue(run))).toMatchObject({ _tag: "SyncBlocked" })
                const { override } = yield* Problems
                const why = { operator: "asmith", reason: "the instrument calls it so" }
                yield* override({ path: run, problemClass: "illegal_filesystem_character", ...why })
                yield* untilState(run, "verified")
                expectSums(run, copy)
                expect(yield* verify(run)).toMatchObject({ ok: true })
                return run
              }).pipe(Effect.provide(start))
              // The clean-up begins with the start of a service.
              yield* Effect.provide(untilState(run, "cleaned"), start)
              expect(fs.readdirSync(run)).toEqual([".exlab-wizard"])
              expectSums(copyOf(there, root, run))
            }),
          )
        }),
      120_000,
    )

    it.scopedLive(
      "has a run whose files change, grow or go while they are sent as it is when it rests",
      () =>
        Effect.gen(function* () {
          const there = yield* target
          yield* inRealWorlds({ settings, equipment: equipmentFor(there, 8) }, (root, start) =>
            Effect.gen(function* () {
              yield* initTarget
              yield* Effect.forEach(
                Object.entries(disturbances),
                ([what, disturb], index) =>
                  Effect.gen(function* () {
                    const run = join(root, `local/DEMO_01/PROJ-0042/Runs/Run_2026-11-22T10-00-0${index + 3}`)
                    yield* disturbed(run, disturb)
                    const copy = copyOf(there, root, run)
                    expectSums(run, copy)
                    expect([what, data(copy)]).toEqual([what, data(run)])
                  }),
                { concurrency: "unbounded", discard: true },
              )
            }).pipe(Effect.provide(start)),
          )
        }),
      120_000,
    )
  })
}
