import { Chunk, Context, Effect, Layer, Random, Ref, Stream } from "effect"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as NoopNasSync from "../../layers/nas/NoopNasSync.ts"
import * as FileWizardLog from "../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../layers/records/JsonCreationWriter.ts"
import * as HandlebarsTemplateEngine from "../../layers/templates/HandlebarsTemplateEngine.ts"
import * as RuleValidator from "../../layers/validator/RuleValidator.ts"
import * as StagingWorkspace from "../../layers/workspace/StagingWorkspace.ts"
import { Audit } from "../../src/audit/Audit.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { SyncGate } from "../../src/audit/SyncGate.ts"
import { parentPath } from "../../src/domain/Destination.ts"
import { type Finding, orderFindings } from "../../src/domain/Finding.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { JobNotFound } from "../../src/domain/SyncErrors.ts"
import type { SyncJob } from "../../src/domain/SyncJob.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import * as FaultDisk from "../support/FaultDisk.ts"
import * as MemoryDisk from "../support/MemoryDisk.ts"
import { settingsBelow } from "../support/world.ts"

/** Everything of the lab is below it. */
export const top = "/lab"
export const root = `${top}/local`
export const equipment = `${root}/DEMO_01`
export const project = `${equipment}/PROJ-0042`
export const run = `${project}/Runs/Run_2026-04-17T14-32-00`
export const testRun = `${project}/TestRuns/TestRun_2026-04-18T09-00-00`

const failedJob = (path: string): SyncJob => ({
  id: path,
  path,
  level: "run",
  equipmentId: "DEMO_01",
  state: "failed",
  attempt: 3,
  enqueuedAt: "2026-04-17T14:32:00Z",
  changedAt: "2026-04-17T14:32:00Z",
  notBefore: null,
  reason: "the target is full",
  files: 1,
  bytes: 1,
  verifyPasses: 0,
  verifiedAt: null,
})

/** Paths whose sync jobs have failed. */
export class FailedJobs extends Context.Tag("test/FailedJobs")<
  FailedJobs,
  Ref.Ref<ReadonlyArray<string>>
>() {}

const sync = Layer.unwrapEffect(
  Effect.map(FailedJobs, (failed) =>
    Layer.mock(SyncService, {
      jobs: ({ after, limit = 100 }) =>
        Effect.map(Ref.get(failed), (paths) => {
          const from = after === undefined ? 0 : paths.indexOf(after) + 1
          return paths.slice(from, from + limit).map(failedJob)
        }),
      status: (path) =>
        Effect.flatMap(Ref.get(failed), (paths) =>
          paths.includes(path) ? Effect.succeed(failedJob(path)) : new JobNotFound({ job: path }),
        ),
    }),
  ),
)

const adapters = Layer.mergeAll(
  FileWizardLog.layer,
  HandlebarsTemplateEngine.layer,
  JsonCreationWriter.layer,
  NoopNasSync.layerNoop,
  RuleValidator.layer,
  StagingWorkspace.layer,
)

const services = Layer.merge(Audit.layer, Problems.layer).pipe(
  Layer.provideMerge(SyncGate.layer),
  Layer.provideMerge(sync),
  Layer.provideMerge(adapters),
)

/** The same files, listed in another order each time. */
const shuffledDisk = Layer.effect(
  Disk,
  Effect.map(Disk, (disk) =>
    Disk.of({
      ...disk,
      list: (path, options) =>
        Effect.map(Effect.flatMap(disk.list(path, options), Random.shuffle), Chunk.toArray),
    }),
  ),
)

export const shuffledServices = Layer.provideMerge(Layer.fresh(services), shuffledDisk)

const failures = Layer.effect(FailedJobs, Ref.make<ReadonlyArray<string>>([]))

/** All that an audit needs, on a disk in memory whose clock is the fiber's. */
export const memoryLab = (settings: PartialSettings = {}, grainMillis = 1) =>
  services.pipe(
    Layer.provideMerge(failures),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(MemoryDisk.layer({ grainMillis })),
    Layer.provideMerge(Settings.layer(settingsBelow(top, { audit: { enabled: false }, ...settings }))),
  )

/** The same on real files, below a folder. */
export const realLab = (folder: string) =>
  services.pipe(
    Layer.provideMerge(failures),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(NodeDisk.layer),
    Layer.provideMerge(
      Settings.layer(
        settingsBelow(folder, {
          audit: { enabled: false },
          orchestrator: { enabled: false, host: "this", label: "" },
        }),
      ),
    ),
  )

