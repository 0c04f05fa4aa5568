// A plain Node program, without the service and without Effect: does a creation's file operations again,
// in their order and with their concurrency. It is started by the creation benchmark and talks by messages.
import * as crypto from "node:crypto"
import * as fs from "node:fs"
import type { Cost } from "./figures.ts"
import { ownWord, type PlannedOperation } from "./operations.ts"

export interface Task {
  readonly creations: number
  /** Creations that are under way at a time. */
  readonly concurrency: number
}

type Done = (error: NodeJS.ErrnoException | null) => void
type Act = (paths: ReadonlyArray<string>, operation: PlannedOperation, done: Done) => void

const contents = Buffer.alloc(16 * 1024 * 1024, "x")
const contentOf = ({ bytes }: PlannedOperation): Buffer => contents.subarray(0, bytes)

const tolerating =
  (code: string, done: Done): Done =>
  (error) =>
    done(error?.code === code ? null : error)

const flush = (path: string, done: Done): void =>
  fs.open(path, "r", (error, fd) => {
    if (error !== null) return done(error)
    fs.fsync(fd, (failure) => fs.close(fd, (error) => done(failure ?? error)))
  })

const hash = (path: string, done: Done): void =>
  fs.readFile(path, (error, bytes) => {
    if (error === null) crypto.createHash("sha256").update(bytes).digest("hex")
    done(error)
  })

const { COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants

const acts: Partial<Record<PlannedOperation["name"], Act>> = {
  lstat: ([path = ""], _, done) => fs.lstat(path, tolerating("ENOENT", done)),
  realPath: ([path = ""], _, done) => fs.realpath.native(path, done),
  list: ([path = ""], _, done) => fs.readdir(path, { withFileTypes: true }, done),
  readFile: ([path = ""], _, done) => fs.readFile(path, done),
  hashFile: ([path = ""], _, done) => hash(path, done),
  makeDirectory: ([path = ""], _, done) => fs.mkdir(path, done),
  makeDirectories: ([path = ""], _, done) => fs.mkdir(path, { recursive: true }, done),
  createFile: ([path = ""], operation, done) =>
    fs.writeFile(path, contentOf(operation), { flag: "wx", flush: operation.flush }, done),
  copyFile: ([from = "", to = ""], _, done) => fs.copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE, done),
  append: ([path = ""], operation, done) => fs.appendFile(path, contentOf(operation), done),
  flush: ([path = ""], _, done) => flush(path, done),
  rename: ([from = "", to = ""], _, done) => fs.rename(from, to, done),
  renameNew: ([from = "", to = ""], _, done) => fs.rename(from, to, done),
  removeFile: ([path = ""], _, done) => fs.unlink(path, tolerating("ENOENT", done)),
  removeDirectory: ([path = ""], _, done) => fs.rmdir(path, tolerating("ENOENT", done)),
  freeBytes: ([path = ""], _, done) => fs.statfs(path, done),
}

const notRepeatable: Act = (paths, { name }) => {
  throw new Error(`${name} of ${paths.join(", ")} can't be done again`)
}

interface Step {
  readonly operation: PlannedOperation
  readonly act: Act
  readonly followers: ReadonlyArray<number>
}

const stepsOf = (plan: ReadonlyArray<PlannedOperation>): ReadonlyArray<Step> =>
  plan.map((operation, index) => ({
    operation,
    act: acts[operation.name] ?? notRepeatable,
    followers: plan.flatMap(({ after }, follower) => (after.includes(index) ? [follower] : [])),
  }))

/** Follows the plan once, under names of its own. */
const follow = (steps: ReadonlyArray<Step>, word: string, done: () => void): void => {
  const waitsFor = steps.map(({ operation }) => operation.after.length)
  let left = steps.length
  const begin = (index: number): void => {
    const { act, followers, operation } = steps[index]!
    const paths = operation.paths.map((path) => path.replaceAll(ownWord, word))
    act(paths, operation, (error) => {
      if ((error !== null) !== operation.failed) {
        throw error ?? new Error(`${operation.name} of ${paths.join(", ")} failed before, and now didn't`)
      }
      left -= 1
      if (left === 0) return done()
      for (const follower of followers) if (--waitsFor[follower]! === 0) begin(follower)
    })
  }
  steps.forEach(({ operation }, index) => {
    if (operation.after.length === 0) begin(index)
  })
}

let begun = 0

const perform = (
  steps: ReadonlyArray<Step>,
  { concurrency, creations }: Task,
  done: (cost: Cost) => void,
) => {
  const started = performance.now()
  const cpu = process.cpuUsage()
  let waiting = creations
  let running = 0
  const next = (): void => {
    if (waiting === 0 && running === 0) {
      const { system, user } = process.cpuUsage(cpu)
      return done({ millis: performance.now() - started, cpuMillis: (user + system) / 1000 })
    }
    while (waiting > 0 && running < concurrency) {
      waiting -= 1
      running += 1
      begun += 1
      // As long as the name of a run's folder.
      follow(steps, `Bare_${String(begun).padStart(18, "0")}`, () => {
        running -= 1
        next()
      })
    }
  }
  next()
}

process.once("message", (plan: ReadonlyArray<PlannedOperation>) => {
  const steps = stepsOf(plan)
  process.on("message", (task: Task) => perform(steps, task, (cost) => process.send?.(cost)))
})
