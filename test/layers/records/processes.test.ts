import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { creationRecord } from "../../domain/records.ts"
import { names, onRecords } from "./support.ts"

const updater = new URL("./updater.ts", import.meta.url)

const recordedIds = (directory: string) =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(directory)).pipe(
    Effect.map((record) => record.validationOverrides.map(({ id }) => id)),
  )

onRecords("200 changes by four processes at once: every one is there", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    yield* writer.writeCreation(directory, creationRecord)
    const children = yield* Effect.forEach(["a", "b", "c", "d"], (name) =>
      forkProgram(updater, [directory, name, "50"]),
    )
    const ends = yield* Effect.forEach(children, (child) => child.ended, { concurrency: "unbounded" })
    expect(ends).toEqual(children.map(() => ({ code: 0, signal: null })))
    const ids = yield* recordedIds(directory)
    const wanted = ["a", "b", "c", "d"].flatMap((name) =>
      Array.from({ length: 50 }, (_, n) => `${name}-${n}`),
    )
    expect([...ids].sort()).toEqual(wanted.sort())
    expect(names(directory)).toEqual(["creation.json", "creation.json.lock"])
  }),
)

onRecords("processes that are killed lose nothing that was acknowledged, and hold nobody up", (directory) =>
  Effect.gen(function* () {
    const writer = yield* CreationWriter
    yield* writer.writeCreation(directory, creationRecord)
    const survivor = yield* forkProgram(updater, [directory, "survivor", "50"])
    const acknowledged = yield* Effect.forEach(
      Array.from({ length: 8 }, (_, n) => `killed${n}`),
      (name, n) =>
        Effect.gen(function* () {
          const child = yield* forkProgram(updater, [directory, name, "1000"])
          const ids = yield* Effect.replicateEffect(child.next, 1 + 2 * n)
          yield* child.signal("SIGKILL")
          expect((yield* child.ended).signal).toBe("SIGKILL")
          return ids
        }),
      { concurrency: 3 },
    )
    expect((yield* survivor.ended).code).toBe(0)
    const ids = yield* recordedIds(directory)
    expect(ids).toEqual(expect.arrayContaining(acknowledged.flat()))
    expect(ids.filter((id) => id.startsWith("survivor"))).toHaveLength(50)
    expect(new Set(ids).size).toBe(ids.length)
    yield* writer.update(directory, () => ({ syncStatus: "synced" }))
    expect((yield* writer.read(directory)).syncStatus).toBe("synced")
    expect(yield* recordedIds(directory)).toEqual(ids)
  }),
)
