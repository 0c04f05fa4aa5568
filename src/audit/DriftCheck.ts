import { Context, DateTime, Effect, Layer, Option } from "effect"
import { guessedFacts, recordDigests, renderingFacts, templateDigest } from "../domain/CreationFacts.ts"
import { type Destination, joinPath } from "../domain/Destination.ts"
import { type DriftReport, type DriftSourceState, type DriftStatus, type FileDrift } from "../domain/Drift.ts"
import { RecordUnreadable } from "../domain/Errors.ts"
import { creationPath } from "../domain/PublishedTree.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import type { RunNotFound } from "../domain/SyncErrors.ts"
import { CreationWriter, type RecordError } from "../ports/CreationWriter.ts"
import type { Disk } from "../ports/Disk.ts"
import type { ReadmeGenerator } from "../ports/ReadmeGenerator.ts"
import { Settings } from "../ports/Settings.ts"
import type { TemplateEngine } from "../ports/TemplateEngine.ts"
import { compareFiles } from "./drift/comparing.ts"
import type { OnRecord } from "./drift/expectations.ts"
import { publishedFiles, type ReadmeOnRecord, readmeOnRecord, syncedFiles } from "./drift/onRecord.ts"
import { reproduce } from "./drift/reproducing.ts"
import { SyncGate } from "./SyncGate.ts"

const recordOf = (directory: string): Effect.Effect<StoredRecord, RecordError, CreationWriter> =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(directory)).pipe(
    Effect.catchIf(
      (error) => error._tag === "DiskError" && error.errno === "ENOENT",
      () =>
        new RecordUnreadable({
          path: joinPath(directory, creationPath),
          reason: "isn't there, so that nothing says what the directory was made from",
        }),
    ),
  )

const nobody = { label: "", operator: "", objective: "" }

/** Renders the directory again, with the record's own facts or with what can be guessed of them. */
const reproduceFrom = Effect.fnUntraced(function* (
  record: StoredRecord,
  readme: ReadmeOnRecord | null,
  destination: Destination,
) {
  const { timeZone } = yield* Settings
  const facts = renderingFacts(record.provenance)
  const core = readme?.fields.coreFields ?? nobody
  return yield* reproduce({
    record,
    recordedDigest: Option.getOrNull(templateDigest(record.provenance)),
    facts: Option.getOrElse(facts, () =>
      guessedFacts(record, core, destination, DateTime.zoneUnsafeMakeNamed(timeZone)),
    ),
    isExact: Option.isSome(facts),
    equipmentId: destination.equipmentId,
  })
})

const recordedState = ({ records }: OnRecord): DriftSourceState =>
  records === null
    ? { source: "recorded", state: "none", detail: "creation.json holds no digests of the other records" }
    : { source: "recorded", state: "compared", detail: null }

const bad: ReadonlySet<DriftStatus> = new Set(["changed", "missing", "not_reproduced", "not_verifiable"])

const countsOf = (files: ReadonlyArray<FileDrift>): DriftReport["counts"] => {
  const counts = {
    same: 0,
    changed: 0,
    missing: 0,
    added: 0,
    cleaned: 0,
    not_reproduced: 0,
    not_verifiable: 0,
  }
  for (const { status } of files) counts[status] += 1
  return counts
}

const checkDirectory = Effect.fnUntraced(function* (destination: Destination) {
  const { level, path } = destination
  const record = yield* recordOf(path)
  const published = yield* publishedFiles(path)
  const readme = yield* readmeOnRecord(path)
  const synced = yield* syncedFiles(path)
  const { reproduction, state, template } = yield* reproduceFrom(record, readme.value, destination)
  const onRecord: OnRecord = {
    level,
    published: published.value,
    reproduction,
    withPlugins: record.pluginsApplied.length > 0,
    readme: readme.value === null ? null : { digest: readme.value.digest, body: readme.value.fields.body },
    records: Option.getOrNull(recordDigests(record.provenance)),
    synced: synced.value,
  }
  const files = yield* compareFiles(path, onRecord, record.syncStatus === "cleaned")
  const sources = [published.state, state, readme.state, recordedState(onRecord), synced.state]
  const report: DriftReport = {
    path,
    level,
    ok: !files.some(({ status }) => bad.has(status)) && !sources.some(({ state }) => state === "broken"),
    template,
    sources,
    counts: countsOf(files),
    files,
  }
  return report
})

const make = Effect.gen(function* () {
  const gate = yield* SyncGate
  const context = yield* Effect.context<CreationWriter | Disk | ReadmeGenerator | Settings | TemplateEngine>()
  return {
    check: Effect.fn("DriftCheck.check")(function* (path: string) {
      const destination = yield* gate.locate(path)
      return yield* Effect.provide(checkDirectory(destination), context)
    }),
  }
})

/** Whether a published directory still is what was made, by everything that is on record (`docs/drift.md`). */
export class DriftCheck extends Context.Tag("exlab-wizard/DriftCheck")<
  DriftCheck,
  {
    /**
     * Compares a project or a run, file by file, with what was published (`files.json`), with what its template and
     * recorded answers give today if the template's digest is the recorded one, with what its README is made of, and
     * with what was synced (`checksums.sha256`). Writes nothing, not even a lock. Contents are read in bounded memory,
     * and it can be interrupted at any point. What can't be read is a line of the report; only a path that is none and
     * a `creation.json` that can't be read are errors.
     */
    readonly check: (path: string) => Effect.Effect<DriftReport, RunNotFound | RecordError>
  }
>() {
  static readonly layer: Layer.Layer<
    DriftCheck,
    never,
    CreationWriter | Disk | ReadmeGenerator | Settings | SyncGate | TemplateEngine
  > = Layer.effect(DriftCheck, make)
}
