import { Clock, Effect, Ref } from "effect"
import type { SyncProgress } from "../../../src/domain/SyncJob.ts"

/** News of one step at most so often, in milliseconds. */
const interval = 200

interface Done {
  readonly bytes: number
  readonly files: number
  readonly currentFile: string | null
}

/** Tells how far a step of a job is, with the time that it will still take at the pace so far. */
export const makeMeter = (
  step: SyncProgress["step"],
  total: { readonly bytes: number; readonly files: number },
  report: (progress: SyncProgress) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const last = yield* Ref.make(-Infinity)
    return (done: Done): Effect.Effect<void> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const isOver = done.files >= total.files
        const isDue = yield* Ref.modify(last, (before) =>
          isOver || now - before >= interval ? [true, now] : [false, before],
        )
        if (!isDue) return
        const left = Math.max(0, total.bytes - done.bytes)
        const etaSeconds =
          done.bytes <= 0 || now <= begun ? null : Math.round((left * (now - begun)) / done.bytes / 100) / 10
        yield* report({
          step,
          bytes: done.bytes,
          bytesTotal: total.bytes,
          files: done.files,
          filesTotal: total.files,
          currentFile: done.currentFile,
          etaSeconds,
        })
      })
  })

/** The same for work that is done file by file. */
export const makeFileMeter = (
  step: SyncProgress["step"],
  total: { readonly bytes: number; readonly files: number },
  report: (progress: SyncProgress) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const meter = yield* makeMeter(step, total, report)
    const done = yield* Ref.make({ bytes: 0, files: 0 })
    return ({ path, size }: { readonly path: string; readonly size: number }): Effect.Effect<void> =>
      Effect.flatMap(
        Ref.updateAndGet(done, ({ bytes, files }) => ({ bytes: bytes + size, files: files + 1 })),
        (now) => meter({ ...now, currentFile: path }),
      )
  })
