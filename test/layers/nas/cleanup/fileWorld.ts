import { Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as SqliteSyncLedger from "../../../../layers/nas/cleanup/SqliteSyncLedger.ts"
import * as SqliteSyncQueue from "../../../../layers/nas/queue/SqliteSyncQueue.ts"
import * as FileWizardLog from "../../../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../../../layers/records/JsonCreationWriter.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { settingsOf } from "./support.ts"

/** A queue and a ledger in a file, which several processes share; what was verified once may be deleted at once. */
export const fileWorld = (root: string) =>
  Layer.mergeAll(
    JsonCreationWriter.layer,
    FileWizardLog.layer,
    SqliteSyncQueue.layer,
    SqliteSyncLedger.layer,
  ).pipe(
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, settingsOf(root, { minVerifyPasses: 1, minAgeHours: 0 }))),
  )
