import { execFile } from "node:child_process"
import { createWriteStream } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { once } from "node:events"
import { randomBytes } from "node:crypto"
import { finished } from "node:stream/promises"
import { promisify } from "node:util"
import { Effect } from "effect"
import { type Cost, costOf } from "./figures.ts"

export const equipmentId = "DEMO_01"
export const runPlace = "PROJ-0042/Runs/Run_2026-11-22T10-00-00"

const perFolder = 1000

/** So many files of so many bytes, a thousand in a folder; no two are the same. */
export const fill = (folder: string, files: number, bytes: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    const content = randomBytes(bytes)
    for (let n = 0; n < files; n += 1) {
      const into = join(folder, `plane_${Math.floor(n / perFolder)}`)
      if (n % perFolder === 0) await mkdir(into, { recursive: true })
      content.writeUInt32LE(n)
      await writeFile(join(into, `image_${n}.raw`), content)
    }
  })

/** One large file of random bytes. */
const fillLarge = async (path: string, mebibytes: number): Promise<void> => {
  const file = createWriteStream(path)
  for (let n = 0; n < mebibytes; n += 1) {
    if (!file.write(randomBytes(2 ** 20))) await once(file, "drain")
  }
  file.end()
  await finished(file)
}

export const fillWithLarge = (folder: string, files: number, mebibytes: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    await mkdir(folder, { recursive: true })
    for (let n = 0; n < files; n += 1) await fillLarge(join(folder, `volume_${n}.raw`), mebibytes)
  })

/** A published run that nobody has copied yet, with so many small files. */
export const pendingRun = (run: string, files: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* fill(run, files, 128)
    yield* Effect.promise(async () => {
      await mkdir(join(run, ".exlab-wizard"), { recursive: true })
      const record = {
        schema_version: "1.9",
        level: "run",
        run_kind: "experimental",
        sync_status: "pending",
        lims_project: { uid: "", short_id: "PROJ-0042", name_at_creation: "", source: "live" },
      }
      await writeFile(join(run, ".exlab-wizard/creation.json"), JSON.stringify(record))
    })
  })

/** What a command line takes; its paths are in `$1`, `$2`, …. */
export const shell = (script: string, ...paths: ReadonlyArray<string>): Effect.Effect<Cost> =>
  costOf(Effect.promise(() => promisify(execFile)("sh", ["-ec", script, "sh", ...paths])))
