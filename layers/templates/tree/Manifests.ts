import { isUtf8 } from "node:buffer"
import { Clock, Effect, Either, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { decodeManifest, manifestFile, type ManifestSource } from "../manifest/decodeManifest.ts"
import { type Problem, problem, type ProblemCode } from "../problems.ts"
import * as LeastRecentlyUsed from "./LeastRecentlyUsed.ts"
import { sha256 } from "./readContents.ts"
import { clockGrainMillis, isInside } from "./walkTemplate.ts"

const maxBytes = 128 * 1024

/** How many manifests are kept. */
const capacity = 1000

export interface ReadManifest {
  readonly sha256: string
  readonly source: Either.Either<ManifestSource, ReadonlyArray<Problem>>
}

interface Kept extends ReadManifest {
  readonly stamp: string
  readonly settled: boolean
}

/** The manifests of templates, each read again only when its file has changed. */
export interface Manifests {
  /** Of the template at a real path. */
  readonly read: (root: string) => Effect.Effect<ReadManifest, DiskError>
}

const refused = (code: ProblemCode, message: string): ReadManifest => ({
  sha256: "",
  source: Either.left([problem(code, manifestFile, 0, message)]),
})

const decode = (content: Uint8Array): ReadManifest =>
  isUtf8(content)
    ? { sha256: sha256(content), source: decodeManifest(Buffer.from(content).toString("utf8")) }
    : refused("manifest_syntax", "is not UTF-8 text")

const nothingThere = new Set(["ENOENT", "ENOTDIR", "ELOOP"])

export const make = (disk: typeof Disk.Service): Manifests => {
  const kept = LeastRecentlyUsed.make<Kept>(capacity, () => 1)

  const readFile = Effect.fnUntraced(function* (root: string, path: string) {
    const info = yield* disk.lstat(path)
    if (Option.isNone(info)) return refused("manifest_missing", "is not there")
    if (info.value.type !== "file") return refused("manifest_missing", "is not a file")
    const { stamp, modifiedMillis } = info.value
    const before = kept.get(root)
    if (before !== undefined && before.settled && before.stamp === stamp) return before
    const now = yield* Clock.currentTimeMillis
    const content = yield* disk.readFile(path, { maxBytes })
    const hash = sha256(content)
    const read = before?.sha256 === hash ? before : decode(content)
    kept.set(root, { ...read, stamp, settled: now - modifiedMillis > clockGrainMillis })
    return read
  })

  const read = (root: string): Effect.Effect<ReadManifest, DiskError> =>
    disk.realPath(joinPath(root, manifestFile)).pipe(
      Effect.flatMap((path) =>
        isInside(path, root)
          ? readFile(root, path)
          : Effect.succeed(refused("symlink_refused", "is a link that leads out of the template")),
      ),
      Effect.catchIf(
        ({ errno }) => nothingThere.has(errno),
        () => Effect.succeed(refused("manifest_missing", "is not there")),
      ),
      Effect.catchIf(
        ({ errno }) => errno === "EFBIG",
        () => Effect.succeed(refused("limit_exceeded", `is larger than ${maxBytes} bytes`)),
      ),
    )

  return { read }
}
