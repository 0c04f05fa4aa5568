import { Effect, Random } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { type DirectoryEntry, Disk } from "../../src/ports/Disk.ts"

const hex = (n: number): string => n.toString(16).padStart(8, "0")

const word = Random.nextIntBetween(0, 2 ** 32)

const temporary = /^\.tmp-[0-9a-f]{16}$/

/** A file that `replaceFile` was writing, if a directory holds one. */
export const isTemporary = ({ name, type }: DirectoryEntry): boolean =>
  type === "file" && temporary.test(name)

/** Short, and apart from the file's own name, to which 255 bytes may leave no room. */
const temporaryName: Effect.Effect<string> = Effect.zipWith(word, word, (a, b) => `.tmp-${hex(a)}${hex(b)}`)

/** For removals on the way out of a failure: three tries, since nothing else will do it. */
export const removeAtLast = (removal: Effect.Effect<void, DiskError>): Effect.Effect<void> =>
  removal.pipe(Effect.retry({ times: 2 }), Effect.ignore)

/** A name that someone else has is left alone, and another one drawn. */
const writeTemporary = (directory: string, content: string | Uint8Array) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const path = joinPath(directory, yield* temporaryName)
    yield* disk
      .createFile(path, content, { flush: true })
      .pipe(
        Effect.tapError(({ errno }) =>
          errno === "EEXIST" ? Effect.void : removeAtLast(disk.removeFile(path)),
        ),
      )
    return path
  }).pipe(Effect.retry({ times: 3, while: ({ errno }) => errno === "EEXIST" }))

/**
 * Writes a whole file in the place of another, or anew: whoever reads, also after a crash, finds the old
 * content or the new. Durable when it returns; after a failure or an interruption the content is one of
 * the two, and no temporary file is left. A link at `path` is replaced, not followed.
 */
export const replaceFile = (
  path: string,
  content: string | Uint8Array,
): Effect.Effect<void, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => {
    const directory = parentPath(path)
    return Effect.acquireUseRelease(
      writeTemporary(directory, content),
      (temporary) => disk.rename(temporary, path),
      (temporary, exit) => (exit._tag === "Success" ? Effect.void : removeAtLast(disk.removeFile(temporary))),
    ).pipe(Effect.zipRight(disk.flush(directory)))
  })

/** Removes what killed writers left in a directory in which the caller alone replaces files. */
export const removeTemporaries = (directory: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const left = (yield* disk.list(directory)).filter(isTemporary)
    yield* Effect.forEach(left, ({ name }) => disk.removeFile(joinPath(directory, name)), { discard: true })
  })
