import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { SyncFailure } from "../../src/domain/SyncFailure.ts"
import type { Parcel, TargetTransport } from "../../src/ports/SyncTransport.ts"
import { counted } from "../support/counts.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { parcelOf, treeOf } from "./targetTrees.ts"

/** A target to try a transport on, and a way to its files that isn't the transport's. */
export interface TargetRoom {
  readonly transport: TargetTransport
  /** Files as SHA-256, folders as `folder`, by their paths below the root. */
  readonly look: Effect.Effect<Readonly<Record<string, string>>>
  readonly put: (path: string, bytes: Uint8Array) => Effect.Effect<void>
  /** One byte is another one then; size and modification time are the same. */
  readonly flip: (path: string) => Effect.Effect<void>
}

/** How a target of one kind is made. */
export type MakeRoom = Effect.Effect<TargetRoom, never, Scope.Scope>

export interface ContractLimits {
  /** How many small files are sent at once. */
  readonly many: number
  /** Bytes of the large file; null: none is sent, since the target is no file system. */
  readonly large: number | null
  /** Random trees that are tried; 15 unless said. */
  readonly runs?: number
  /** Names that can't be sent. */
  readonly without?: RegExp
}

const quiet = () => Effect.void

/** How a call failed; `none` when it didn't. */
export const classOf = <A>(call: Effect.Effect<A, SyncFailure>): Effect.Effect<string> =>
  Effect.match(call, { onFailure: (failure) => failure.class, onSuccess: () => "none" })

/** Where a run is looked for, and where it waits before. */
export const final = "PROJ-0001/Run_2026-11-22T10-00-00"
export const waiting = ".exlab-incoming/job-1"

/** What lies below a place. */
export const contentsAt = (
  place: string,
  seen: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(seen)
      .filter(([path]) => path.startsWith(`${place}/`))
      .map(([path, what]) => [path.slice(place.length + 1), what]),
  )

export const digestsOf = (tree: Readonly<Record<string, string>>) =>
  new Map(Object.entries(tree).filter(([, what]) => what !== "folder"))

export const bytes = (text: string): Uint8Array => Buffer.from(text)

/** Whether a name can be sent at all. */
export const sendable =
  ({ without }: ContractLimits) =>
  (path: string): boolean =>
    without === undefined || !without.test(path)

export const sendTo = ({ transport }: TargetRoom, source: string, to: string, part?: Partial<Parcel>) =>
  transport.send({ ...parcelOf(source, to), ...part }, quiet)

/** Everything arrives where it shall, with these bytes. */
export const arrives = (room: TargetRoom, source: string, to: string) =>
  Effect.gen(function* () {
    yield* sendTo(room, source, to)
    const here = treeOf(source)
    expect(contentsAt(to, yield* room.look)).toEqual(here)
    const found = yield* room.transport.digests(to, [...digestsOf(here).keys()])
    expect(found).toEqual(digestsOf(here))
  })

/** Tests with a target that is set up, and an empty folder to send from. */
export const onTarget =
  (make: MakeRoom) =>
  (
    title: string,
    test: (room: TargetRoom, source: string) => Effect.Effect<void, SyncFailure, Scope.Scope>,
  ): void =>
    it.scopedLive(
      title,
      () =>
        Effect.gen(function* () {
          const room = yield* make
          yield* room.transport.writeMarker("the-target")
          yield* test(room, yield* temporaryDirectory)
        }),
      counted(120_000, 1_800_000),
    )

/** A room whose target is a folder that can be reached here. */
export const folderRoom = (transport: TargetTransport, root: string): TargetRoom => ({
  transport,
  look: Effect.sync(() => treeOf(root)),
  put: (path, content) =>
    Effect.sync(() => {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true })
      fs.writeFileSync(join(root, path), content)
    }),
  flip: (path) =>
    Effect.sync(() => {
      const file = join(root, path)
      const { atime, mtime } = fs.statSync(file)
      const content = fs.readFileSync(file)
      content[0] = (content[0] ?? 0) ^ 1
      fs.writeFileSync(file, content)
      fs.utimesSync(file, atime, mtime)
    }),
})
