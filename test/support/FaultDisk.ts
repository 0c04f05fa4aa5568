import {
  Array,
  Context,
  Data,
  Deferred,
  Effect,
  type Exit,
  Fiber,
  FiberId,
  Layer,
  Option,
  Struct,
} from "effect"
import { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"

type DiskService = typeof Disk.Service

/** One call of the `Disk` port. */
export interface Operation {
  /** 0-based, since the faults were armed. */
  readonly index: number
  readonly name: keyof DiskService
  /** One path; two for copies and renames. */
  readonly paths: ReadonlyArray<string>
}

/**
 * What happens at an operation. "After" means that it was done all the same, or failed by itself: its answer
 * got lost, or something happened while it ran. An interruption hits the fiber that calls, from outside: where that
 * can't be interrupted, it waits.
 */
export type Action = Data.TaggedEnum<{
  Pass: {}
  FailBefore: { readonly errno: string }
  FailAfter: { readonly errno: string }
  InterruptBefore: {}
  InterruptAfter: {}
  RunBefore: { readonly effect: Effect.Effect<void> }
  RunAfter: { readonly effect: Effect.Effect<void> }
}>
export const Action = Data.taggedEnum<Action>()

export type Plan = (operation: Operation) => Action

/** Steers the faults of the `Disk` that `layer` makes. */
export class DiskFaults extends Context.Tag("test/DiskFaults")<
  DiskFaults,
  {
    /** Forgets what was counted and acts by this plan from now on. */
    readonly arm: (plan: Plan) => Effect.Effect<void>
    /** Everything passes again; returns what was done since the last `arm`. */
    readonly disarm: Effect.Effect<ReadonlyArray<Operation>>
  }
>() {}

/** One action at the k-th operation, everything else passes. */
export const atOperation =
  (k: number, action: Action): Plan =>
  ({ index }) =>
    index === k ? action : Action.Pass()

const passAll: Plan = () => Action.Pass()

/** The interruption is sent, not awaited; where `fiber` can be interrupted it notices at once. */
export const interruptNow = (fiber: Fiber.RuntimeFiber<unknown, unknown>): Effect.Effect<void> =>
  Effect.suspend(() => {
    fiber.unsafeInterruptAsFork(FiberId.none)
    return Effect.yieldNow()
  })

const interruptCaller = Effect.withFiberRuntime<void>(interruptNow)

const act = <A, E, R>(
  { name, paths }: Operation,
  action: Action,
  run: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | DiskError, R> => {
  const fail = (errno: string) => Effect.fail(new DiskError({ path: paths[0] ?? "", op: name, errno }))
  const done = Effect.exit(run)
  const afterwards = (effect: Effect.Effect<void>) =>
    Effect.uninterruptible(Effect.flatten(Effect.zipLeft(done, effect)))
  return Action.$match(action, {
    Pass: () => run,
    FailBefore: ({ errno }) => fail(errno),
    FailAfter: ({ errno }) => Effect.zipRight(done, fail(errno)),
    InterruptBefore: () => Effect.zipRight(interruptCaller, run),
    InterruptAfter: () => afterwards(interruptCaller),
    RunBefore: ({ effect }) => Effect.zipRight(effect, run),
    RunAfter: ({ effect }) => afterwards(effect),
  })
}

const wrap = (
  disk: DiskService,
  watch: <A, E, R>(
    name: keyof DiskService,
    paths: ReadonlyArray<string>,
    run: Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | DiskError, R>,
): DiskService => ({
  lstat: (path) => watch("lstat", [path], disk.lstat(path)),
  stamps: (paths) => watch("stamps", paths, disk.stamps(paths)),
  realPath: (path) => watch("realPath", [path], disk.realPath(path)),
  list: (path, options) => watch("list", [path], disk.list(path, options)),
  readLink: (path) => watch("readLink", [path], disk.readLink(path)),
  readFile: (path, options) => watch("readFile", [path], disk.readFile(path, options)),
  readPiece: (path, piece) => watch("readPiece", [path], disk.readPiece(path, piece)),
  hashFile: (path, options) => watch("hashFile", [path], disk.hashFile(path, options)),
  makeDirectory: (path) => watch("makeDirectory", [path], disk.makeDirectory(path)),
  makeDirectories: (path) => watch("makeDirectories", [path], disk.makeDirectories(path)),
  createFile: (path, content, options) =>
    watch("createFile", [path], disk.createFile(path, content, options)),
  copyFile: (from, to) => watch("copyFile", [from, to], disk.copyFile(from, to)),
  copyPiece: (from, to, piece) => watch("copyPiece", [from, to], disk.copyPiece(from, to, piece)),
  setModified: (path, millis) => watch("setModified", [path], disk.setModified(path, millis)),
  makeLink: (target, path) => watch("makeLink", [path], disk.makeLink(target, path)),
  setMode: (path, mode) => watch("setMode", [path], disk.setMode(path, mode)),
  append: (path, content) => watch("append", [path], disk.append(path, content)),
  flush: (path) => watch("flush", [path], disk.flush(path)),
  rename: (from, to) => watch("rename", [from, to], disk.rename(from, to)),
  renameNew: (from, to) => watch("renameNew", [from, to], disk.renameNew(from, to)),
  removeFile: (path) => watch("removeFile", [path], disk.removeFile(path)),
  removeDirectory: (path) => watch("removeDirectory", [path], disk.removeDirectory(path)),
  freeBytes: (path) => watch("freeBytes", [path], disk.freeBytes(path)),
  lock: (path, timeout) => watch("lock", [path], disk.lock(path, timeout)),
  tryLock: (path) => watch("tryLock", [path], disk.tryLock(path)),
})

/** Counts every operation of the `Disk` below it and does to it what the armed plan says. */
export const layer: Layer.Layer<Disk | DiskFaults, never, Disk> = Layer.effectContext(
  Effect.map(Disk, (disk) => {
    let plan = passAll
    let operations: globalThis.Array<Operation> = []
    const faulty = wrap(disk, (name, paths, run) =>
      Effect.suspend(() => {
        const operation = { index: operations.length, name, paths }
        operations.push(operation)
        return act(operation, plan(operation), run)
      }),
    )
    const arm = (next: Plan) =>
      Effect.sync(() => {
        plan = next
        operations = []
      })
    const disarm = Effect.sync(() => {
      plan = passAll
      return operations
    })
    return Context.make(Disk, faulty).pipe(Context.add(DiskFaults, { arm, disarm }))
  }),
)

/** One operation of an attempt, and how it was disturbed. */
export interface Disturbance {
  readonly how: "fails before" | "fails after" | "interrupted before" | "interrupted after"
  readonly operation: Operation
}

const disturb: Readonly<Record<Disturbance["how"], (interrupt: Effect.Effect<void>) => Action>> = {
  "fails before": () => Action.FailBefore({ errno: "EIO" }),
  "fails after": () => Action.FailAfter({ errno: "EIO" }),
  "interrupted before": (effect) => Action.RunBefore({ effect }),
  "interrupted after": (effect) => Action.RunAfter({ effect }),
}

/** The attempt in a fiber of its own, disturbed at its k-th operation. None when it has fewer. */
const disturbed = <A, E, R>(attempt: Effect.Effect<A, E, R>, k: number, how: Disturbance["how"]) =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    const victim = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
    const action = disturb[how](Effect.flatMap(Deferred.await(victim), interruptNow))
    yield* faults.arm(atOperation(k, action))
    const fiber = yield* Effect.fork(attempt)
    yield* Deferred.succeed(victim, fiber)
    const exit = yield* Fiber.await(fiber)
    const operation = (yield* faults.disarm)[k]
    return Option.map(Option.fromNullable(operation), (operation) => ({
      disturbance: { how, operation },
      exit,
    }))
  })

/**
 * Runs `attempt` undisturbed, to count its operations, and then once for every operation and every way to
 * disturb it. `attempt` starts afresh each time; `verify` looks at what it left behind.
 */
export const sweep = <A, E, R, E2, R2>(
  attempt: Effect.Effect<A, E, R>,
  verify: (disturbance: Disturbance, exit: Exit.Exit<A, E>) => Effect.Effect<void, E2, R2>,
): Effect.Effect<void, E | E2, R | R2 | DiskFaults> =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    yield* faults.arm(passAll)
    yield* attempt
    const { length } = yield* faults.disarm
    for (const k of Array.range(0, length - 1)) {
      for (const how of Struct.keys(disturb)) {
        const outcome = yield* disturbed(attempt, k, how)
        if (Option.isSome(outcome)) yield* verify(outcome.value.disturbance, outcome.value.exit)
      }
    }
  })
