import { mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"

/** An empty directory of one's own, by its real path; removed with everything in it when the scope closes. */
export const temporaryDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => realpath(await mkdtemp(join(tmpdir(), "exlab-wizard-test-")))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)
