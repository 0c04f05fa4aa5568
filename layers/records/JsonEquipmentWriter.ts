import { type DateTime, Duration, Effect, Layer, Schema } from "effect"
import { schemaVersions } from "../../src/domain/CreationRecord.ts"
import { type Destination, equipmentPath } from "../../src/domain/Destination.ts"
import {
  EquipmentRecord,
  FolderMarker,
  StoredEquipment,
  StoredMarker,
} from "../../src/domain/EquipmentRecord.ts"
import { setMembers } from "../../src/domain/JsonText.ts"
import { decodeRecord } from "../../src/domain/RecordFile.ts"
import { indented } from "../../src/domain/RecordText.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import type { EquipmentSettings } from "../../src/domain/Settings.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { EquipmentWriter } from "../../src/ports/EquipmentWriter.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { recordPath } from "./recordFolder.ts"
import { bringUpToDate, type Renewable } from "./renewable.ts"

const encodeEquipment = Schema.encodeSync(EquipmentRecord)
const encodeMarker = Schema.encodeSync(FolderMarker)

/** Rewritten when something but the time has changed: every creation comes past here. */
const equipmentRecord = (
  localRoot: string,
  { id, label, nasRoot }: EquipmentSettings,
): Renewable<typeof StoredEquipment.Type> => {
  const encoded = (firstSeenAt: string, now: DateTime.Utc) =>
    encodeEquipment({
      schemaVersion: schemaVersions.equipment,
      id,
      label,
      configuredLocalRoot: localRoot,
      configuredNasRoot: nasRoot,
      firstSeenAt,
      lastModifiedAt: recordTime(now),
    })
  return {
    path: recordPath(equipmentPath(localRoot, id), "equipment.json"),
    version: schemaVersions.equipment,
    decode: decodeRecord(StoredEquipment),
    fresh: (now) => indented(encoded(recordTime(now), now)),
    renewed: (found, { text }, now) => {
      const current =
        found.id === id &&
        found.label === label &&
        found.configuredLocalRoot === localRoot &&
        found.configuredNasRoot === nasRoot &&
        found.firstSeenAt !== ""
      if (current) return null
      const { schema_version: _, ...members } = encoded(found.firstSeenAt || recordTime(now), now)
      return setMembers(text, members)
    },
  }
}

const markerNames = { experimental: "runs.json", test: "test_runs.json" } as const

const folderMarker = (destination: Destination, project: string): Renewable<typeof StoredMarker.Type> => ({
  path: recordPath(destination.parent, markerNames[destination.runKind]),
  version: schemaVersions.folder,
  decode: decodeRecord(StoredMarker),
  fresh: (now) =>
    indented(
      encodeMarker({
        schemaVersion: schemaVersions.folder,
        runKind: destination.runKind,
        createdAt: recordTime(now),
        project,
        equipment: destination.equipmentId,
      }),
    ),
  renewed: () => null,
})

/** `equipment.json` and the markers of run folders as JSON files. */
export const layer: Layer.Layer<EquipmentWriter, never, Disk | Settings> = Layer.effect(
  EquipmentWriter,
  Effect.gen(function* () {
    const disk = yield* Disk
    const lockTimeout = Duration.seconds((yield* Settings).disk.lockTimeoutSeconds)
    return {
      recordEquipment: Effect.fn("EquipmentWriter.recordEquipment")((localRoot, equipment) =>
        bringUpToDate(disk, lockTimeout, equipmentRecord(localRoot, equipment)),
      ),
      markFolder: Effect.fn("EquipmentWriter.markFolder")((destination, projectShortId) =>
        destination.level === "run"
          ? bringUpToDate(disk, lockTimeout, folderMarker(destination, projectShortId))
          : Effect.succeed([]),
      ),
    }
  }),
)
