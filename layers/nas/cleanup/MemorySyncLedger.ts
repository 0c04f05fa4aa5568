import { Array, Effect, HashMap, Layer, Option, Order, Ref } from "effect"
import {
  type Cleanup,
  SyncLedger,
  type VerificationPass,
  type VerifiedFile,
} from "../../../src/ports/SyncLedger.ts"
import { passOf } from "./passOf.ts"

interface Page {
  readonly passes: ReadonlyArray<VerificationPass>
  readonly files: ReadonlyMap<string, VerifiedFile>
  readonly cleanup: Cleanup | null
}

const empty: Page = { passes: [], files: new Map(), cleanup: null }

const make = Effect.gen(function* () {
  const pages = yield* Ref.make(HashMap.empty<string, Page>())
  const pageIn = (all: HashMap.HashMap<string, Page>, jobId: string) =>
    Option.getOrElse(HashMap.get(all, jobId), () => empty)
  const read = <A>(jobId: string, look: (page: Page) => A) =>
    Effect.map(Ref.get(pages), (all) => look(pageIn(all, jobId)))
  const write = (jobId: string, change: (page: Page) => Partial<Page>) =>
    Ref.update(pages, (all) => {
      const page = pageIn(all, jobId)
      return HashMap.set(all, jobId, { ...page, ...change(page) })
    })
  return SyncLedger.of({
    record: (jobId, at, files) =>
      Ref.modify(pages, (all) => {
        const page = pageIn(all, jobId)
        const pass = passOf(page.passes.length + 1, at, files)
        const byPath = new Map(files.map((file) => [file.path, file]))
        return [pass, HashMap.set(all, jobId, { ...page, passes: [...page.passes, pass], files: byPath })]
      }),
    passes: (jobId) => read(jobId, ({ passes }) => passes),
    files: (jobId) =>
      read(jobId, ({ files }) => Array.sortWith([...files.values()], ({ path }) => path, Order.string)),
    forget: (jobId) => write(jobId, () => ({ passes: [], files: new Map() })),
    beginCleanup: (cleanup) => write(cleanup.jobId, () => ({ cleanup })),
    cleanup: (jobId) => read(jobId, ({ cleanup }) => Option.fromNullable(cleanup)),
    unsealed: Effect.map(Ref.get(pages), (all) =>
      [...HashMap.values(all)].flatMap(({ cleanup }) =>
        cleanup !== null && cleanup.sealedAt === null ? [cleanup] : [],
      ),
    ),
    sealedBefore: (before) =>
      Effect.map(Ref.get(pages), (all) =>
        [...HashMap.values(all)].flatMap(({ cleanup }) =>
          cleanup !== null && cleanup.sealedAt !== null && cleanup.sealedAt <= before ? [cleanup] : [],
        ),
      ),
    seal: (jobId, at, stamps) =>
      write(jobId, ({ cleanup, files }) => ({
        files: stamps.reduce((after, { path, stamp }) => {
          const file = files.get(path)
          return file === undefined ? after : after.set(path, { ...file, stamp })
        }, new Map(files)),
        cleanup: cleanup === null ? null : { ...cleanup, sealedAt: at },
      })),
    endCleanup: (jobId) => write(jobId, () => ({ cleanup: null })),
  })
})

/** A ledger that ends with the process, for a queue that does. */
export const layerMemory: Layer.Layer<SyncLedger> = Layer.effect(SyncLedger, make)
