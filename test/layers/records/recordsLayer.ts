import { Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as FileWizardLog from "../../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../../layers/records/JsonCreationWriter.ts"
import * as JsonEquipmentWriter from "../../../layers/records/JsonEquipmentWriter.ts"
import type { ValidationOverride } from "../../../src/domain/CreationRecord.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import * as FaultDisk from "../../support/FaultDisk.ts"

/** The adapters on real files, with a disk that can be made to fail. */
export const recordsLayer = (
  options: { readonly host?: string; readonly lockTimeoutSeconds?: number } = {},
) =>
  Layer.mergeAll(JsonCreationWriter.layer, JsonEquipmentWriter.layer, FileWizardLog.layer).pipe(
    Layer.provideMerge(FaultDisk.layer.pipe(Layer.provide(NodeDisk.layer))),
    Layer.provide(
      Settings.layer(
        withDefaults({
          disk: { lockTimeoutSeconds: options.lockTimeoutSeconds ?? 10 },
          orchestrator: { host: options.host ?? "labpc-04" },
        }),
      ),
    ),
  )

export const override = (id: string): ValidationOverride => ({
  id,
  problemClass: "orphan",
  operator: "asmith",
  recordedAt: "2026-04-17T15:00:00Z",
  reason: "known",
  revoked: false,
})
