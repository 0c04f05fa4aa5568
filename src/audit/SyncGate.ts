import { Context, Effect, Layer, Option } from "effect"
import { type Destination, destinationAt } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { blocksSync, type Finding } from "../domain/Finding.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import { RunNotFound } from "../domain/SyncErrors.ts"
import type { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import type { TemplateEngine } from "../ports/TemplateEngine.ts"
import type { Validator } from "../ports/Validator.ts"
import { makeExamine } from "./examine.ts"
import { isReached } from "./reaching.ts"
import { makeRequirements } from "./requirements.ts"

/** What is to be said of a published directory before it may be synced. */
export interface Standing {
  readonly destination: Destination
  /** None when it can't be read; that is a finding, then. */
  readonly record: Option.Option<StoredRecord>
  readonly findings: ReadonlyArray<Finding>
  /** Whether a hard finding isn't overridden, or there is no record that could say how it stands. */
  readonly blocked: boolean
}

const make = Effect.gen(function* () {
  const disk = yield* Disk
  const { paths } = yield* Settings
  const examine = yield* makeExamine
  const requiredBy = yield* makeRequirements

  const locate = (path: string): Effect.Effect<Destination, RunNotFound | DiskError> =>
    Effect.gen(function* () {
      const destination = destinationAt(paths.localRoot, path)
      if (destination === null) return yield* new RunNotFound({ path })
      return (yield* isReached(disk, paths.localRoot, destination.path))
        ? destination
        : yield* new RunNotFound({ path: destination.path })
    })

  const look = Effect.fn("SyncGate.look")(function* (path: string) {
    const destination = yield* locate(path)
    const { findings, record } = yield* examine(destination, requiredBy)
    return { destination, record, findings, blocked: Option.isNone(record) || blocksSync(findings) }
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
  static readonly layer: Layer.Layer<
    SyncGate,
    never,
    CreationWriter | Disk | Settings | TemplateEngine | Validator
  > = Layer.effect(SyncGate, make)
}
