import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import * as SqliteSyncQueue from "../../../../layers/nas/queue/SqliteSyncQueue.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { type Child, forkProgram } from "../../../support/childProcess.ts"
import { counted } from "../../../support/counts.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { killSettings } from "./killSettings.ts"
import { recordOf } from "./world.ts"

const runs = 50
const kills = counted(30, 100)

const project = "DEMO_01/PROJ-0042"

const nameOf = (n: number): string =>
  `Run_2026-11-22T10-${String(Math.floor(n / 60)).padStart(2, "0")}-${String(n % 60).padStart(2, "0")}`

/** A published run as another program of the lab may have left it: pending, with data. */
const makeRun = (folder: string): void => {
  mkdirSync(join(folder, ".exlab-wizard"), { recursive: true })
  const record = {
    schema_version: "1.9",
    level: "run",
    run_kind: "experimental",
    sync_status: "pending",
    lims_project: { uid: "", short_id: "PROJ-0042", name_at_creation: "", source: "live" },
  }
  writeFileSync(join(folder, ".exlab-wizard/creation.json"), JSON.stringify(record))
  for (let n = 0; n < 6; n += 1) {
    mkdirSync(join(folder, `plane ${n % 2}`), { recursive: true })
    writeFileSync(join(folder, `plane ${n % 2}`, `image ${n}.tif`), `${folder} ${n} `.repeat(2000 * (n + 1)))
  }
  mkdirSync(join(folder, "empty"), { recursive: true })
}

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(".exlab-wizard/"))
    .sort()

/** What stands under a final name there is whole. */
const expectWhole = (root: string): number => {
  const there = join(root, "nas", "PROJ-0042", "Runs")
  const names = existsSync(there) ? readdirSync(there) : []
  for (const name of names) {
    const here = join(root, "local", project, "Runs", name)
    expect(filesIn(join(there, name))).toEqual(filesIn(here))
    for (const file of filesIn(here)) {
      expect(readFileSync(join(there, name, file)).equals(readFileSync(join(here, file)))).toBe(true)
    }
    expect(existsSync(join(there, name, "empty"))).toBe(true)
    expect(existsSync(join(there, name, ".exlab-wizard/creation.json"))).toBe(true)
  }
  return names.length
}

const killed = (child: Child) => Effect.zipRight(child.signal("SIGKILL"), child.ended)

const queueOf = (root: string) =>
  SqliteSyncQueue.layer.pipe(
    Layer.provide(Layer.merge(NodeDisk.layer, Settings.layer(withDefaults(killSettings(root))))),
  )

/** The jobs of runs, and how often each was verified. */
const whatTheQueueSays = Effect.gen(function* () {
  const queue = yield* SyncQueue
  const jobs = (yield* queue.list({})).filter(({ level }) => level === "run")
  const verifications = new Map<string, number>()
  for (const { id } of jobs) {
    const changes = yield* queue.history(id)
    verifications.set(id, changes.filter(({ to }) => to === "verified").length)
  }
  return { jobs, verifications }
})

it.scopedLive(
  `killed at ${kills} random moments, the sync has every run once and whole in the end`,
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const folder = join(root, "local", project, "Runs")
      for (let n = 0; n < runs; n += 1) makeRun(join(folder, nameOf(n)))
      const start = forkProgram(new URL("programs/copier.ts", import.meta.url), [root])
      let made = runs
      for (let n = 0; n < kills; n += 1) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const child = yield* start
            expect(yield* child.next).toBe("ready")
            yield* Effect.sleep(yield* Random.nextIntBetween(0, 120))
            yield* killed(child)
          }),
        )
        // A fast machine gets more to do: each kill is to hit it at work.
        if (expectWhole(root) > made - 10) {
          for (let more = 0; more < 10; more += 1) {
            makeRun(join(folder, nameOf(made)))
            made += 1
          }
        }
      }
      yield* Effect.scoped(
        Effect.gen(function* () {
          const child = yield* start
          expect(yield* child.next).toBe("ready")
          let word = yield* child.next
          // Reconciliation goes on in the background: over is over when every run has its job.
          while (!(String(word).startsWith("over") && expectWhole(root) === made)) word = yield* child.next
          yield* killed(child)
        }),
      )
      const { jobs, verifications } = yield* Effect.provide(whatTheQueueSays, queueOf(root))
      expect(jobs).toHaveLength(made)
      expect(new Set(jobs.map(({ path }) => path)).size).toBe(made)
      for (const job of jobs) {
        expect(job).toMatchObject({ state: "verified", verifyPasses: 1 })
        expect(verifications.get(job.id)).toBe(1)
        expect(recordOf(job.path)["sync_status"]).toBe("synced")
        const there = join(root, "nas", "PROJ-0042", "Runs", job.path.slice(folder.length + 1))
        expect(readFileSync(join(there, ".exlab-wizard/creation.json"), "utf8")).toBe(
          readFileSync(join(job.path, ".exlab-wizard/creation.json"), "utf8"),
        )
        for (const cwd of [job.path, there]) {
          execFileSync("sha256sum", ["--check", "--strict", "--quiet", ".exlab-wizard/checksums.sha256"], {
            cwd,
          })
        }
      }
      expect(readdirSync(join(root, "nas", ".exlab-incoming"))).toEqual([])
    }),
  900_000,
)
