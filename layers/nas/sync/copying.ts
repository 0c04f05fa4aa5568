import { Effect, Option } from "effect"
import { checksumsBytes } from "../../../src/domain/Checksums.ts"
import { joinPath, parentPath } from "../../../src/domain/Destination.ts"
import { checksumsPath, noDataPath, notItsOwn } from "../../../src/domain/PublishedTree.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { listed } from "../../../src/domain/listed.ts"
import { replaceFile } from "../../disk/atomic.ts"
import { clashes, clashRemedy, differenceOf, digestsThere, onlyThere, strangersIn } from "./comparing.ts"
import { digestAll, type DigestedFile } from "./digesting.ts"
import { bytesOf, isSameTree, listTree, type LocalFile, type LocalTree } from "./localTree.ts"
import { makeFileMeter, makeMeter } from "./meter.ts"
import { sendPaced } from "./sending.ts"
import { changing, locally, stopped } from "./stops.ts"
import { SyncParts } from "./SyncParts.ts"
import { refuseTaken } from "./takenNames.ts"
import type { Bound } from "./target.ts"

/** A job on its way: from where to where. */
export interface Errand extends Bound {
  readonly job: SyncJob
  readonly final: string
  readonly incoming: string
}

/** A directory as it was read. */
export interface Reading {
  readonly tree: LocalTree
  readonly files: ReadonlyMap<string, DigestedFile>
}

const nothingKnown: ReadonlyMap<string, DigestedFile> = new Map()

/** `sha256sum -c` takes no list of nothing. */
const listedFor = Effect.fnUntraced(function* ({ level, path }: SyncJob) {
  const tree = yield* listTree(path, level)
  if (tree.files.length > 0) return tree
  yield* replaceFile(
    joinPath(path, noDataPath),
    "When this was copied, there was nothing here but its records.\n",
  )
  return yield* listTree(path, level)
}, locally)

/** Lists and digests the directory; one that changes while it is read is a failure that waits. */
export const readHere = Effect.fn("Sync.readHere")(function* ({ job }: Errand, known = nothingKnown) {
  const { report } = yield* SyncParts
  const tree = yield* listedFor(job)
  const total = { bytes: bytesOf(tree.files), files: tree.files.length }
  const meter = yield* makeFileMeter("hashing", total, (progress) => report(job.id, progress))
  const { files, unstable } = yield* locally(digestAll(job.path, tree.files, known, meter))
  if (unstable.length > 0) return yield* changing(unstable)
  return { tree, files } satisfies Reading
})

/**
 * Takes away what an earlier try has gathered and the directory doesn't have any more: it would be published with
 * the rest. Only this job's own folder below `.exlab-incoming/` loses anything.
 */
export const clearGathered = Effect.fn("Sync.clearGathered")(function* (
  { incoming, transport }: Errand,
  { tree }: Reading,
) {
  const strangers = strangersIn(tree, yield* transport.list(incoming, []))
  if (strangers.length > 0) yield* transport.remove(incoming, strangers)
})

/** Sends these files to where the directory is gathered. */
const gather = Effect.fnUntraced(function* (
  { incoming, job, transport }: Errand,
  files: ReadonlyArray<LocalFile>,
  directories: ReadonlyArray<string>,
) {
  const { report } = yield* SyncParts
  const meter = yield* makeMeter("transferring", { bytes: bytesOf(files), files: files.length }, (progress) =>
    report(job.id, progress),
  )
  const parcel = { source: job.path, files, directories, to: incoming }
  yield* sendPaced(transport, job.equipmentId, parcel, meter)
})

/** Everything that the target doesn't have yet, to where it is gathered. */
export const transfer = Effect.fn("Sync.transfer")(function* (errand: Errand, { files, tree }: Reading) {
  const { final, transport } = errand
  const isUpdate = yield* transport.exists(final)
  if (isUpdate) yield* refuseTaken(errand)
  const there = isUpdate ? yield* transport.digests(final, [...files.keys()]) : new Map<string, string>()
  const { different, missing } = differenceOf(files, there)
  const wanted = new Set([...missing, ...different])
  yield* gather(
    errand,
    tree.files.filter(({ path }) => wanted.has(path)),
    tree.directories,
  )
})

/**
 * Reads everything back and compares. What is missing or different is sent once more; what is wrong then is
 * wrong with the target, or with the files here.
 */
