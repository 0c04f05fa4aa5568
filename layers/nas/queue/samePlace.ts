import { Effect, Option } from "effect"
import { Disk } from "../../../src/ports/Disk.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { type Transaction, unavailable } from "./transactions.ts"

const lost =
  "it was removed or replaced while it was in use, and what is written now would be lost. " +
  "Put it back, with its neighbours -wal and -shm, or restart the service: what isn't on the NAS yet is queued anew then"

/**
 * Transactions that count only while the file, and the log in which SQLite writes first, still have their names: an
 * open file that was removed can be written to, and is gone with the process.
 */
export const checkedAt = (
  path: string,
): Effect.Effect<(transaction: Transaction) => Transaction, QueueUnavailable, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const identities = Effect.forEach([path, `${path}-wal`], disk.lstat).pipe(
      Effect.map((infos) => infos.map(Option.map(({ identity }) => identity)).map(Option.getOrNull)),
      Effect.mapError(unavailable(path)),
    )
    const known = yield* identities
    const check = Effect.filterOrFail(
      identities,
      (now) => now.every((identity, index) => identity === known[index]),
      () => new QueueUnavailable({ path, reason: lost }),
    )
    return (transaction) => (statements) => Effect.zipLeft(transaction(statements), check)
  })
