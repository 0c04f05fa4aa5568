import { Context, DateTime, Effect, Layer, Option } from "effect"
import { type Destination, destinationAt, joinPath } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { blocksSync, type Finding, orderFindings } from "../domain/Finding.ts"
import { activeOverrides } from "../domain/Overrides.ts"
import { notItsOwn } from "../domain/PublishedTree.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import { RunNotFound } from "../domain/SyncErrors.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import { Validator } from "../ports/Validator.ts"

/** What is to be said of a published directory before it may be synced. */
export interface Standing {
  readonly destination: Destination
  /** None when it can't be read; that is a finding, then. */
  readonly record: Option.Option<StoredRecord>
  readonly findings: ReadonlyArray<Finding>
  /** Whether a hard finding isn't overridden. */
  readonly blocked: boolean
}

const make = Effect.gen(function* () {
  const disk = yield* Disk
  const validator = yield* Validator
  const writer = yield* CreationWriter
  const { paths } = yield* Settings

  const unreadable = (destination: Destination, path: string, detail: string): Finding => ({
    rule: "unreadable_record",
    tier: "hard",
    runPath: destination.path,
    offendingPath: path,
    offendingKind: "file_name",
    matchedToken: null,
    ruleDetail: detail,
    syncedUnderPriorPolicy: false,
    overrideActive: false,
  })

  /** Reads one of its records; one that can't be read is a finding, and stops nothing. */
  const readOr = <A>(
    destination: Destination,
    name: string,
    read: Effect.Effect<A, { readonly _tag: string; readonly message: string }>,
  ): Effect.Effect<{ readonly value: Option.Option<A>; readonly findings: ReadonlyArray<Finding> }> =>
    Effect.match(read, {
      onSuccess: (value) => ({ value: Option.some(value), findings: [] }),
      onFailure: ({ message }) => ({
        value: Option.none(),
        findings: [unreadable(destination, joinPath(destination.path, ".exlab-wizard", name), message)],
      }),
    })

  /** With the overrides that hold now, and with what they can't change any more once it is synced. */
  const judged = (
    findings: ReadonlyArray<Finding>,
    record: Option.Option<StoredRecord>,
    now: DateTime.Utc,
  ): ReadonlyArray<Finding> => {
    const { syncStatus, validationOverrides } = Option.getOrElse(record, () => ({
      syncStatus: "pending",
      validationOverrides: [],
    }))
    const overridden = new Set(
      activeOverrides(validationOverrides, now).active.map(({ problemClass }) => problemClass),
    )
    const isBefore = syncStatus === "synced" || syncStatus === "cleaned"
    return findings
      .map((finding) => ({
        ...finding,
        overrideActive: overridden.has(finding.rule),
        syncedUnderPriorPolicy: isBefore && finding.tier === "hard",
      }))
      .toSorted(orderFindings)
  }

  const locate = (path: string): Effect.Effect<Destination, RunNotFound | DiskError> =>
    Effect.gen(function* () {
      const destination = destinationAt(paths.localRoot, path)
      if (destination === null) return yield* new RunNotFound({ path })
      const info = yield* disk.lstat(destination.path)
      return Option.exists(info, ({ type }) => type === "directory")
        ? destination
        : yield* new RunNotFound({ path: destination.path })
    })

  const look = Effect.fn("SyncGate.look")(function* (path: string) {
    const destination = yield* locate(path)
    const creation = yield* readOr(destination, "creation.json", writer.read(destination.path))
    const files = yield* readOr(destination, "files.json", writer.readFiles(destination.path))
    const rendered = Option.getOrElse(files.value, () => [])
      .filter(({ origin, source }) => origin === "rendered" && source !== null)
      .map((entry) => entry.path)
    const found = yield* validator.checkTree({
      destination,
      tree: destination.path,
      rendered,
      except: notItsOwn[destination.level],
    })
    const findings = judged(
      [...found, ...creation.findings, ...files.findings],
      creation.value,
      yield* DateTime.now,
    )
    return { destination, record: creation.value, findings, blocked: blocksSync(findings) }
  })

  return { look, locate }
})

/** Whether a published directory may go to the NAS: the rules of `docs/validation.md`, with its overrides. */
export class SyncGate extends Context.Tag("exlab-wizard/SyncGate")<
  SyncGate,
  {
    /** Where a managed path leads: absolute, or below the local root. */
    readonly locate: (path: string) => Effect.Effect<Destination, RunNotFound | DiskError>
    /** The same input gives the same findings as at its creation, and what its records say besides. */
    readonly look: (path: string) => Effect.Effect<Standing, RunNotFound | DiskError>
  }
>() {
  static readonly layer: Layer.Layer<SyncGate, never, CreationWriter | Disk | Settings | Validator> =
    Layer.effect(SyncGate, make)
}
