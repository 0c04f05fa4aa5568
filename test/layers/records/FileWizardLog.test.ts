import { expect } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { WizardLog } from "../../../src/ports/WizardLog.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import { get, onRecords, put } from "./support.ts"

const line = (message: string) => ({
  at: DateTime.unsafeMake("2026-04-17T14:31:55Z"),
  level: "INFO" as const,
  message,
  tags: {},
})

onRecords("lines are added in one write, and the folder is made for them", (directory) =>
  Effect.gen(function* () {
    const log = yield* WizardLog
    const faults = yield* DiskFaults
    yield* log.append(directory, [line("one")])
    yield* faults.arm(() => Action.Pass())
    yield* log.append(directory, [line("two"), line("three")])
    yield* log.append(directory, [])
    expect((yield* faults.disarm).map(({ name }) => name)).toEqual(["append"])
    expect(
      get(directory, "wizard.labpc-04.log")
        .split("\n")
        .map((text) => text.slice(-5)),
    ).toEqual(["] one", "] two", "three", ""])
  }),
)

onRecords("lines of many writers at once stay whole", (directory) =>
  Effect.gen(function* () {
    const log = yield* WizardLog
    const messages = Array.from({ length: 200 }, (_, n) => `${n} ${"x".repeat(900)}`)
    yield* Effect.forEach(messages, (message) => log.append(directory, [line(message)]), {
      concurrency: "unbounded",
    })
    const written = get(directory, "wizard.labpc-04.log").trimEnd().split("\n")
    expect(written.map((text) => text.split("] ").at(-1)).sort()).toEqual(messages.sort())
  }),
)

onRecords(
  "the host's name can't lead out of the folder",
  (directory) =>
    Effect.gen(function* () {
      const log = yield* WizardLog
      put(directory, "wizard..._up.log", "before\n")
      yield* log.append(directory, [line("one")])
      expect(get(directory, "wizard..._up.log")).toBe(
        "before\n2026-04-17T14:31:55Z [INFO ] [host:../up] one\n",
      )
    }),
  { host: "../up" },
)

onRecords("a directory that isn't there is an error", (directory) =>
  Effect.gen(function* () {
    const log = yield* WizardLog
    const refused = yield* Effect.flip(log.append(`${directory}/absent`, [line("one")]))
    expect(refused).toMatchObject({ _tag: "DiskError", errno: "ENOENT" })
  }),
)
