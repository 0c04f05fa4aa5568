import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Option, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as FileWizardLog from "../../../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../../../layers/records/JsonCreationWriter.ts"
import { restore } from "../../../../layers/nas/cleanup/undoing.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { Action, DiskFaults, sweep } from "../../../support/FaultDisk.ts"
import {
  attempt,
  attemptAgain,
  data,
  dataBelow,
  emptied,
  equipmentId,
  inCleanupWorld,
  ripeRun,
  runIn,
  statusOf,
  trashed,
  trashIn,
} from "./support.ts"

/** Roots of their own, one after the other. */
const roots = (root: string) => {
  let n = 0
  return {
    next: () => `${root}/local/${++n}`,
    now: () => `${root}/local/${n}`,
  }
}

const ripe = (root: string) => Effect.provide(ripeRun(root), NodeDisk.layer)

/** What works on the disk, without faults. */
const unfailing = Layer.merge(JsonCreationWriter.layer, FileWizardLog.layer).pipe(
  Layer.provideMerge(NodeDisk.layer),
)

const known = new Set(["DiskError", "LockTimeout", "DestinationExists", "QueueUnavailable", "LeaseLost"])

for (const retainCache of [true, false]) {
  it.effect(`a fault at any operation leaves all or nothing in the trash; cache kept: ${retainCache}`, () =>
    inCleanupWorld({ retainCache }, (root) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const place = roots(root)
        let id = ""
        const prepared = Effect.suspend(() => ripe(place.next()))
        const run = Effect.flatMap(prepared, (job) => {
          id = job.id
          return attempt(job.id)
        })
        yield* sweep(run, (_, exit) =>
          Effect.gen(function* () {
            if (exit._tag === "Failure" && exit.cause._tag === "Fail") {
              expect(known).toContain(exit.cause.error._tag)
            }
            const here = dataBelow(runIn(place.now()))
            const away = dataBelow(trashed(place.now()) ?? "/nowhere")
            expect([here, away]).toContainEqual(data)
            expect([here, away]).toContainEqual({})
            yield* attemptAgain(id)
            expect(dataBelow(trashed(place.now()) ?? "")).toEqual(data)
            expect(yield* queue.get(id)).toMatchObject({ value: { state: "cleaned" } })
            if (retainCache) expect(statusOf(runIn(place.now()))).toBe("cleaned")
            else expect(fs.existsSync(`${runIn(place.now())}/.exlab-wizard`)).toBe(false)
          }),
        )
      }),
    ),
  )
}

it.effect("a fault at any operation of the emptying is made good the next time", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const ledger = yield* SyncLedger
      const place = roots(root)
      const prepare = Effect.gen(function* () {
        const job = yield* ripe(place.next())
        yield* Effect.provide(attempt(job.id), unfailing)
        yield* TestClock.adjust("24 hours")
      })
      yield* sweep(
        Effect.flatMap(prepare, () => emptied()),
        () =>
          Effect.gen(function* () {
            yield* emptied()
            expect(fs.existsSync(trashIn(place.now()))).toBe(false)
            expect(fs.readdirSync(runIn(place.now()))).toEqual([".exlab-wizard"])
            expect(yield* ledger.sealedBefore(Infinity)).toEqual([])
          }),
      )
    }),
  ),
)

for (const retainCache of [true, false]) {
  it.effect(
    `a fault at any operation that puts data back loses none${retainCache ? "" : ", nor the records"}`,
    () =>
      inCleanupWorld({ retainCache }, (root) =>
        Effect.gen(function* () {
          const place = roots(root)
          const queue = yield* SyncQueue
          const prepare = Effect.gen(function* () {
            const job = yield* ripe(place.next())
            yield* Effect.provide(attempt(job.id), unfailing)
            yield* TestClock.adjust("24 hours")
            yield* Effect.provide(emptied("has lost it"), unfailing)
            return job
          })
          yield* sweep(Effect.flatMap(prepare, restore), () =>
            Effect.gen(function* () {
              const both = {
                ...dataBelow(trashed(place.now()) ?? "/nowhere"),
                ...dataBelow(runIn(place.now())),
              }
              expect(both).toEqual(data)
              yield* restore(Option.getOrThrow(yield* queue.find(runIn(place.now()))))
              expect(dataBelow(runIn(place.now()))).toEqual(data)
              expect(trashed(place.now())).toBeNull()
            }),
          )
        }),
      ),
  )
}

