import { accessSync, constants } from "node:fs"
import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect, Either, type Scope } from "effect"

const inMemory = "/dev/shm"

const isWritable = (path: string): boolean =>
  Either.isRight(Either.try(() => accessSync(path, constants.W_OK)))

/** Where files go that a benchmark needs and doesn't measure: memory, where there is such a folder. */
const fastRoot = isWritable(inMemory) ? inMemory : tmpdir()

const folderIn = (parent: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => realpath(await mkdtemp(join(parent, "exlab-wizard-bench-")))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
  )

/** A folder on the disk of temporary files, removed when the scope closes. */
export const folderOnDisk: Effect.Effect<string, never, Scope.Scope> = folderIn(tmpdir())

/** The same in memory, where that can be had. */
export const folderInMemory: Effect.Effect<string, never, Scope.Scope> = folderIn(fastRoot)

/** Files by their path below the template. */
export type TemplateFiles = Readonly<Record<string, string | Uint8Array>>

const longAgo = new Date("2026-01-01T00:00:00Z")

/** Writes a template. Its files are old: the service trusts no file that has just changed. */
export const writeTemplate = (folder: string, manifest: string, files: TemplateFiles): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (const [path, content] of Object.entries({ "template.yaml": manifest, ...files })) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      await utimes(file, longAgo, longAgo)
    }
  })
