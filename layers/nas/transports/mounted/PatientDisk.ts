import { Duration, Effect, Fiber, MutableRef } from "effect"
import { joinPath } from "../../../../src/domain/Destination.ts"
import { DiskError } from "../../../../src/domain/Errors.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"

/** How long somebody who is interrupted waits for a step to be over; nearly all take less than a second. */
const grace = "5 seconds"

const hanging = MutableRef.make(0)

/** With so many calls given up, nothing more is asked of any share: half of the program's threads are left for the rest. */
const mostHanging = 8

/**
 * Whether calls of this process were given up that haven't come back. Each holds a thread, and `process.exit` waits for
 * those: only a signal ends the process then.
 */
export const isHanging = (): boolean => MutableRef.get(hanging) > 0

/** How often calls are looked at while they may be silent. */
const looks = 2

interface Call {
  readonly worker: Fiber.RuntimeFiber<unknown, unknown>
  /** What it has been heard of so far. */
  readonly signs: () => number
  seen: number
  /** Looks since it was heard of. */
  quiet: number
  /** Tells who waits for it. */
  noAnswer: () => void
}

/** One step, that nothing is heard of before it is over. */
const isOneStep = () => 0

/**
 * A disk of which the part below `root` may stop to answer, as a share does whose server is gone: nothing ends the
 * system's calls then. Who waits for one hears `ETIMEDOUT` after this silence. Until all calls that were given up have
 * come back, every further one is refused at once: each would keep a thread, and what a late call still does there
 * must not meet what is done anew.
 */
export const make = (
  disk: typeof Disk.Service,
  root: string,
  silence: Duration.Duration,
): typeof Disk.Service => {
  const base = joinPath(root, "")
  const calls = new Set<Call>()
  const givenUp = MutableRef.make(0)
  const watcher = MutableRef.make<Fiber.RuntimeFiber<void> | null>(null)

  const giveUp = (call: Call): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (!calls.delete(call)) return Effect.void
      for (const count of [givenUp, hanging]) MutableRef.increment(count)
      call.worker.addObserver(() => [givenUp, hanging].forEach(MutableRef.decrement))
      call.noAnswer()
      return Fiber.interruptFork(call.worker)
    })

  /** One for all calls: a fiber with a clock for each would take longer than most of them do. */
  const watch: Effect.Effect<void> = Effect.suspend(() => {
    const late = [...calls].filter((call) => {
      const signs = call.signs()
      call.quiet = signs === call.seen ? call.quiet + 1 : 0
      call.seen = signs
      return call.quiet > looks
    })
    return Effect.forEach(late, giveUp, { discard: true })
  }).pipe(Effect.delay(Duration.times(silence, 1 / looks)), Effect.forever)

  const begin = (call: Call): Effect.Effect<void> =>
    Effect.suspend(() => {
      calls.add(call)
      if (MutableRef.get(watcher) !== null) return Effect.void
      return Effect.map(Effect.forkDaemon(Effect.interruptible(watch)), (fiber) => {
        MutableRef.set(watcher, fiber)
      })
    })

  const end = (call: Call): Effect.Effect<void> =>
    Effect.suspend(() => {
      calls.delete(call)
      const fiber = calls.size === 0 ? MutableRef.getAndSet(watcher, null) : null
      return fiber === null ? Effect.void : Fiber.interruptFork(fiber)
    })

  const patiently = <A, E>(
    op: string,
    paths: ReadonlyArray<string>,
    working: Effect.Effect<A, E>,
    signs: () => number = isOneStep,
  ): Effect.Effect<A, E | DiskError> => {
    const path = paths.find((one) => `${one}/`.startsWith(base))
    if (path === undefined) return working
    const noAnswer = new DiskError({ path, op, errno: "ETIMEDOUT" })
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (MutableRef.get(givenUp) > 0 || MutableRef.get(hanging) >= mostHanging) return noAnswer
        return Effect.flatMap(Effect.forkDaemon(Effect.interruptible(working)), (worker) => {
          const call: Call = { worker, signs, seen: signs(), quiet: 0, noAnswer: () => undefined }
          const isOver = Effect.async<A, E | DiskError>((resume) => {
            call.noAnswer = () => resume(noAnswer)
            if (calls.has(call)) worker.addObserver(resume)
            else call.noAnswer()
          })
          // A step isn't split: who is interrupted waits until it is over, or given up.
          const leave = Effect.gen(function* () {
            yield* Fiber.interruptFork(worker)
            const leaving = yield* Effect.forkDaemon(Effect.interruptible(Effect.delay(giveUp(call), grace)))
            yield* Effect.exit(isOver)
            yield* Fiber.interruptFork(leaving)
          })
          return begin(call).pipe(
            Effect.zipRight(Effect.onInterrupt(restore(isOver), () => leave)),
            Effect.ensuring(end(call)),
          )
        })
      }),
    )
  }

  return {
    ...disk,
    lstat: (path) => patiently("lstat", [path], disk.lstat(path)),
    stamps: (paths) => patiently("lstat", paths, disk.stamps(paths)),
    realPath: (path) => patiently("realPath", [path], disk.realPath(path)),
    list: (path, options) => patiently("list", [path], disk.list(path, options)),
    readLink: (path) => patiently("readLink", [path], disk.readLink(path)),
    readFile: (path, options) => patiently("readFile", [path], disk.readFile(path, options)),
    readPiece: (path, piece) => patiently("readPiece", [path], disk.readPiece(path, piece)),
    hashFile: (path, options) => {
      const read = MutableRef.make(0)
      const onRead = (bytes: number) =>
        Effect.zipRight(
          Effect.sync(() => MutableRef.increment(read)),
          options?.onRead?.(bytes) ?? Effect.void,
        )
      const hashing = disk.hashFile(path, { ...options, onRead })
      return patiently("hashFile", [path], hashing, () => MutableRef.get(read))
    },
    makeDirectory: (path) => patiently("makeDirectory", [path], disk.makeDirectory(path)),
    makeDirectories: (path) => patiently("makeDirectories", [path], disk.makeDirectories(path)),
    createFile: (path, content, options) =>
      patiently("createFile", [path], disk.createFile(path, content, options)),
    copyFile: (from, to) => patiently("copyFile", [to, from], disk.copyFile(from, to)),
    copyPiece: (from, to, piece) => patiently("copyPiece", [to, from], disk.copyPiece(from, to, piece)),
    setModified: (path, millis) => patiently("setModified", [path], disk.setModified(path, millis)),
    makeLink: (target, path) => patiently("makeLink", [path], disk.makeLink(target, path)),
    setMode: (path, mode) => patiently("setMode", [path], disk.setMode(path, mode)),
    append: (path, content) => patiently("append", [path], disk.append(path, content)),
    flush: (path) => patiently("flush", [path], disk.flush(path)),
    rename: (from, to) => patiently("rename", [to, from], disk.rename(from, to)),
    renameNew: (from, to) => patiently("renameNew", [to, from], disk.renameNew(from, to)),
    removeFile: (path) => patiently("removeFile", [path], disk.removeFile(path)),
    removeDirectory: (path) => patiently("removeDirectory", [path], disk.removeDirectory(path)),
    freeBytes: (path) => patiently("freeBytes", [path], disk.freeBytes(path)),
  }
}
