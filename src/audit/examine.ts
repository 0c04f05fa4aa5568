import { DateTime, Effect, Option } from "effect"
import type { Destination } from "../domain/Destination.ts"
import { type Finding, orderFindings } from "../domain/Finding.ts"
import { recordedKind } from "../domain/ModeRule.ts"
import { activeOverrides } from "../domain/Overrides.ts"
import { notItsOwn } from "../domain/PublishedTree.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"
import { type Inspection, type Seen, Validator } from "../ports/Validator.ts"
import { type Judgement, judged, missingFields, missingLims, unsafeProject } from "./findings.ts"
import { readRecords, type Records, type SeenRecord } from "./readRecords.ts"
import {
  missingIds,
  type RequiredBy,
  type RequiredIds,
  type TemplateUse,
  templateUse,
} from "./requirements.ts"

/** What was found in a directory, and what it was found in. */
export interface Examination {
  readonly destination: Destination
  /** None when it isn't there or can't be read; both are findings. */
  readonly record: Option.Option<StoredRecord>
  /** Judged; sorted. Nothing is found in a directory that is gone. */
  readonly findings: ReadonlyArray<Finding>
  readonly judgement: Judgement
  readonly directories: ReadonlyArray<Seen>
  readonly records: ReadonlyArray<SeenRecord>
  readonly contents: ReadonlyArray<Seen>
  /** When something of that changed last, in milliseconds since 1970. */
  readonly changedMillis: number
  /** When an override runs out on which the judgement rests; milliseconds since 1970. */
  readonly nextExpiry: number
  /** What its required fields depend on besides the settings. */
  readonly template: Option.Option<TemplateUse>
  readonly required: RequiredIds
}

/** As its own record says it is: the rules compare that with its folder and its name. */
const asRecorded = (destination: Destination, record: Option.Option<StoredRecord>) => {
  const kind = recordedKind(Option.getOrNull(record))
  const isKindKnown = kind !== null
  return destination.level === "run" && isKindKnown
    ? { destination: { ...destination, runKind: kind }, isKindKnown }
    : { destination, isKindKnown }
}

const renderedIn = ({ files }: Records): ReadonlyArray<string> =>
  files.filter(({ origin, source }) => origin === "rendered" && source !== null).map(({ path }) => path)

/** What the records say that has no need of the tree. */
const recordFindings = (
  destination: Destination,
  { creation, findings, readme }: Records,
  required: RequiredIds,
): ReadonlyArray<Finding> => [
  ...findings,
  ...unsafeProject(destination),
  ...Option.match(creation, { onNone: () => [], onSome: (record) => missingLims(destination, record) }),
  ...(readme === null ? [] : missingFields(destination, missingIds(required, Option.getOrNull(readme)))),
]

const judgementOf = (record: Option.Option<StoredRecord>, now: DateTime.Utc) => {
  const stored = Option.getOrNull(record)
  const { active, nextExpiry } = activeOverrides(stored?.validationOverrides ?? [], now)
  const judgement: Judgement = {
    overridden: active.map(({ problemClass }) => problemClass),
    isSynced: stored?.syncStatus === "synced" || stored?.syncStatus === "cleaned",
    isFailed: stored?.syncStatus === "failed",
  }
  return { judgement, nextExpiry }
}

export const makeExamine = Effect.gen(function* () {
  const disk = yield* Disk
  const validator = yield* Validator
  const read = readRecords(disk, yield* CreationWriter)

  const isGone = (path: string): Effect.Effect<boolean> =>
    Effect.match(disk.lstat(path), {
      onFailure: () => false,
      onSuccess: (info) => !Option.exists(info, ({ type }) => type === "directory"),
    })

  const inspect = (
    destination: Destination,
    record: Option.Option<StoredRecord>,
    rendered: ReadonlyArray<string>,
  ): Effect.Effect<Inspection> =>
    validator.inspectTree({
      ...asRecorded(destination, record),
      tree: destination.path,
      rendered,
      except: notItsOwn[destination.level],
    })

  /** The rules over a directory that stands, and what its records say besides. Fails at nothing. */
  return Effect.fnUntraced(function* (destination: Destination, requiredBy: RequiredBy) {
    const records = yield* read(destination)
    const template = Option.map(records.creation, (stored) => templateUse(destination.equipmentId, stored))
    const required = Option.isSome(template) ? yield* requiredBy(template.value) : []
    const inspected = yield* inspect(destination, records.creation, renderedIn(records))
    const { judgement, nextExpiry } = judgementOf(records.creation, yield* DateTime.now)
    // What is half gone looks like all kinds of wrong.
    const gone = inspected.changedMillis === Infinity && (yield* isGone(destination.path))
    const findings = gone
      ? []
      : [...inspected.findings, ...recordFindings(destination, records, required)]
          .map((finding) => judged(judgement, finding))
          .sort(orderFindings)
    return {
      destination,
      record: gone ? Option.none() : records.creation,
      findings,
      judgement,
      directories: inspected.directories,
      records: records.seen,
      contents: inspected.contents,
      changedMillis: Math.max(records.changedMillis, inspected.changedMillis),
      nextExpiry,
      template,
      required,
    } satisfies Examination
  })
})
