import { Context, type Effect } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DiskError, LockTimeout } from "../domain/Errors.ts"
import type { EquipmentSettings } from "../domain/Settings.ts"

/** What was set aside and made again: a broken record must not stop a creation. */
export interface RecordWarning {
  readonly path: string
  readonly message: string
}

/** The records above a created directory. */
export class EquipmentWriter extends Context.Tag("exlab-wizard/EquipmentWriter")<
  EquipmentWriter,
  {
    /** `equipment.json`: made once, then brought up to date; `first_seen_at` never changes. */
    readonly recordEquipment: (
      localRoot: string,
      equipment: EquipmentSettings,
    ) => Effect.Effect<ReadonlyArray<RecordWarning>, DiskError | LockTimeout>
    /** `runs.json` or `test_runs.json`: written with the first run there. Projects have none. */
    readonly markFolder: (
      destination: Destination,
      projectShortId: string,
    ) => Effect.Effect<ReadonlyArray<RecordWarning>, DiskError | LockTimeout>
  }
>() {}
