import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { AbandonedAreas } from "../../../layers/workspace/AbandonedAreas.ts"
import { ownerId, ownerLock } from "../../../layers/workspace/stagingLayout.ts"
import * as StagingWorkspace from "../../../layers/workspace/StagingWorkspace.ts"
import type { DestinationExists, DiskError, LockTimeout } from "../../../src/domain/Errors.ts"
import { type Staging, Workspace } from "../../../src/ports/Workspace.ts"
import * as FaultDisk from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import {
  contentsOf,
  fill,
  inOwners,
  inStaging,
  kept,
  quiet,
  run,
  session,
  settings,
  whole,
} from "./support.ts"

const host = "labpc-01"

/** Hundreds of lives each, on a machine that may be busy. */
const patience = 180_000

type WorkspaceService = typeof Workspace.Service
type Failure = DestinationExists | DiskError | LockTimeout

/**
 * A service from start to end. When it has cleared, `scene` is set; one session claims, works, ends so, and
 * cleans up behind itself.
 */
const life = <A>(
  root: string,
  end: (workspace: WorkspaceService, staging: Staging) => Effect.Effect<A, Failure>,
  scene: Effect.Effect<void> = Effect.void,
) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    yield* scene
    const workspace = yield* Workspace
    return yield* Effect.acquireUseRelease(
      workspace.claim(run(root), session(1)),
      (staging) => Effect.zipRight(fill(staging), end(workspace, staging)),
      (staging) => Effect.ignore(workspace.discard(staging)),
    )
  }).pipe(Effect.provide(Layer.provide(StagingWorkspace.layer, settings(root, host))), quiet)

const emptied = (root: string): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const name of fs.readdirSync(root)) fs.rmSync(`${root}/${name}`, { recursive: true })
  })

/** As a killed process leaves it: half a tree in a claimed place, a draft, and a lock file that nobody holds. */
const haunted = (root: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const { leaf, parent } = run(root)
    const owner = ownerId(host, "11111111-2222-4333-8444-555555555555")
    const staging = `${parent}/.exlab-wizard/staging`
    fs.mkdirSync(`${staging}/${leaf}/tree/half`, { recursive: true })
    fs.mkdirSync(`${staging}/.claim-${owner}-1/tree`, { recursive: true })
    fs.mkdirSync(`${root}/.exlab-wizard/owners`, { recursive: true })
    fs.writeFileSync(`${staging}/${leaf}/tree/half/data.txt`, "half")
    fs.writeFileSync(ownerLock(root, owner), "")
    const record = { host, pid: 1, session_id: session(2), owner, claim: `${owner}-0` }
    fs.writeFileSync(`${staging}/${leaf}/owner.json`, JSON.stringify(record))
  })

/** What comes out is a typed failure of the disturbed operation, or an interruption; never a defect. */
const expectTyped = (
  { how, operation: { name, paths } }: FaultDisk.Disturbance,
  exit: Exit.Exit<unknown, unknown>,
) => {
  if (Exit.isSuccess(exit)) return
  if (how.startsWith("interrupted")) return expect(Cause.isInterruptedOnly(exit.cause)).toBe(true)
  expect(Option.getOrNull(Cause.failureOption(exit.cause))).toMatchObject({ op: name, path: paths[0] })
}

const tell = ({ how, operation: { index, name, paths } }: FaultDisk.Disturbance): string =>
  `${index} ${name} ${how}: ${paths.join(" -> ")}`

const faulty = Layer.provide(FaultDisk.layer, NodeDisk.layer)

