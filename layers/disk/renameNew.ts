import * as fs from "node:fs"
import { Effect, Either, Option } from "effect"
import { DestinationExists, type DiskError } from "../../src/domain/Errors.ts"
import type { FileInfo } from "../../src/ports/Disk.ts"
import { fileInfo, lstat } from "./fileInfo.ts"
import type { NativeCalls } from "./nativeCalls.ts"
import { finish, immediate, refuse, type Target } from "./systemCall.ts"

/** The kernel, or the file system, doesn't know `RENAME_NOREPLACE`. */
const unknownFlag = new Set(["ENOSYS", "EINVAL", "ENOTSUP", "EOPNOTSUPP"])
const taken = new Set(["EEXIST", "ENOTEMPTY", "ENOTDIR", "EISDIR"])

const look = (target: Target): Effect.Effect<Option.Option<FileInfo>> =>
  Effect.orElseSucceed(lstat(target), Option.none)

/** Which file it is, as far as can be told; the system needs the same entry for the rename in a moment. */
const identify = (target: Target): Effect.Effect<string | null> =>
  Effect.sync(() =>
    Either.getOrNull(
      immediate(target, () => fileInfo(fs.lstatSync(target.native, { bigint: true })).identity),
    ),
  )

const rename = (from: Target, to: Target): Effect.Effect<void, DiskError> =>
  Effect.async((resume) => fs.rename(from.native, to.native, finish(from, resume)))

/** Two steps: something made at `to` between them is only safe when it is a file or a full directory. */
const lookAndRename = (from: Target, to: Target): Effect.Effect<void, DiskError> =>
  Effect.flatMap(
    lstat(to),
    Option.match({
      onSome: () => Effect.fail(refuse(from, "EEXIST")),
      onNone: () => rename(from, to),
    }),
  )

const attempt = (calls: NativeCalls, from: Target, to: Target): Effect.Effect<void, DiskError> =>
  Effect.suspend(() => {
    if (Option.isNone(calls.renameNew)) return lookAndRename(from, to)
    const errno = calls.renameNew.value(from.native, to.native)
    if (errno === null) return Effect.void
    return unknownFlag.has(errno) ? lookAndRename(from, to) : Effect.fail(refuse(from, errno))
  })

/**
 * Network file systems may report an error for a rename that happened, when its answer was lost and the
 * request sent again: the file that was at `from` and now is at `to` says so.
 */
const judge = (
  identity: string | null,
  from: Target,
  to: Target,
  error: DiskError,
): Effect.Effect<void, DiskError | DestinationExists> =>
  Effect.gen(function* () {
    const [left, found] = yield* Effect.all([look(from), look(to)])
    const arrived = Option.isNone(left) && Option.exists(found, (info) => info.identity === identity)
    if (arrived) return
    return yield* taken.has(error.errno) && Option.isSome(found)
      ? new DestinationExists({ path: to.path })
      : error
  })

export const renameNew = (
  calls: NativeCalls,
  from: Target,
  to: Target,
): Effect.Effect<void, DiskError | DestinationExists> =>
  Effect.flatMap(identify(from), (identity) =>
    Effect.catchAll(attempt(calls, from, to), (error) => judge(identity, from, to, error)),
  )
