import * as fs from "node:fs"
import { Effect, Layer, Option, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { cleanUp } from "../../../../layers/nas/cleanup/cleaning.ts"
import { emptyTrash } from "../../../../layers/nas/cleanup/emptying.ts"
import type { TargetLooks } from "../../../../layers/nas/cleanup/TargetLooks.ts"
import { layerMemory as memoryLedger } from "../../../../layers/nas/cleanup/MemorySyncLedger.ts"
import { layerMemory as memoryQueue } from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import { twoClocks } from "../../../../layers/sharing/twoClocks.ts"
import { listTree } from "../../../../layers/nas/sync/localTree.ts"
import * as FileWizardLog from "../../../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../../../layers/records/JsonCreationWriter.ts"
import { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { SyncJobState, SyncLevel } from "../../../../src/domain/SyncJob.ts"
import type { CleanupSettings } from "../../../../src/domain/SyncSettings.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { creationJson } from "../../../domain/records.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

export const equipmentId = "SCOPE_01"

export const runIn = (root: string): string =>
  `${root}/local/${equipmentId}/PROJ-0042/Runs/Run_2026-04-17T14-32-00`

export const trashIn = (root: string): string =>
  `${root}/local/${equipmentId}/PROJ-0042/Runs/.exlab-wizard/trash`

const write = (path: string, content: string): void => {
  fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true })
  fs.writeFileSync(path, content)
}

export const data: Readonly<Record<string, string>> = {
  "README.md": "# a run\n",
  "raw/a.bin": "aaaa",
  "raw/deep/b.bin": "bbbbbbbb",
  "raw/deep/.hidden": "h",
}

/** What an instrument has written, with the records of the directory. */
export const makeRun = (path: string): void => {
  for (const [name, content] of Object.entries(data)) write(`${path}/${name}`, content)
  fs.mkdirSync(`${path}/empty`, { recursive: true })
  const record = { ...creationJson, level: "run", sync_status: "synced" }
  write(`${path}/.exlab-wizard/creation.json`, `${JSON.stringify(record, null, 2)}\n`)
  write(`${path}/.exlab-wizard/readme_fields.json`, "{}")
  write(`${path}/.exlab-wizard/checksums.sha256`, "")
}

export const settingsOf = (root: string, cleanup: Partial<CleanupSettings> = {}) =>
  Settings.layer(
    withDefaults({
      paths: { localRoot: `${root}/local`, stateDir: `${root}/state` },
      nasCleanup: { enabled: true, ...cleanup },
    }),
  )

const services = (root: string, cleanup: Partial<CleanupSettings>) =>
  Layer.mergeAll(
    JsonCreationWriter.layer,
    FileWizardLog.layer,
    Layer.fresh(memoryQueue),
    Layer.fresh(memoryLedger),
  ).pipe(
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, settingsOf(root, cleanup))),
  )

/** A root with everything that a clean-up needs, on real files. */
export const inCleanupWorld = <A, E, R>(
  cleanup: Partial<CleanupSettings>,
  body: (root: string) => Effect.Effect<A, E, R>,
) =>
  Effect.scoped(
    Effect.flatMap(temporaryDirectory, (root) => {
      fs.mkdirSync(`${root}/local/${equipmentId}/.exlab-wizard`, { recursive: true })
      return Effect.provide(body(root), services(root, cleanup))
    }),
  )

/** What a verification of a directory records that found everything on the target. */
export const verify = Effect.fnUntraced(function* (jobId: string, path: string, level: SyncLevel = "run") {
  const disk = yield* Disk
  const ledger = yield* SyncLedger
  const { files } = yield* listTree(path, level)
  const hashed = yield* Effect.forEach(files, (file) =>
    Effect.map(disk.hashFile(`${path}/${file.path}`), (sha256) => ({
      path: file.path,
      size: file.size,
      stamp: file.stamp,
      sha256,
    })),
  )
  return yield* ledger.record(jobId, (yield* twoClocks).latest, hashed)
})

const toVerified: ReadonlyArray<SyncJobState> = ["running", "awaiting_verify", "verified"]

/** A job for a directory that was brought through these states. */
export const jobFor = Effect.fnUntraced(function* (
  path: string,
  level: SyncLevel = "run",
  states: ReadonlyArray<SyncJobState> = toVerified,
) {
  const queue = yield* SyncQueue
  const { id } = yield* queue.enqueue({ path, level, equipmentId }, "queued", "created")
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const first = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
      const last = yield* Effect.reduce(states, first, (claim, state) => queue.move(claim, state))
      return yield* queue.release(last, last.job.state)
    }),
  )
})

/** A run that may be cleaned up: verified twice, a day ago. */
export const ripeRun = Effect.fnUntraced(function* (root: string) {
  makeRun(runIn(root))
  const job = yield* jobFor(runIn(root))
  yield* verify(job.id, job.path)
  yield* TestClock.adjust("1 hour")
  yield* verify(job.id, job.path)
  yield* TestClock.adjust("24 hours")
  return job
})

const states = ["verified", "cleanup_eligible", "queued", "failed"] as const

/** Claims a job, and does something with the claim. */
const withClaim = <A, E, R>(id: string, use: (claim: Claim) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    return yield* Effect.scoped(
      Effect.flatMap(Effect.map(queue.claimJob(id, states), Option.getOrThrow), use),
    )
  })

const away = new SyncFailure({ class: "target_away", reason: "the target doesn't answer", files: [] })

/** Also for a job that was verified before what was undone, and has to be once more. */
export const attemptAgain = Effect.fnUntraced(function* (id: string) {
  const queue = yield* SyncQueue
  const job = Option.getOrThrow(yield* queue.get(id))
  if (job.state === "cleaned") return
  const first = yield* attempt(id)
  if (first._tag === "CleanedUp") return
  yield* verify(id, job.path)
  yield* verify(id, job.path)
  yield* TestClock.adjust("24 hours")
  yield* attempt(id)
})

type Target = "answers" | "away" | "has lost it" | "goes away"

const looksAt = (target: Target): TargetLooks<never> => ({
  target: () => (target === "away" ? Effect.fail(away) : Effect.void),
  isThere: () => (target === "goes away" ? Effect.fail(away) : Effect.succeed(target !== "has lost it")),
})

export const attempt = (id: string, target: Target = "answers") =>
  withClaim(id, (claim) => {
    return cleanUp(claim, looksAt(target))
  })

export const emptied = (target: Target = "answers") => emptyTrash(looksAt(target))

/** The data files below a directory by path, without records. */
export const dataBelow = (directory: string): Readonly<Record<string, string>> => {
  if (!(fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false)) return {}
  const names = fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
  return Object.fromEntries(
    names
      .filter((name) => !name.startsWith(".exlab-wizard") && fs.lstatSync(`${directory}/${name}`).isFile())
      .map((name) => [name, fs.readFileSync(`${directory}/${name}`, "utf8")]),
  )
}

/** The one folder in the trash; none when there is no such. */
export const trashed = (root: string): string | null => {
  const [name] = fs.existsSync(trashIn(root)) ? fs.readdirSync(trashIn(root)) : []
  return name === undefined ? null : `${trashIn(root)}/${name}`
}

export const statusOf = (run: string): unknown =>
  (JSON.parse(fs.readFileSync(`${run}/.exlab-wizard/creation.json`, "utf8")) as { sync_status: unknown })
    .sync_status

export const logOf = (run: string): string =>
  fs
    .readdirSync(`${run}/.exlab-wizard`)
    .filter((name) => name.endsWith(".log"))
    .map((name) => fs.readFileSync(`${run}/.exlab-wizard/${name}`, "utf8"))
    .join("")