export const verifyThere = Effect.fn("Sync.verify")(function* (errand: Errand, { files, tree }: Reading) {
  const { job, transport } = errand
  const { report } = yield* SyncParts
  const total = { bytes: bytesOf(tree.files), files: tree.files.length }
  const meter = yield* makeMeter("verifying", total, (progress) => report(job.id, progress))
  yield* meter({ bytes: 0, files: 0, currentFile: null })
  const look = Effect.map(digestsThere(transport, errand, files), (there) => differenceOf(files, there))
  const first = yield* look
  const wrong = new Set([...first.missing, ...first.different])
  if (wrong.size === 0) return
  // A remote that remembers digests would take what is there for what was sent.
  const spoilt = first.different.map((path) => ({ path, isFolder: false }))
  if (spoilt.length > 0) yield* transport.remove(errand.incoming, spoilt)
  yield* gather(
    errand,
    tree.files.filter(({ path }) => wrong.has(path)),
    tree.directories,
  )
  const { different, missing } = yield* look
  if (missing.length + different.length === 0) return
  const now = yield* locally(listTree(job.path, job.level))
  if (!isSameTree(tree, now)) return yield* changing([...missing, ...different])
  return yield* stopped(
    [
      missing.length === 0 ? [] : [`missing on the target after two transfers: ${listed(missing)}`],
      different.length === 0 ? [] : [`different on the target after two transfers: ${listed(different)}`],
    ]
      .flat()
      .join("; "),
  )
})

const isEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

/** Brings `checksums.sha256` up to date here; nothing is written when it is. */
export const writeChecksums = Effect.fn("Sync.writeChecksums")(function* (
  { job }: Errand,
  { files }: Reading,
) {
  const disk = yield* Disk
  const path = joinPath(job.path, checksumsPath)
  const bytes = checksumsBytes(files.values())
  // One that can't be read is written anew.
  const before = yield* Effect.option(disk.readFile(path))
  if (bytes.length > 0 && Option.exists(before, (found) => isEqual(found, bytes))) return
  yield* disk.makeDirectories(parentPath(path))
  yield* replaceFile(path, bytes)
}, locally)

/** A log may get a line while it is sent. */
const lateTries = 3

/** Sends what changes late, and compares it by itself: a log that goes on growing is sent again. */
export const sendLate = Effect.fn("Sync.sendLate")(function* ({ job, transport }: Errand, to: string) {
  for (let left = lateTries; left > 0; left -= 1) {
    const { late } = yield* locally(listTree(job.path, job.level))
    const parcel = { source: job.path, files: late, directories: [], to }
    yield* sendPaced(transport, job.equipmentId, parcel, () => Effect.void)
    const there = yield* transport.digests(
      to,
      late.map(({ path }) => path),
    )
    const { files, unstable } = yield* locally(digestAll(job.path, late, nothingKnown, () => Effect.void))
    const { different, missing } = differenceOf(files, there)
    if (missing.length + different.length + unstable.length === 0) return
  }
  return yield* new SyncFailure({
    class: "source_changed",
    reason: "records or logs of the directory change faster than they can be copied",
    files: [],
  })
})

/** Fails when something would have to be taken away from what was published; else what is only there. */
const lookAtPublished = Effect.fnUntraced(function* ({ final, job, transport }: Errand, { tree }: Reading) {
  const there = yield* transport.list(final, notItsOwn[job.level])
  const inTheWay = clashes(tree, there)
  if (inTheWay.length === 0) return onlyThere(tree, there)
  return yield* stopped(clashRemedy(inTheWay))
})

/**
 * From where it was gathered to its name, if `mayGo` still lets it at the last moment. Returns the files that are
 * only there.
 */
export const publishThere = Effect.fn("Sync.publish")(function* <E, R>(
  errand: Errand,
  reading: Reading,
  mayGo: Effect.Effect<void, E, R>,
) {
  const { final, incoming, transport } = errand
  const { files } = reading
  const extra = yield* lookAtPublished(errand, reading)
  const isGathered = yield* transport.exists(incoming)
  const isNew = isGathered && !(yield* transport.exists(final))
  if (isGathered) {
    yield* sendLate(errand, incoming)
    yield* mayGo
    yield* transport.publish(incoming, final)
  }
  if (isNew && transport.publishesByRename) return extra
  yield* errand.stillThat
  const { different, missing } = differenceOf(files, yield* transport.digests(final, [...files.keys()]))
  const wrong = [...missing, ...different]
  if (wrong.length === 0) return extra
  return yield* new SyncFailure({
    class: "transient",
    reason: `not as they were verified after they got their names: ${listed(wrong)}`,
    files: wrong.slice(0, 100),
  })
})

/** Fails when the directory isn't as it was read any more. */
export const stillTheSame = Effect.fn("Sync.stillTheSame")(function* ({ job }: Errand, { tree }: Reading) {
  const now = yield* locally(listTree(job.path, job.level))
  if (isSameTree(tree, now)) return
  const before = new Map(tree.files.map(({ path, stamp }) => [path, stamp]))
  const changed = now.files.filter(({ path, stamp }) => before.get(path) !== stamp)
  return yield* changing(changed.length > 0 ? changed.map(({ path }) => path) : ["a folder"])
})
