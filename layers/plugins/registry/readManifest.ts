import { isUtf8 } from "node:buffer"
import { Clock, Effect, Either, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk, FileInfo } from "../../../src/ports/Disk.ts"
import { isSettled } from "../../../src/domain/settled.ts"
import { decodePluginManifest, manifestFile, reasonAt } from "./decodePluginManifest.ts"

/** A manifest has twenty lines; one of this size can take half a second to be refused. */
const maxBytes = 64 * 1024

type Decoded = ReturnType<typeof decodePluginManifest>

/** A manifest as it was read, for the next look. */
export interface KeptManifest {
  /** Null: it may have changed since, whatever its stamp says. */
  readonly stamp: string | null
  readonly decoded: Decoded
}

const refused = (message: string): KeptManifest => ({
  stamp: null,
  decoded: Either.left([reasonAt(0, message)]),
})

const decode = (content: Uint8Array): Decoded =>
  isUtf8(content)
    ? decodePluginManifest(Buffer.from(content).toString("utf8"))
    : Either.left([reasonAt(0, "is not UTF-8 text")])

const readFile = Effect.fnUntraced(function* (disk: typeof Disk.Service, path: string, info: FileInfo) {
  const now = yield* Clock.currentTimeMillis
  const content = yield* disk.readFile(path, { maxBytes })
  const kept: KeptManifest = {
    stamp: isSettled(info.changedMillis, now) ? info.stamp : null,
    decoded: decode(content),
  }
  return kept
})

/** The manifest in a folder, read only when it may have changed since `before`. */
export const readManifest = (
  disk: typeof Disk.Service,
  directory: string,
  before: KeptManifest | undefined,
): Effect.Effect<KeptManifest, DiskError> => {
  const path = joinPath(directory, manifestFile)
  return Effect.flatMap(
    disk.lstat(path),
    Option.match({
      onNone: () => Effect.succeed(refused("is not there")),
      onSome: (info) => {
        if (info.type === "symlink") return Effect.succeed(refused("is a link, which isn't followed"))
        if (info.type !== "file") return Effect.succeed(refused("is not a file"))
        if (before !== undefined && before.stamp === info.stamp) return Effect.succeed(before)
        return readFile(disk, path, info)
      },
    }),
  ).pipe(
    Effect.catchIf(
      ({ errno }) => errno === "EFBIG",
      () => Effect.succeed(refused(`is larger than ${maxBytes / 1024} KiB`)),
    ),
  )
}
