import { constants } from "node:os"
import { getSystemErrorName } from "node:util"
import { Effect, Option } from "effect"
import { LocksUnsupported } from "../../src/domain/Errors.ts"

/** Calls that Node doesn't offer. `flock(2)` and `renameat2(2)` give the errno, `null` when they succeed. */
export interface NativeCalls {
  /** Takes the exclusive lock of an open file at once or not at all: `EAGAIN` when it is held. */
  readonly flock: (fd: number) => string | null
  /** `RENAME_NOREPLACE`; none where the C library lacks it. */
  readonly renameNew: Option.Option<(from: string | Buffer, to: string | Buffer) => string | null>
  /** `posix_fadvise(2)`: what the system remembers of an open file and has written is forgotten. A request. */
  readonly forget: Option.Option<(fd: number) => void>
}

const LOCK_EX_NB = 2 | 4
const AT_FDCWD = -100
const RENAME_NOREPLACE = 1
const POSIX_FADV_DONTNEED = 4

/** Paths go as bytes: not every name is text. */
const cString = (path: string | Buffer): Buffer =>
  typeof path === "string" ? Buffer.from(`${path}\0`, "utf8") : Buffer.concat([path, Buffer.of(0)])

const unsupported = (error: unknown): LocksUnsupported =>
  new LocksUnsupported({
    platform: `${process.platform} ${process.arch}`,
    reason: error instanceof Error ? error.message : String(error),
  })

/** The binding is loaded here and not by an import, so that a platform without it is a typed error. */
export const make: Effect.Effect<NativeCalls, LocksUnsupported> = Effect.gen(function* () {
  const { default: koffi } = yield* Effect.tryPromise({ try: () => import("koffi"), catch: unsupported })
  const outcome = (code: number): string | null => {
    if (code === 0) return null
    const errno = koffi.errno()
    return errno === constants.errno.EWOULDBLOCK ? "EAGAIN" : getSystemErrorName(-errno)
  }
  const library = yield* Effect.try({ try: () => koffi.load(null), catch: unsupported })
  const flock: (fd: number, operation: number) => number = yield* Effect.try({
    try: () => library.func("int flock(int fd, int operation)"),
    catch: unsupported,
  })
  const renameat2 = yield* Effect.option(
    Effect.try((): ((fromDir: number, from: Buffer, toDir: number, to: Buffer, flags: number) => number) =>
      library.func(
        "int renameat2(int fromdir, const uint8_t *from, int todir, const uint8_t *to, uint flags)",
      ),
    ),
  )
  const fadvise = yield* Effect.option(
    Effect.try((): ((fd: number, offset: number, length: number, advice: number) => number) =>
      library.func("int posix_fadvise(int fd, long offset, long length, int advice)"),
    ),
  )
  return {
    forget: Option.map(fadvise, (call) => (fd) => void call(fd, 0, 0, POSIX_FADV_DONTNEED)),
    flock: (fd) => outcome(flock(fd, LOCK_EX_NB)),
    renameNew: Option.map(
      renameat2,
      (call) => (from, to) => outcome(call(AT_FDCWD, cString(from), AT_FDCWD, cString(to), RENAME_NOREPLACE)),
    ),
  }
})