const isMove = (name: string, path: string | undefined, root: string, entry: string): boolean =>
  name === "renameNew" && path === `${runIn(root)}/${entry}`

const late: ReadonlyArray<readonly [what: string, entry: string, write: (run: string) => void]> = [
  [
    "into a folder that is about to be moved",
    "raw",
    (run) => fs.writeFileSync(`${run}/raw/late.bin`, "late"),
  ],
  [
    "to a file at the top that is about to be moved",
    "README.md",
    (run) => fs.appendFileSync(`${run}/README.md`, "late"),
  ],
  ["a new file beside what is moved", "raw", (run) => fs.writeFileSync(`${run}/late.bin`, "late")],
  ["a link into a folder", "raw", (run) => fs.symlinkSync("/etc", `${run}/raw/late`)],
]

it.effect.each(late)(
  "what an instrument writes after the decision puts everything back: %s",
  ([, entry, write]) =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const job = yield* ripe(root)
        const effect = Effect.sync(() => write(runIn(root)))
        yield* faults.arm(({ name, paths }) =>
          isMove(name, paths[0], root, entry) ? Action.RunBefore({ effect }) : Action.Pass(),
        )
        const outcome = yield* attempt(job.id)
        yield* faults.disarm
        expect(outcome).toMatchObject({ _tag: "NotYet", unmet: [{ condition: "unchanged" }] })
        const names = Object.keys(dataBelow(runIn(root)))
        expect(names).toEqual(expect.arrayContaining(Object.keys(data)))
        expect(
          JSON.stringify(fs.readdirSync(runIn(root), { recursive: true })) +
            fs.readFileSync(`${runIn(root)}/README.md`, "utf8"),
        ).toMatch(/late/)
        expect(trashed(root)).toBeNull()
        expect(statusOf(runIn(root))).toBe("synced")
      }),
    ),
)

it.effect("what comes to the place of something that was moved stays, and so does that, in the trash", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const faults = yield* DiskFaults
      const job = yield* ripe(root)
      const effect = Effect.sync(() => fs.writeFileSync(`${runIn(root)}/README.md`, "another one"))
      yield* faults.arm(({ name, paths }) =>
        isMove(name, paths[0], root, "raw") ? Action.RunBefore({ effect }) : Action.Pass(),
      )
      expect(yield* attempt(job.id)).toMatchObject({ _tag: "NotYet" })
      yield* faults.disarm
      expect(dataBelow(runIn(root))).toEqual({ ...data, "README.md": "another one" })
      expect(dataBelow(trashed(root) ?? "")).toEqual({ "README.md": data["README.md"] })
      yield* TestClock.adjust("99 hours")
      yield* emptied()
      expect(dataBelow(trashed(root) ?? "")).toEqual({ "README.md": data["README.md"] })
    }),
  ),
)

it.effect("who loses the job while it is moved puts everything back", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const faults = yield* DiskFaults
      const queue = yield* SyncQueue
      const job = yield* ripe(root)
      const { level, path } = job
      const effect = Effect.orDie(
        Effect.asVoid(queue.enqueue({ level, path, equipmentId }, "queued", "a person asked")),
      )
      yield* faults.arm(({ name, paths }) =>
        isMove(name, paths[0], root, "raw") ? Action.RunBefore({ effect }) : Action.Pass(),
      )
      expect(yield* Effect.flip(attempt(job.id))).toMatchObject({ _tag: "LeaseLost" })
      yield* faults.disarm
      expect(dataBelow(runIn(root))).toEqual(data)
      expect(trashed(root)).toBeNull()
      expect(Option.getOrThrow(yield* queue.get(job.id)).state).toBe("queued")
    }),
  ),
)
