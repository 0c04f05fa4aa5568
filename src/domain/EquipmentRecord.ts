import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

/** `equipment.json`. */
export const EquipmentRecord = wireStruct({
  schemaVersion: Schema.String,
  id: Schema.String,
  label: Schema.String,
  configuredLocalRoot: Schema.String,
  configuredNasRoot: Schema.String,
  /** ISO-8601, UTC; never changes after the first write. */
  firstSeenAt: Schema.String,
  lastModifiedAt: Schema.String,
})

/** `runs.json` and `test_runs.json`. */
export const FolderMarker = wireStruct({
  schemaVersion: Schema.String,
  runKind: Schema.String,
  createdAt: Schema.String,
  project: Schema.String,
  equipment: Schema.String,
})

const text = Schema.optionalWith(Schema.String, { default: () => "", nullable: true })

/** As other writers may have left it: what is absent is empty. */
export const StoredEquipment = wireStruct({
  id: text,
  label: text,
  configuredLocalRoot: text,
  configuredNasRoot: text,
  firstSeenAt: text,
})

/** What tells a marker from something else that happens to be JSON. */
export const StoredMarker = wireStruct({ runKind: text, createdAt: text, project: text, equipment: text })
