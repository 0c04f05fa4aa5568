import { DateTime, Effect, Option } from "effect"
import { RunKind } from "../domain/CreateRequest.ts"
import type { Destination } from "../domain/Destination.ts"
import type { Finding } from "../domain/Finding.ts"
import { activeOverrides } from "../domain/Overrides.ts"
import { notItsOwn } from "../domain/PublishedTree.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import { CreationWriter, type RecordError } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"
import { type Inspection, type Seen, Validator } from "../ports/Validator.ts"
import {
  judged,
  missingFields,
  missingLims,
  orphan,
  recordAt,
  unreadableRecord,
  unsafeProject,
} from "./findings.ts"
import { missingIds, type RequiredIds, type TemplateUse, templateUse } from "./requirements.ts"

/** What was found in a directory, and what it was found in. */
export interface Examination {
  readonly destination: Destination
  /** None when it isn't there or can't be read; both are findings. */
  readonly record: Option.Option<StoredRecord>
  /** Judged by the overrides that hold now; sorted. */
  readonly findings: ReadonlyArray<Finding>
  readonly directories: ReadonlyArray<Seen>
  /** Records that are there. */
  readonly records: ReadonlyArray<Seen>
  readonly contents: ReadonlyArray<Seen>
  /** When something of that changed last, in milliseconds since 1970. */
  readonly changedMillis: number
  /** When an override runs out on which the findings rest; milliseconds since 1970. */
  readonly nextExpiry: number
  /** What its required fields depend on besides the settings. */
  readonly template: Option.Option<TemplateUse>
  readonly required: RequiredIds
}

export const recordNames = ["creation.json", "files.json", "readme_fields.json"] as const

const isKind = (kind: string): kind is RunKind => RunKind.literals.some((known) => known === kind)

/** As its own record says it is: the rules compare that with its folder and its name. */
const asRecorded = (destination: Destination, record: Option.Option<StoredRecord>): Destination =>
  Option.match(record, {
    onNone: () => destination,
    onSome: ({ runKind }) =>
      destination.level === "run" && isKind(runKind) ? { ...destination, runKind } : destination,
  })

interface Read<A> {
  readonly value: Option.Option<A>
  readonly findings: ReadonlyArray<Finding>
}

/** One of its records; what keeps it from being read is a finding, and stops nothing. */
const readOr = <A>(
  destination: Destination,
  name: string,
  read: Effect.Effect<Option.Option<A>, RecordError>,
): Effect.Effect<Read<A>> =>
  Effect.match(read, {
    onSuccess: (value): Read<A> => ({ value, findings: [] }),
    onFailure: ({ message }) => ({
      value: Option.none<A>(),
      findings: [unreadableRecord(destination, name, message)],
    }),
  })

const isAbsent = (error: RecordError): boolean =>
  error._tag === "DiskError" && (error.errno === "ENOENT" || error.errno === "ENOTDIR")

export const makeExamine = Effect.gen(function* () {
  const disk = yield* Disk
  const validator = yield* Validator
  const writer = yield* CreationWriter

  /** Before they are read: a change in between shows the next time. */
  const lookAtRecords = Effect.fnUntraced(function* (destination: Destination) {
    const seen: Array<Seen> = []
    let changedMillis = 0
    for (const name of recordNames) {
      const path = recordAt(destination, name)
      const info = yield* Effect.orElseSucceed(disk.lstat(path), Option.none)
      if (Option.isNone(info)) continue
      seen.push({ path, stamp: info.value.stamp })
      changedMillis = Math.max(changedMillis, info.value.changedMillis)
    }
    return { seen, changedMillis }
  })

  const readCreation = (destination: Destination): Effect.Effect<Read<StoredRecord>> =>
    writer.read(destination.path).pipe(
      Effect.asSome,
      Effect.map((value): Read<StoredRecord> => ({ value, findings: [] })),
      Effect.catchIf(isAbsent, () =>
        Effect.succeed<Read<StoredRecord>>({ value: Option.none(), findings: [orphan(destination)] }),
      ),
      Effect.catchAll(({ message }) =>
        Effect.succeed<Read<StoredRecord>>({
          value: Option.none(),
          findings: [unreadableRecord(destination, "creation.json", message)],
        }),
      ),
    )

  const inspect = (destination: Destination, rendered: ReadonlyArray<string>): Effect.Effect<Inspection> =>
    validator.inspectTree({
      destination,
      tree: destination.path,
      rendered,
      except: notItsOwn[destination.level],
    })

  /** The rules over a directory that stands, and what its records say besides. Fails at nothing. */
  return Effect.fnUntraced(function* (
    destination: Destination,
    requiredBy: (use: TemplateUse) => Effect.Effect<RequiredIds>,
  ) {
    const records = yield* lookAtRecords(destination)
    const creation = yield* readCreation(destination)
    const record = creation.value
    const files = yield* readOr(destination, "files.json", Effect.asSome(writer.readFiles(destination.path)))
    const readme = Option.isNone(record)
      ? { value: Option.none(), findings: [] }
      : yield* readOr(destination, "readme_fields.json", writer.readReadmeFields(destination.path))
    const template = Option.map(record, (stored) => templateUse(destination.equipmentId, stored))
    const required = Option.isSome(template) ? yield* requiredBy(template.value) : []
    const rendered = Option.getOrElse(files.value, () => [])
      .filter(({ origin, source }) => origin === "rendered" && source !== null)
      .map(({ path }) => path)
    const inspected = yield* inspect(asRecorded(destination, record), rendered)
    const now = yield* DateTime.now
    const stored = Option.getOrNull(record)
    const readmeIsKnown = stored !== null && readme.findings.length === 0
    const findings = [
      ...inspected.findings,
      ...creation.findings,
      ...files.findings,
      ...readme.findings,
      ...unsafeProject(destination),
      ...(stored === null ? [] : missingLims(destination, stored)),
      ...(readmeIsKnown
        ? missingFields(destination, missingIds(required, Option.getOrNull(readme.value)))
        : []),
    ]
    return {
      destination,
      record,
      findings: judged(findings, stored, now),
      directories: inspected.directories,
      records: records.seen,
      contents: inspected.contents,
      changedMillis: Math.max(records.changedMillis, inspected.changedMillis),
      nextExpiry: activeOverrides(stored?.validationOverrides ?? [], now).nextExpiry,
      template,
      required,
    } satisfies Examination
  })
})
