import { rm } from "node:fs/promises"
import { join } from "node:path"
import { Config, Console, Duration, Effect, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { digestAll } from "../../layers/nas/sync/digesting.ts"
import { listTree } from "../../layers/nas/sync/localTree.ts"
import * as MountedTransport from "../../layers/nas/transports/MountedTransport.ts"
import type { Benchmark } from "./Benchmark.ts"
import { compare, type Contest, type Cost, costOf } from "./figures.ts"
import { fileSystemOf } from "./machine.ts"
import { fill, fillWithLarge, shell } from "./syncFolders.ts"
import { memoryOf } from "./syncMemory.ts"
import { queueFigures } from "./syncQueue.ts"
import { folderOnDisk } from "./workplace.ts"

const quiet = () => Effect.void

/** What other programs take of the processor can't be told from here. */
const timesOf = <E, R, E2, R2>(contest: Contest<E, R, E2, R2>) =>
  Effect.map(compare(contest), ({ baseline_ms, ratio, rounds, subject_ms }) => ({
    rounds,
    ratio,
    subject_ms,
    baseline_ms,
  }))

/** A target in a folder, with a tree that is to be copied to it. */
const targetFor = (source: string) =>
  Effect.gen(function* () {
    const root = yield* folderOnDisk
    const transport = yield* MountedTransport.make(root, Duration.minutes(1))
    yield* transport.writeMarker("the-target")
    const { directories, files } = yield* listTree(source, "run")
    const parcelTo = (to: string) => ({ source, files, directories, to, bytesPerSecond: null })
    return { files, parcelTo, root, transport }
  })

/** As a job does it: every file is read here, then there. */
const verification = (source: string) =>
  Effect.gen(function* () {
    const { files, parcelTo, root, transport } = yield* targetFor(source)
    yield* transport.send(parcelTo("copy"), quiet)
    const verify = Effect.gen(function* () {
      const here = yield* digestAll(source, files, new Map(), quiet)
      const there = yield* transport.digests(
        "copy",
        files.map(({ path }) => path),
      )
      if (files.some(({ path }) => here.files.get(path)?.sha256 !== there.get(path))) {
        return yield* Effect.dieMessage("the copy isn't what was copied")
      }
    })
    const digest = 'find "$1" "$2" -type f -print0 | xargs -0 sha256sum > /dev/null'
    return yield* timesOf({
      subject: costOf(verify),
      baseline: shell(digest, source, join(root, "copy")),
      rounds: 9,
      within: "1 minute",
    })
  }).pipe(Effect.scoped)

/** Work that makes a folder, which is gone again when its cost is known. */
const inNewFolders = (root: string) =>
  Effect.map(
    Ref.make(0),
    (count) =>
      <E>(work: (place: string) => Effect.Effect<Cost, E>) =>
        Effect.gen(function* () {
          const place = `copy-${yield* Ref.updateAndGet(count, (n) => n + 1)}`
          const cost = yield* work(place)
          yield* Effect.promise(() => rm(join(root, place), { recursive: true }))
          return cost
        }),
  )

const copying = (source: string) =>
  Effect.gen(function* () {
    const { parcelTo, root, transport } = yield* targetFor(source)
    const measured = yield* inNewFolders(root)
    const copy = 'cp -a "$1" "$2"; find "$2" -print0 | xargs -0 sync --'
    return yield* timesOf({
      subject: measured((place) => costOf(transport.send(parcelTo(place), quiet))),
      baseline: measured((place) => shell(copy, source, join(root, place))),
      rounds: 9,
      within: "1 minute",
    })
  }).pipe(Effect.scoped)

const of = (source: string, files: number, bytes: number) =>
  Effect.gen(function* () {
    yield* Console.error(`  ${files} files of ${bytes} bytes`)
    return {
      files,
      bytes_each: bytes,
      verification: yield* verification(source),
      copy: yield* copying(source),
    }
  })

const measure = Effect.gen(function* () {
  const runFiles = yield* Effect.orDie(Config.withDefault(Config.integer("EXLAB_BENCH_SYNC_FILES"), 100_000))
  // First: the most that a process ever held counts from its start.
  const memory = yield* memoryOf(runFiles)
  const root = yield* folderOnDisk
  const [large, small] = [join(root, "large"), join(root, "small")]
  yield* fillWithLarge(large, 4, 256)
  yield* fill(small, 10_000, 4096)
  return {
    file_system: yield* fileSystemOf(root),
    large_files: yield* of(large, 4, 256 * 2 ** 20),
    small_files: yield* of(small, 10_000, 4096),
    queue: yield* queueFigures,
    memory,
  }
}).pipe(Effect.scoped, Effect.provide(NodeDisk.layer))

export const sync: Benchmark = {
  name: "sync",
  measures: "reading back and copying against sha256sum and cp; the queue; memory with 100,000 files",
  run: measure,
}
