import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Workspace } from "../../../src/ports/Workspace.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import {
  contentsOf,
  fill,
  inOwners,
  inStaging,
  kept,
  obstacles,
  project,
  run,
  service,
  session,
  whole,
} from "./support.ts"
import { withService } from "./withService.ts"

it.scopedLive("a claimed tree is published whole and nothing else is left", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    for (const destination of [project(root), run(root)]) {
      yield* Effect.gen(function* () {
        const workspace = yield* Workspace
        const staging = yield* workspace.claim(destination, session(1))
        expect(fs.existsSync(destination.path)).toBe(false)
        expect(contentsOf(staging.tree)).toEqual({ "./": "" })
        expect(contentsOf(staging.copies)).toEqual({ "./": "" })
        yield* fill(staging)
        expect(yield* workspace.publish(staging)).toEqual({ warnings: [] })
        expect(contentsOf(destination.path)).toEqual(whole)
        expect(inStaging(destination)).toEqual([])
        expect(inOwners(root)).toHaveLength(1)
      }).pipe(Effect.provide(service(root)))
      expect(inOwners(root)).toEqual([])
      fs.rmSync(destination.path, { recursive: true })
    }
  }),
)

it.scopedLive("a staging area says whose it is", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* Effect.gen(function* () {
      const workspace = yield* Workspace
      const staging = yield* workspace.claim(run(root), session(7))
      const [lockFile = ""] = inOwners(root)
      expect(JSON.parse(fs.readFileSync(`${staging.root}/owner.json`, "utf8"))).toEqual({
        host: "labpc-07",
        pid: process.pid,
        session_id: session(7),
        owner: lockFile.replace(".lock", ""),
        claim: staging.claim,
      })
    }).pipe(Effect.provide(service(root, "labpc-07")))
  }),
)

it.scopedLive("a service that claims nothing writes nothing", () =>
  Effect.gen(function* () {
    const root = `${yield* temporaryDirectory}/absent`
    yield* Effect.provide(
      Effect.flatMap(DiskFaults, ({ disarm }) => disarm),
      service(root),
    )
    expect(fs.existsSync(root)).toBe(false)
  }),
)

withService("of many claims of one destination one succeeds; the next after it ended", (root) =>
  Effect.gen(function* () {
    const destination = project(root)
    const workspace = yield* Workspace
    for (let round = 0; round < 10; round++) {
      const claims = Array.from({ length: 20 }, (_, n) =>
        Effect.either(workspace.claim(destination, session(n))),
      )
      const outcomes = yield* Effect.all(claims, { concurrency: "unbounded" })
      const won = outcomes.flatMap((outcome) => (outcome._tag === "Right" ? [outcome.right] : []))
      const lost = outcomes.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left] : []))
      expect(won).toHaveLength(1)
      for (const error of lost) {
        expect(error).toMatchObject({
          _tag: "DestinationExists",
          message: `${destination.path} is being created by another session; nothing was changed`,
        })
      }
      expect(inStaging(destination)).toEqual([destination.leaf])
      yield* Effect.forEach(won, workspace.discard)
      expect(inStaging(destination)).toEqual([])
    }
  }),
)

withService("a destination where anything stands can't be claimed", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    for (const [kind, make] of obstacles) {
      const destination = project(root, `AT-CLAIM-${kind}`)
      fs.mkdirSync(destination.parent, { recursive: true })
      make(destination.path)
      const before = contentsOf(destination.path)
      const error = yield* Effect.flip(workspace.claim(destination, session(1)))
      expect(error).toMatchObject({ _tag: "DestinationExists", path: destination.path })
      expect(contentsOf(destination.path)).toEqual(before)
      expect(inStaging(destination)).toEqual([])
    }
  }),
)

withService(
  "what appears at the destination after the claim, be it at the last moment, stays as it is",
  (root) =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const faults = yield* DiskFaults
      for (const moment of ["before", "renameNew"] as const) {
        for (const [kind, make] of obstacles) {
          const destination = project(root, `${moment}-${kind}`)
          const staging = yield* workspace.claim(destination, session(1))
          yield* fill(staging)
          if (moment === "before") make(destination.path)
          const effect = Effect.sync(() => make(destination.path))
          yield* faults.arm(({ name }) => (name === moment ? Action.RunBefore({ effect }) : Action.Pass()))
          const error = yield* Effect.flip(workspace.publish(staging))
          yield* faults.disarm
          expect(error).toMatchObject({ _tag: "DestinationExists", path: destination.path })
          const obstacle = contentsOf(destination.path)
          expect(contentsOf(staging.tree)).toEqual(whole)
          yield* workspace.discard(staging)
          expect(contentsOf(destination.path)).toEqual(obstacle)
          expect(obstacle).not.toEqual(whole)
          expect(inStaging(destination)).toEqual([])
        }
      }
    }),
)

withService(
  "keep leaves the files without records; nothing when there are none or the place is taken",
  (root) =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const keep = (id: string, prepare: (path: string, tree: string) => void, files: boolean) =>
        Effect.gen(function* () {
          const destination = project(root, id)
          const staging = yield* workspace.claim(destination, session(1))
          if (files) yield* fill(staging)
          prepare(destination.path, staging.tree)
          const path = Option.map(yield* workspace.keep(staging), (found) => found.path)
          expect(inStaging(destination)).toEqual([])
          return { path, contents: contentsOf(destination.path), destination }
        })
      const free = yield* keep("FREE", () => {}, true)
      expect(free.path).toEqual(Option.some(free.destination.path))
      expect(free.contents).toEqual(kept)
      const taken = yield* keep("TAKEN", (path) => fs.mkdirSync(path), true)
      expect(taken).toMatchObject({ path: Option.none(), contents: { "./": "" } })
      const empty = yield* keep("EMPTY", () => {}, false)
      expect(empty).toMatchObject({ path: Option.none(), contents: {} })
      const records = yield* keep(
        "RECORDS",
        (_, tree) => fs.mkdirSync(`${tree}/.exlab-wizard/more`, { recursive: true }),
        false,
      )
      expect(records).toMatchObject({ path: Option.none(), contents: {} })
    }),
)

withService("a claim that ended is not ended again: the place may be another's", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const first = yield* workspace.claim(project(root), session(1))
    yield* workspace.discard(first)
    const second = yield* workspace.claim(project(root), session(2))
    yield* fill(second)
    yield* workspace.discard(first)
    expect(yield* workspace.publish(second)).toEqual({ warnings: [] })
    expect(contentsOf(second.destination.path)).toEqual(whole)
  }),
)
