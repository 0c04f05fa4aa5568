import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, FastCheck as fc, Layer, TestClock } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as NoopNasSync from "../../layers/nas/NoopNasSync.ts"
import * as FileWizardLog from "../../layers/records/FileWizardLog.ts"
import * as JsonCreationWriter from "../../layers/records/JsonCreationWriter.ts"
import * as HandlebarsTemplateEngine from "../../layers/templates/HandlebarsTemplateEngine.ts"
import * as RuleValidator from "../../layers/validator/RuleValidator.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { SyncGate } from "../../src/audit/SyncGate.ts"
import type { Rule } from "../../src/domain/Finding.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { settingsBelow } from "../support/world.ts"
import { known, put, putRecorded } from "./tree.ts"

/** A service that was just started: it knows what the files say, and nothing else. */
const started = (root: string) =>
  Problems.layer.pipe(
    Layer.provideMerge(SyncGate.layer),
    Layer.provide([
      HandlebarsTemplateEngine.layer,
      JsonCreationWriter.layer,
      RuleValidator.layer,
      FileWizardLog.layer,
      NoopNasSync.layerNoop,
    ]),
    Layer.provide(Settings.layer(settingsBelow(root))),
  )

const runs = [`${known}/P-1/Runs/Run_1`, `${known}/P-1/Runs/Run_2`] as const
const rules = ["illegal_filesystem_character", "reserved_filesystem_name"] as const

/** Two runs that break the same two rules. */
const plant = (root: string) =>
  Effect.sync(() => {
    for (const run of runs) {
      putRecorded(join(root, "local", run), { sync_status: "blocked_by_validation" })
      put(join(root, "local", run, "what: this"))
      put(join(root, "local", run, "CON.txt"))
    }
  })

interface Made {
  readonly id: string
  readonly run: string
  readonly rule: Rule
  readonly expires: number | null
  revoked: boolean
}

/** A run with a record, and no fault, below a service that knows nothing of it. */
const recorded = Effect.map(fastTemporaryDirectory, (root) => {
  const [run] = runs
  putRecorded(join(root, "local", run), { run_kind: "test" })
  return { root, run }
})

const person = { operator: "asmith", reason: "because" }

const step = fc.oneof(
  fc.record({
    do: fc.constant("override" as const),
    run: fc.constantFrom(...runs),
    rule: fc.constantFrom(...rules),
    hours: fc.option(fc.integer({ min: 1, max: 4 })),
  }),
  fc.record({ do: fc.constant("revoke" as const), which: fc.nat({ max: 9 }) }),
  fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 3 }) }),
)

const hour = 3_600_000
const now = Effect.map(DateTime.now, DateTime.toEpochMillis)

const holds = ({ expires, revoked }: Made, at: number): boolean =>
  !revoked && (expires === null || expires > at)

const stateOf = (made: Made, at: number): string =>
  made.revoked ? "revoked" : holds(made, at) ? "active" : "expired"

describe("overrides", () => {
  it.scoped(
    "hold for their rule and their run, until they expire or are revoked, whoever starts in between",
    () =>
      Effect.gen(function* () {
        for (const steps of fc.sample(fc.array(step, { minLength: 4, maxLength: 10 }), 8)) {
          const root = yield* fastTemporaryDirectory
          yield* plant(root)
          const made: Array<Made> = []
          for (const one of steps) {
            yield* Effect.gen(function* () {
              const { history, override, revalidate, revoke } = yield* Problems
              if (one.do === "wait") yield* TestClock.adjust(`${one.hours} hours`)
              const at = yield* now
              if (one.do === "override") {
                const expires = one.hours === null ? null : at + one.hours * hour
                const expiresAt =
                  expires === null ? undefined : DateTime.formatIso(DateTime.unsafeMake(expires))
                const asked = { ...person, path: one.run, problemClass: one.rule, expiresAt }
                const { id } = yield* override(asked)
                made.push({ id, run: one.run, rule: one.rule, expires, revoked: false })
              }
              if (one.do === "revoke") {
                const target = made[one.which]
                const asked = { ...person, path: target?.run ?? runs[0], overrideId: target?.id ?? "none" }
                const outcome = yield* Effect.either(revoke(asked))
                expect(outcome._tag).toBe(target === undefined || target.revoked ? "Left" : "Right")
                if (target !== undefined) target.revoked = true
              }
              for (const run of runs) {
                const own = made.filter((it) => it.run === run)
                const overruled = new Set(own.filter((it) => holds(it, at)).map(({ rule }) => rule))
                const { blocked, findings, syncStatus } = yield* revalidate(run)
                expect(findings.map(({ overrideActive, rule }) => [rule, overrideActive]).toSorted()).toEqual(
                  rules.map((rule) => [rule, overruled.has(rule)]),
                )
                expect(blocked).toBe(overruled.size < rules.length)
                expect(syncStatus).toBe(blocked ? "blocked_by_validation" : "pending")
                const { overrides } = yield* history(run)
                expect(overrides.map(({ id, problemClass, state }) => [id, problemClass, state])).toEqual(
                  own.map((it) => [it.id, it.rule, stateOf(it, at)]),
                )
              }
            }).pipe(Effect.provide(started(root)))
          }
        }
      }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("are taken back once, however many try at the same time", () =>
    Effect.gen(function* () {
      const { root, run } = yield* recorded
      yield* Effect.gen(function* () {
        const { history, override, revoke } = yield* Problems
        const { id } = yield* override({ ...person, path: run, problemClass: rules[0] })
        const take = Effect.either(revoke({ ...person, path: run, overrideId: id }))
        const taken = yield* Effect.all(
          Array.from({ length: 6 }, () => take),
          { concurrency: "unbounded" },
        )
        expect(taken.filter(({ _tag }) => _tag === "Right")).toHaveLength(1)
        expect((yield* history(run)).overrides).toMatchObject([{ id, revocations: [{}] }])
      }).pipe(Effect.provide(started(root)))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("stay on record, entry for entry, and so does why", () =>
    Effect.gen(function* () {
      const { root, run } = yield* recorded
      yield* Effect.gen(function* () {
        const { history, override, revoke } = yield* Problems
        const { id } = yield* override({ ...person, path: run, problemClass: rules[0] })
        yield* revoke({ operator: "jdoe", reason: "it was mended", path: run, overrideId: id })
        const again = yield* Effect.flip(revoke({ ...person, path: run, overrideId: id }))
        expect(again.message).toContain("is revoked already")
        const record = join(root, "local", run, ".exlab-wizard/creation.json")
        const records = join(root, "local", run, ".exlab-wizard")
        const log = readdirSync(records).find((name) => name.startsWith("wizard.")) ?? ""
        const kinds = readFileSync(join(records, log), "utf8").match(/\[kind:\w+\]/g)
        expect(kinds).toEqual(["[kind:test]", "[kind:test]"])
        expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({
          validation_overrides: [
            { id, problem_class: rules[0], operator: "asmith", reason: "because", revoked: false },
            { revokes: id, operator: "jdoe", reason: "it was mended", revoked: true },
          ],
        })
        const told = yield* history(run)
        expect(told).toMatchObject({
          path: join(root, "local", run),
          overrides: [{ id, state: "revoked", revocations: [{ operator: "jdoe", reason: "it was mended" }] }],
          dangling: [],
        })
      }).pipe(Effect.provide(started(root)))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
