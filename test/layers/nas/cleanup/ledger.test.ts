import { expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { Evidence } from "../../../../layers/nas/cleanup/Evidence.ts"
import { layerMemory } from "../../../../layers/nas/cleanup/MemorySyncLedger.ts"
import * as SqliteSyncLedger from "../../../../layers/nas/cleanup/SqliteSyncLedger.ts"
import * as QueueFile from "../../../../layers/nas/queue/QueueFile.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { syncLedgerContract } from "../../../contract/syncLedger.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { settingsIn } from "../queue/support.ts"

syncLedgerContract("MemorySyncLedger", Layer.fresh(layerMemory))

const inFile = Layer.unwrapScoped(
  Effect.map(temporaryDirectory, (root) =>
    SqliteSyncLedger.layer.pipe(
      Layer.provideMerge(QueueFile.layer),
      Layer.provide(Layer.merge(NodeDisk.layer, settingsIn(root))),
    ),
  ),
)

syncLedgerContract("SqliteSyncLedger", inFile)

it.scoped("a list of files that isn't its pass's proves nothing: a process ended while it wrote it", () =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const { sql, write } = yield* QueueFile.QueueFile
    const file = { size: 1, stamp: "s", sha256: "d" }
    yield* ledger.record("job_1", 1, [
      { ...file, path: "a" },
      { ...file, path: "b" },
    ])
    expect(Option.map(yield* Evidence.of("job_1"), ({ passes }) => passes)).toEqual(Option.some(1))
    yield* write(sql`DELETE FROM verified_file WHERE path = 'b'`)
    expect(yield* Evidence.of("job_1")).toEqual(Option.none())
    expect(yield* Evidence.of("job_2")).toEqual(Option.none())
  }).pipe(Effect.provide(inFile)),
)
