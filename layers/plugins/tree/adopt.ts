import { Effect, Exit, Option, Random, type Scope } from "effect"
import { joinPath, parentPath } from "../../../src/domain/Destination.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { removeAtLast } from "../../disk/atomic.ts"
import { together } from "../../disk/together.ts"
import { removeTree } from "../../disk/trees.ts"
import { parentOf } from "../../templates/tree/TemplateTree.ts"
import type { TreeChange } from "./changesBetween.ts"
import { settle } from "./modes.ts"
import { type TreeEntry, TreeUnusable } from "./TreeImage.ts"

/** Where things wait for their turn, on the tree's volume. */
interface Adoption {
  readonly disk: typeof Disk.Service
  readonly copy: string
  readonly tree: string
  readonly waiting: string
}

/** Something that moves into the tree or out of it. `key` names it while it waits. */
interface Move {
  readonly path: string
  readonly key: string
}

interface Arrival extends Move {
  readonly entry: TreeEntry
}

interface Plan {
  readonly departures: ReadonlyArray<Move>
  /** Parents first. */
  readonly arrivals: ReadonlyArray<Arrival>
  /** Directories that stay and get other modes. */
  readonly modes: ReadonlyArray<TreeChange>
}

const staysDirectory = ({ after, before }: TreeChange): boolean =>
  before?.type === "directory" && after?.type === "directory"

const planOf = (changes: ReadonlyArray<TreeChange>): Plan => {
  const moving = changes.filter((change) => !staysDirectory(change))
  const leaving = moving.filter(({ before }) => before !== null)
  const left = new Set(leaving.map(({ path }) => path))
  return {
    // What lies in a directory that leaves goes with it.
    departures: leaving
      .filter(({ path }) => !left.has(parentOf(path)))
      .map(({ path }, index) => ({ path, key: `old-${index}` })),
    arrivals: moving.flatMap(({ after, path }, index) =>
      after === null ? [] : [{ path, key: `new-${index}`, entry: after }],
    ),
    modes: changes.filter(staysDirectory),
  }
}

/** Taken back, in reverse order, when something later goes wrong. */
const undoable = <E, R>(
  step: Effect.Effect<void, E, R>,
  undo: Effect.Effect<void, DiskError>,
): Effect.Effect<void, E, R | Scope.Scope> =>
  Effect.zipRight(
    Effect.addFinalizer((exit) => (Exit.isSuccess(exit) ? Effect.void : removeAtLast(undo))),
    step,
  )

/** A rename of which it isn't always known whether it happened: what isn't at `from` any more goes back. */
const move = (disk: typeof Disk.Service, from: string, to: string) =>
  undoable(
    disk
      .renameNew(from, to)
      .pipe(
        Effect.catchTag("DestinationExists", ({ path }) =>
          Effect.fail(new DiskError({ path, op: "renameNew", errno: "EEXIST" })),
        ),
      ),
    Effect.flatMap(disk.lstat(from), (left) => (Option.isSome(left) ? Effect.void : disk.rename(to, from))),
  )

/**
 * Directories in which something moves, and those that move. What arrives isn't there yet: a link of its name may
 * be, and lead anywhere.
 */
const opened = ({ arrivals, departures }: Plan): ReadonlySet<string> => {
  const arriving = new Set(arrivals.map(({ path }) => path))
  const parents = [...departures, ...arrivals].map(({ path }) => parentOf(path))
  return new Set([...parents.filter((path) => !arriving.has(path)), ...departures.map(({ path }) => path)])
}

/** Whoever owns a directory can take his own rights to it from himself; he gets them back. */
const openUp = ({ disk, tree }: Adoption, path: string) => {
  const at = path === "" ? tree : joinPath(tree, path)
  return Effect.flatMap(disk.lstat(at), (found) => {
    const info = Option.getOrNull(found)
    return info?.type !== "directory" || (info.mode & 0o700) === 0o700
      ? Effect.void
      : undoable(disk.setMode(at, info.mode | 0o700), disk.setMode(at, info.mode))
  })
}

const changeMode = ({ disk, tree }: Adoption, { after, path }: TreeChange) => {
  const directory = joinPath(tree, path)
  return Effect.flatMap(disk.lstat(directory), (info) => {
    if (Option.isNone(info) || after === null) return Effect.void
    return undoable(settle(disk, directory, after.mode), disk.setMode(directory, info.value.mode))
  })
}

/** A copy of the content, never the plugin's own file: a process that was overlooked may still have that open. */
const copyContent = ({ copy, disk }: Adoption, { entry, path }: Arrival, to: string) =>
  Effect.gen(function* () {
    yield* disk.copyFile(joinPath(copy, path), to)
    const digest = yield* disk.hashFile(to)
    if (digest !== entry.sha256) {
      const reason = `was changed in ${JSON.stringify(path)} while it was taken over`
      return yield* new TreeUnusable({ root: copy, reason })
    }
    yield* settle(disk, to, entry.mode)
  })

/** Makes what will move into the tree; nothing of the tree is touched. */
const prepare = (adoption: Adoption, arrival: Arrival): Effect.Effect<void, DiskError | TreeUnusable> => {
  const { disk, waiting } = adoption
  const { entry, key } = arrival
  const to = joinPath(waiting, key)
  if (entry.target !== null) return disk.makeLink(entry.target, to)
  return entry.type === "directory"
    ? Effect.zipRight(disk.makeDirectory(to), settle(disk, to, entry.mode))
    : copyContent(adoption, arrival, to)
}

const makeWaitingRoom = (disk: typeof Disk.Service, copy: string) =>
  Effect.gen(function* () {
    const token = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const waiting = joinPath(parentPath(copy), `.adoption-${token.toString(36)}`)
    yield* Effect.addFinalizer(() => removeAtLast(Effect.provideService(removeTree(waiting), Disk, disk)))
    yield* disk.makeDirectory(waiting)
    return waiting
  })

/**
 * Makes the changes that were found in a copy in the tree as well. The tree has all of them afterwards; after a
 * failure or an interruption it has none, unless the disk fails at taking back, too. Copy and tree lie on one
 * volume, and only the caller works on them: contents that aren't those of the changes any more are refused.
 */
export const adopt = (
  changes: ReadonlyArray<TreeChange>,
  copy: string,
  tree: string,
): Effect.Effect<void, DiskError | TreeUnusable, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const plan = planOf(changes)
    const { arrivals, departures, modes } = plan
    const waiting = yield* makeWaitingRoom(disk, copy)
    const adoption: Adoption = { disk, copy, tree, waiting }
    yield* together(arrivals, (arrival) => prepare(adoption, arrival))
    for (const path of opened(plan)) yield* openUp(adoption, path)
    for (const { key, path } of departures) yield* move(disk, joinPath(tree, path), joinPath(waiting, key))
    for (const { key, path } of arrivals) yield* move(disk, joinPath(waiting, key), joinPath(tree, path))
    for (const change of modes) yield* changeMode(adoption, change)
  }).pipe(Effect.scoped)
