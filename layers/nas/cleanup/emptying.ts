import { Duration, Effect, Option } from "effect"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { removeTree } from "../../disk/trees.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { treeAt } from "./facts.ts"
import { tell } from "./finishing.ts"
import { digestsOfRestamped } from "./rereading.ts"
import { removeEmpty } from "./trash.ts"

/** What is in a trash and isn't as it was put there. A part of it may be gone: somebody was interrupted. */
const strangersIn = ({ jobId, trash }: Cleanup) =>
  Effect.gen(function* () {
    const tree = yield* treeAt(trash)
    if (tree === undefined) return []
    const ledger = yield* SyncLedger
    const verified = new Map((yield* ledger.files(jobId)).map((file) => [file.path, file]))
    const contents = yield* digestsOfRestamped(trash, tree.files, verified)
    const isKnown = (path: string, stamp: string): boolean => {
      const file = verified.get(path)
      return file !== undefined && (file.stamp === stamp || contents.get(path) === file.sha256)
    }
    const others = tree.files.filter(({ path, stamp }) => !isMetadata(path) && !isKnown(path, stamp))
    return [...others.map(({ path }) => path), ...tree.skipped]
  })

const noteInRun = ({ bytes, files, path }: Cleanup) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    if (Option.isNone(yield* disk.lstat(path))) return
    yield* tell(path, `removed from the trash: ${files} files, ${bytes} bytes`)
  })

/** Files that somebody wrote to after they were moved are nowhere else: such a trash is left to people. */
const empty = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const strangers = yield* strangersIn(cleanup)
    if (strangers.length > 0) {
      const { path, trash } = cleanup
      yield* ledger.endCleanup(cleanup.jobId)
      yield* Effect.logWarning("a trash is left alone: not everything in it was verified", {
        path,
        trash,
        files: strangers.slice(0, 20),
      })
      return
    }
    yield* removeTree(cleanup.trash)
    yield* removeEmpty(cleanup.trash)
    yield* noteInRun(cleanup)
    yield* ledger.forget(cleanup.jobId)
    yield* ledger.endCleanup(cleanup.jobId)
  })

/** Removes for good what has been in the trash long enough. One that can't be removed is tried again next time. */
export const emptyTrash = Effect.fn("Sync.emptyTrash")(function* () {
  const ledger = yield* SyncLedger
  const { trashHours } = (yield* Settings).nasCleanup
  const before = (yield* twoClocks).earliest - Duration.toMillis(Duration.hours(trashHours))
  const due = yield* ledger.sealedBefore(before)
  yield* Effect.forEach(
    due,
    (cleanup) =>
      Effect.catchAll(empty(cleanup), (error) =>
        Effect.logWarning("a trash could not be emptied; it is tried again", { trash: cleanup.trash, error }),
      ),
    { discard: true },
  )
})
