import { Array, Effect, Option, Ref } from "effect"
import { joinPath, metadataFolder, runFolders } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { removeTree } from "../disk/trees.ts"
import { type Clearing, clearOccupant, ifDead } from "./clearing.ts"
import { occupantOf } from "./OwnerRecord.ts"
import {
  ownerLock,
  type OwnerId,
  ownerOfLock,
  ownerOfPassing,
  ownersFolder,
  stagingFolder,
} from "./stagingLayout.ts"
import { clearTemporaries } from "./temporaries.ts"

/** What one pass did. */
export interface ClearingReport {
  /** Paths of what dead services had left, and what is gone now. */
  readonly cleared: ReadonlyArray<string>
  /** What went wrong; the next start tries again. */
  readonly problems: ReadonlyArray<DiskError>
}

interface Pass {
  readonly clearing: Clearing
  readonly report: Ref.Ref<ClearingReport>
}

const noteProblem = ({ report }: Pass, problem: DiskError) =>
  Ref.update(report, ({ cleared, problems }) => ({ cleared, problems: [...problems, problem] }))

const noteCleared = ({ report }: Pass, path: string) =>
  Ref.update(report, ({ cleared, problems }) => ({ cleared: [...cleared, path], problems }))

/** Not there, or not for us: what this service made it can read. */
const passedOver = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"])

/** The directories in a directory, not behind links. */
const directoriesIn = (pass: Pass, path: string): Effect.Effect<ReadonlyArray<string>, never, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.list(path)).pipe(
    Effect.map((entries) => entries.filter(({ type }) => type === "directory").map(({ name }) => name)),
    Effect.catchAll((error) =>
      Effect.as(passedOver.has(error.errno) ? Effect.void : noteProblem(pass, error), []),
    ),
  )

const visibleIn = (pass: Pass, path: string) =>
  Effect.map(
    directoriesIn(pass, path),
    Array.filterMap((name) => (name.startsWith(".") ? Option.none() : Option.some(joinPath(path, name)))),
  )

/** Every folder below which a destination can lie: equipment, and the runs of their projects. */
const parents = (pass: Pass, root: string): Effect.Effect<ReadonlyArray<string>, never, Disk> =>
  Effect.gen(function* () {
    const equipment = yield* visibleIn(pass, root)
    const projects = yield* Effect.forEach(equipment, (path) => visibleIn(pass, path))
    const runs = projects
      .flat()
      .flatMap((project) => Object.values(runFolders).map(({ folder }) => joinPath(project, folder)))
    return [...equipment, ...runs]
  })

const clearEntry = (pass: Pass, folder: string, name: string): Effect.Effect<void, DiskError, Disk> => {
  const path = joinPath(folder, name)
  const removed = Effect.zipRight(removeTree(path), noteCleared(pass, path))
  const clearArea = Effect.gen(function* () {
    const verdict = yield* clearOccupant(pass.clearing, path, yield* occupantOf(path))
    if (verdict._tag !== "Cleared") return
    yield* removeTree(verdict.trash)
    yield* noteCleared(pass, path)
  })
  return Option.match(ownerOfPassing(name), {
    onNone: () => clearArea,
    onSome: (owner) => ifDead(pass.clearing, owner, removed, undefined),
  })
}

const clearFolder = (pass: Pass, folder: string) =>
  Effect.flatMap(
    directoriesIn(pass, folder),
    Effect.forEach((name) =>
      Effect.catchAll(clearEntry(pass, folder, name), (error) => noteProblem(pass, error)),
    ),
  )

/** Everything that may be left for an entry of `parent`, and beside the records there. */
const clearBelow = (pass: Pass, parent: string) =>
  clearFolder(pass, stagingFolder(parent)).pipe(
    Effect.zipRight(clearTemporaries(joinPath(parent, metadataFolder))),
    Effect.flatMap(Effect.forEach((path) => noteCleared(pass, path))),
    Effect.catchAll((error) => (passedOver.has(error.errno) ? Effect.void : noteProblem(pass, error))),
  )

const deadOwners = (pass: Pass): Effect.Effect<ReadonlyArray<OwnerId>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(ownersFolder(pass.clearing.localRoot)).pipe(
      Effect.catchIf(
        ({ errno }) => errno === "ENOENT",
        () => Effect.succeed([]),
      ),
    )
    const owners = Array.filterMap(entries, ({ name }) => ownerOfLock(name))
    return yield* Effect.filter(owners, (owner) =>
      // One lock that can't be had tells nothing of the others.
      Effect.catchAll(ifDead(pass.clearing, owner, Effect.succeed(true), false), (error) =>
        Effect.as(noteProblem(pass, error), false),
      ),
    )
  })

/** The lock files of the dead are what makes a start look for their areas: they go last. */
const forgetOwners = (pass: Pass, owners: ReadonlyArray<OwnerId>) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* Effect.forEach(owners, (owner) => {
      const path = ownerLock(pass.clearing.localRoot, owner)
      return ifDead(pass.clearing, owner, disk.removeFile(path), undefined)
    })
  })

const problemsOf = ({ report }: Pass) => Effect.map(Ref.get(report), ({ problems }) => problems.length)

/**
 * Removes what services of this computer that don't live any more left in staging areas below the root.
 * Looks at directories only when there are lock files of dead ones. Never follows a link below the root.
 */
export const clearAbandoned = (localRoot: string, host: string): Effect.Effect<ClearingReport, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const report = yield* Ref.make<ClearingReport>({ cleared: [], problems: [] })
    const pass: Pass = { clearing: { localRoot, host, patience: 0 }, report }
    yield* Effect.gen(function* () {
      const owners = yield* deadOwners(pass)
      if (owners.length === 0) return
      const before = yield* problemsOf(pass)
      const root = yield* disk.realPath(localRoot)
      for (const parent of yield* parents(pass, root)) yield* clearBelow(pass, parent)
      if ((yield* problemsOf(pass)) === before) yield* forgetOwners(pass, owners)
    }).pipe(Effect.catchAll((error) => noteProblem(pass, error)))
    return yield* Ref.get(report)
  })