/** A file with its folders; one that is there is replaced by a rename. */
export const write = Effect.fnUntraced(function* (path: string, text: string | Uint8Array) {
  const disk = yield* Disk
  const temporary = `${parentPath(path)}/.new`
  yield* disk.makeDirectories(parentPath(path))
  yield* disk.createFile(temporary, text)
  yield* disk.rename(temporary, path)
})

/** Path → text; null makes a directory, `{ link }` a symlink. */
export type Files = Readonly<Record<string, string | Uint8Array | null | { readonly link: string }>>

export const plant = Effect.fnUntraced(function* (folder: string, files: Files) {
  const disk = yield* Disk
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`
    if (content === null) yield* disk.makeDirectories(path)
    else if (typeof content === "string" || content instanceof Uint8Array) yield* write(path, content)
    else {
      yield* disk.makeDirectories(parentPath(path))
      yield* disk.makeLink(content.link, path)
    }
  }
})

export interface Records {
  readonly creation?: JsonObject
  readonly readme?: JsonObject
  /** Files that a template rendered. */
  readonly rendered?: ReadonlyArray<string>
}

const sound: JsonObject = {
  schema_version: "1.9",
  created_at: "2026-04-17T14:32:00Z",
  created_by: "asmith",
  lims_project: { uid: "b1f0", short_id: "PROJ-0042", name_at_creation: "Cell cycle", source: "live" },
  template: { name: "plain", version: "1", source_path: "", run_scope: "both" },
  sync_status: "pending",
  validation_overrides: [],
}

const kindOf = (path: string): string => (path.includes("/TestRuns/") ? "test" : "experimental")

export const creationText = (path: string, over: JsonObject = {}): string =>
  JSON.stringify({
    ...sound,
    level: /\/(?:Test)?Runs\//.test(path) ? "run" : "project",
    run_kind: kindOf(path),
    ...over,
  })

export const readmeText = (over: JsonObject = {}): string =>
  JSON.stringify({
    schema_version: "1.1",
    core_fields: { label: "First look", operator: "asmith", objective: "Find a cell" },
    ...over,
  })

export const filesText = (rendered: ReadonlyArray<string>): string =>
  JSON.stringify({
    schema_version: "1.0",
    files: rendered.map((path) => ({
      path,
      origin: "rendered",
      size: 1,
      sha256_rendered: "0".repeat(64),
      sha256: "0".repeat(64),
      source: `${path}.hbs`,
    })),
  })

/** The records of a sound directory. */
export const recordsOf = (path: string, { creation, readme, rendered = [] }: Records = {}): Files => ({
  ".exlab-wizard/creation.json": creationText(path, creation),
  ".exlab-wizard/readme_fields.json": readmeText(readme),
  ".exlab-wizard/files.json": filesText(rendered),
})

/** A directory in which nothing is wrong but what is planted or changed in its records. */
export const plantDirectory = (path: string, records: Records = {}, files: Files = {}) =>
  plant(path, { ...recordsOf(path, records), ...files })

/** A template by name that requires these fields of a README. */
export const templateText = (name: string, required: ReadonlyArray<string> = []): string =>
  JSON.stringify({
    name,
    version: "1",
    type: "run",
    run_scope: "both",
    readme: { fields: required.map((id) => ({ id, label: id, type: "string", required: true })) },
  })

export const plantTemplate = (name: string, required: ReadonlyArray<string> = [], folder = top) =>
  write(`${folder}/templates/${name}/template.yaml`, templateText(name, required))

/** A template, a project and one run of each kind, all of them sound. */
export const plantLab = Effect.gen(function* () {
  yield* plantTemplate("plain")
  yield* plantDirectory(project)
  yield* plantDirectory(run)
  yield* plantDirectory(testRun)
})

/** All that an audit tells of a path. */
export const auditEvents = Effect.fnUntraced(function* (path: string) {
  const { audit, scopeOf } = yield* Audit
  return Chunk.toReadonlyArray(yield* Stream.runCollect(audit(yield* scopeOf(path))))
})

/** All that an audit finds below a path, sorted. */
export const audited = Effect.fnUntraced(function* (path: string = "") {
  return (yield* auditEvents(path))
    .flatMap((event) => (event.kind === "finding" ? [event.finding] : []))
    .sort(orderFindings)
})

/** `rule path:line[key] token`, the path below the root. */
export const brief = ({ keyPath, line, matchedToken, offendingPath, rule }: Finding): string => {
  const path = offendingPath.replace(`${root}/`, "")
  const at = `${line === undefined ? "" : `:${line}`}${keyPath === undefined ? "" : `[${keyPath}]`}`
  return `${rule} ${path}${at}${matchedToken === null ? "" : ` ${matchedToken}`}`
}