it.scopedLive(
  "publication, disturbed anywhere: whole or absent, nothing left, after the rename only warnings",
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const warned = new Set<string>()
      const attempt = Effect.zipRight(
        emptied(root),
        life(root, ({ publish }, staging) => publish(staging)),
      )
      yield* FaultDisk.sweep(attempt, (disturbance, exit) =>
        Effect.sync(() => {
          const there = contentsOf(run(root).path)
          const left = { staging: inStaging(run(root)), owners: inOwners(root) }
          const story = tell(disturbance)
          expect({ story, ...left }).toEqual({ story, staging: [], owners: [] })
          expectTyped(disturbance, exit)
          if (Exit.isSuccess(exit)) for (const { op } of exit.value.warnings) warned.add(op)
          const published =
            Exit.isSuccess(exit) || (disturbance.how.startsWith("interrupted") && "./" in there)
          expect({ story, there }).toEqual({ story, there: published ? whole : {} })
        }),
      )
      const afterTheRename = [
        "flush",
        "list",
        "lstat",
        "readFile",
        "removeDirectory",
        "removeFile",
        "rename",
        "renameNew",
      ]
      expect([...warned].sort()).toEqual(afterTheRename)
    }).pipe(Effect.provide(faulty)),
  patience,
)

it.scopedLive(
  "a discard, disturbed anywhere, leaves nothing",
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const attempt = Effect.zipRight(
        emptied(root),
        life(root, ({ discard }, staging) => discard(staging)),
      )
      yield* FaultDisk.sweep(attempt, (disturbance, exit) =>
        Effect.sync(() => {
          const story = tell(disturbance)
          const left = {
            staging: inStaging(run(root)),
            owners: inOwners(root),
            there: contentsOf(run(root).path),
          }
          expect({ story, ...left }).toEqual({ story, staging: [], owners: [], there: {} })
          expectTyped(disturbance, exit)
        }),
      )
    }).pipe(Effect.provide(faulty)),
  patience,
)

it.scopedLive(
  "keeping, disturbed anywhere: the files without records, or nothing",
  () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const attempt = Effect.zipRight(
        emptied(root),
        life(root, ({ keep }, staging) => keep(staging)),
      )
      yield* FaultDisk.sweep(attempt, (disturbance, exit) =>
        Effect.sync(() => {
          const story = tell(disturbance)
          const there = contentsOf(run(root).path)
          expect({ story, staging: inStaging(run(root)) }).toEqual({ story, staging: [] })
          expectTyped(disturbance, exit)
          if (Exit.isSuccess(exit)) expect(exit.value).toMatchObject(Option.some({ path: run(root).path }))
          const moved = Exit.isSuccess(exit) || (disturbance.how.startsWith("interrupted") && "./" in there)
          expect({ story, there }).toEqual({ story, there: moved ? kept : {} })
        }),
      )
    }).pipe(Effect.provide(faulty)),
  patience,
)

const publish = (workspace: WorkspaceService, staging: Staging) => workspace.publish(staging)

const moments = [
  ["at the start", (root: string) => Effect.zipRight(haunted(root), life(root, publish))],
  ["by the claim", (root: string) => life(root, publish, haunted(root))],
] as const

for (const [moment, attempt] of moments) {
  it.scopedLive(
    `what a dead process left is cleared ${moment}, disturbed anywhere: none of it is published`,
    () =>
      Effect.gen(function* () {
        const root = yield* temporaryDirectory
        yield* FaultDisk.sweep(Effect.zipRight(emptied(root), attempt(root)), (disturbance, exit) =>
          Effect.gen(function* () {
            const story = tell(disturbance)
            const there = contentsOf(run(root).path)
            expectTyped(disturbance, exit)
            const published =
              Exit.isSuccess(exit) || (disturbance.how.startsWith("interrupted") && "./" in there)
            expect({ story, there }).toEqual({ story, there: published ? whole : {} })
            fs.rmSync(run(root).path, { recursive: true, force: true })
            const left = () => [...inStaging(run(root)), ...inOwners(root)]
            // What the disturbed service couldn't clear, the next one does.
            if (left().length > 0) yield* life(root, ({ discard }, staging) => discard(staging))
            expect({ story, left: left() }).toEqual({ story, left: [] })
          }),
        )
      }).pipe(Effect.provide(faulty)),
    patience,
  )
}
