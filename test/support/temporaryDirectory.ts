import { accessSync, constants } from "node:fs"
import { mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, type Scope } from "effect"

const inMemory = "/dev/shm"

const isWritable = (path: string): boolean =>
  Either.isRight(Either.try(() => accessSync(path, constants.W_OK)))

/** Where a test's files go that doesn't care about the file system: memory, where there is such a folder. */
const fastRoot = isWritable(inMemory) ? inMemory : tmpdir()

const makeIn = (parent: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => realpath(await mkdtemp(join(parent, "exlab-wizard-test-")))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
  )

/** An empty directory of one's own, by its real path; removed with everything in it when the scope closes. */
export const temporaryDirectory: Effect.Effect<string, never, Scope.Scope> = makeIn(tmpdir())

/** The same, in memory where that can be had: for tests that make thousands of directories. */
export const fastTemporaryDirectory: Effect.Effect<string, never, Scope.Scope> = makeIn(fastRoot)
