import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Random, Scope, TestClock } from "effect"
import * as FileLocks from "../../../layers/disk/FileLocks.ts"
import * as nativeCalls from "../../../layers/disk/nativeCalls.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { errnoOf, onDisk } from "./support.ts"

const increment = new URL("./programs/increment.ts", import.meta.url)
const hold = new URL("./programs/hold.ts", import.meta.url)

const openFiles = (): number => fs.readdirSync("/proc/self/fd").length

onDisk(
  "four processes, four fibers each: no update is lost, also when the lock's file is unlinked",
  (_, dir) =>
    Effect.gen(function* () {
      const [counter, lockFile, times] = [`${dir}/counter`, `${dir}/counter.lock`, 100]
      fs.writeFileSync(counter, "0")
      const children = yield* Effect.forEach([1, 2, 3, 4], () =>
        forkProgram(increment, [counter, lockFile, String(times)]),
      )
      const ends = yield* Effect.forEach(children, (child) => child.ended)
      expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
      expect(fs.readFileSync(counter, "utf8")).toBe(String(4 * times))
    }),
)

onDisk("a killed holder frees the lock, a stopped one keeps it", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/lock`
    const holder = yield* forkProgram(hold, [path])
    expect(yield* holder.next).toBe("held")
    yield* holder.signal("SIGSTOP")
    expect(yield* Effect.scoped(disk.tryLock(path))).toBe(false)
    const error = yield* Effect.flip(disk.lock(path, "100 millis"))
    expect(error).toMatchObject({ _tag: "LockTimeout", path })
    const waiter = yield* Effect.fork(Effect.scoped(disk.lock(path, "20 seconds")))
    yield* holder.signal("SIGKILL")
    yield* Fiber.join(waiter)
  }),
)

onDisk("a holder in another process that lets go lets the first in line here in", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/lock`
    const holder = yield* forkProgram(hold, [path])
    expect(yield* holder.next).toBe("held")
    const order: Array<number> = []
    const waiters = yield* Effect.forEach([1, 2, 3], (n) =>
      Effect.fork(
        disk
          .lock(path, "20 seconds")
          .pipe(
            Effect.zipRight(Effect.sync(() => order.push(n))),
            Effect.scoped,
            Effect.zipLeft(Effect.yieldNow()),
          ),
      ).pipe(Effect.zipLeft(Effect.yieldNow())),
    )
    yield* holder.send("go")
    yield* Fiber.joinAll(waiters)
    expect(order).toEqual([1, 2, 3])
  }),
)

it.scopedLive("a file that is unlinked before it is locked is not the lock", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const target = { op: "lock", path: `${dir}/lock`, native: `${dir}/lock` }
    const system = yield* nativeCalls.make
    let unlinked = 0
    const slow = {
      ...system,
      flock: (fd: number) => {
        if (unlinked++ === 0) fs.unlinkSync(target.path)
        return system.flock(fd)
      },
    }
    const ours = yield* FileLocks.make(slow)
    const others = yield* FileLocks.make(system)
    yield* ours.lock(target, "1 second")
    expect(unlinked).toBe(2)
    expect(yield* others.tryLock(target)).toBe(false)
  }),
)

it.scoped("the wait is bounded, in the line too, and those behind go on", () =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const dir = yield* temporaryDirectory
    const path = `${dir}/lock`
    const holder = yield* Scope.make()
    yield* Scope.extend(disk.lock(path, "1 second"), holder)
    const short = yield* Effect.fork(Effect.scoped(Effect.flip(disk.lock(path, "5 seconds"))))
    const long = yield* Effect.fork(Effect.scoped(disk.lock(path, "1 minute")))
    yield* TestClock.adjust("5 seconds")
    expect(yield* Fiber.join(short)).toMatchObject({ _tag: "LockTimeout", waitedMillis: 5_000 })
    expect(yield* Fiber.poll(long)).toMatchObject({ _tag: "None" })
    yield* Scope.close(holder, Exit.void)
    yield* Fiber.join(long)
  }).pipe(Effect.provide(NodeDisk.layer)),
)

onDisk(
  "hundreds of waiters, half of them interrupted: the others all get it, nothing stays open",
  (disk, dir) =>
    Effect.gen(function* () {
      const path = `${dir}/lock`
      const before = openFiles()
      let inside = 0
      let most = 0
      const visit = Effect.scoped(
        Effect.gen(function* () {
          yield* disk.lock(path, "1 minute")
          inside++
          most = Math.max(most, inside)
          yield* Effect.ensuring(
            Effect.yieldNow(),
            Effect.sync(() => inside--),
          )
        }),
      )
      const fibers = yield* Effect.forEach(Array.from({ length: 400 }), () => Effect.fork(visit))
      const unlucky = fibers.filter((_, index) => index % 2 === 0)
      yield* Effect.forEach(unlucky, (fiber) =>
        Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 3), Fiber.interruptFork(fiber)),
      )
      yield* Fiber.joinAll(fibers.filter((_, index) => index % 2 === 1))
      yield* Effect.forEach(unlucky, Fiber.await)
      expect(most).toBe(1)
      expect(yield* disk.tryLock(path)).toBe(true)
      expect(openFiles()).toBe(before + 1)
    }),
)

onDisk("an interruption at any moment of the taking leaves neither lock nor file", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/lock`
    const before = openFiles()
    for (let round = 0; round < 200; round++) {
      const fiber = yield* Effect.fork(
        Effect.scoped(Effect.zipRight(disk.lock(path, "1 minute"), Effect.never)),
      )
      const delay = yield* Random.nextIntBetween(0, 12)
      yield* Effect.repeatN(Effect.yieldNow({ priority: 0 }), delay)
      yield* Fiber.interrupt(fiber)
      expect(yield* Effect.scoped(disk.tryLock(path)) || !fs.existsSync(path)).toBe(true)
    }
    expect(openFiles()).toBe(before)
  }),
)

onDisk("a wait in an uninterruptible region isn't interrupted", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/lock`
    const holder = yield* Scope.make()
    yield* Scope.extend(disk.lock(path, "1 second"), holder)
    let got = false
    const critical = disk
      .lock(path, "1 minute")
      .pipe(Effect.zipRight(Effect.sync(() => (got = true))), Effect.scoped, Effect.uninterruptible)
    const fiber = yield* Effect.fork(critical)
    yield* Effect.yieldNow()
    yield* Fiber.interruptFork(fiber)
    yield* Scope.close(holder, Exit.void)
    yield* Fiber.await(fiber)
    expect(got).toBe(true)
  }),
)

onDisk("tryLock takes what is free, makes no file and doesn't wait", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/lock`
    expect(yield* disk.tryLock(path)).toBe(false)
    expect(fs.existsSync(path)).toBe(false)
    fs.writeFileSync(path, "")
    yield* Effect.scoped(
      Effect.gen(function* () {
        expect(yield* disk.tryLock(path)).toBe(true)
        expect(yield* disk.tryLock(path)).toBe(false)
        fs.symlinkSync("lock", `${dir}/link`)
        fs.linkSync(path, `${dir}/same`)
        expect(yield* disk.tryLock(`${dir}/same`)).toBe(false)
        expect(yield* errnoOf(disk.tryLock(`${dir}/link`))).toBe("ELOOP")
      }),
    )
    expect(yield* disk.tryLock(path)).toBe(true)
  }),
)

onDisk("a lock that can't be opened fails, and the next in line isn't held up", (disk, dir) =>
  Effect.gen(function* () {
    const path = `${dir}/absent/lock`
    expect(yield* Effect.flip(disk.lock(path, "1 second"))).toMatchObject({
      _tag: "DiskError",
      errno: "ENOENT",
    })
    fs.mkdirSync(`${dir}/absent`)
    yield* disk.lock(path, "1 second")
    expect(fs.existsSync(path)).toBe(true)
  }),
)
