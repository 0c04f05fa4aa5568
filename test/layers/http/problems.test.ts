import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Ref, Stream } from "effect"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import type { Finding } from "../../../src/domain/Finding.ts"
import { applyDelta, inPieces, type ProblemsFrame } from "../../../src/domain/FindingsDelta.ts"
import { until } from "../../support/world.ts"
import { call, framesOf } from "./calls.ts"
import { type Service, startService } from "./service.ts"
import { ask, get, makeProject, path, refusal } from "./syncing.ts"

const file = (service: Service, name: string) => join(service.localRoot, path, name)

const spoil = (service: Service, ...names: ReadonlyArray<string>) =>
  Effect.sync(() => names.forEach((name) => writeFileSync(file(service, name), "")))

const refresh = (service: Service, body: unknown = "") => ask(service, "/problems/refresh", body)

const rulesIn = ({ findings }: { readonly findings?: unknown }) =>
  (findings as ReadonlyArray<{ readonly rule: string }>).map(({ rule }) => rule)

/** Only passes that are asked for. */
const quiet = { settings: { audit: { enabled: false } } }

describe("the list of problems", () => {
  it.scopedLive("has what a pass found, hard findings first, by scope, tier and rule, in pages", () =>
    Effect.gen(function* () {
      const service = yield* startService(quiet)
      yield* makeProject(service)
      expect((yield* get(service, "/problems")).json).toMatchObject({
        pass: 0,
        at: null,
        total: 0,
        findings: [],
      })
      yield* spoil(service, "a:b", "c:d", "end.")
      mkdirSync(join(service.localRoot, "DEMO_01", "PROJ-9", "Runs", "Run_1"), { recursive: true })
      expect((yield* refresh(service)).json).toMatchObject({
        pass: 1,
        directories: 3,
        examined: 3,
        counts: { hard: 3, soft: 2 },
        problem: null,
      })
      const all = yield* get(service, "/problems")
      expect(rulesIn(all.json)).toEqual([
        ...Array.from({ length: 3 }, () => "illegal_filesystem_character"),
        "orphan",
        "orphan",
      ])
      const first = yield* get(service, "/problems?limit=2")
      const second = yield* get(service, `/problems?limit=2&cursor=${String(first.json["next_cursor"])}`)
      const third = yield* get(service, `/problems?limit=2&cursor=${String(second.json["next_cursor"])}`)
      expect(third.json["next_cursor"]).toBeNull()
      expect([first, second, third].flatMap(({ json }) => json["findings"])).toEqual(all.json["findings"])
      expect(rulesIn((yield* get(service, "/problems?tier=soft&scope=DEMO_01")).json)).toEqual([
        "orphan",
        "orphan",
      ])
      expect((yield* get(service, "/problems?scope=DEMO_01/PROJ-9")).json).toMatchObject({ total: 2 })
      expect((yield* get(service, "/problems?scope=DEMO_01/PROJ-9/Runs/Run_1")).json).toMatchObject({
        total: 1,
      })
      expect((yield* get(service, "/problems?rule=interrupted_creation")).json).toMatchObject({ total: 0 })
      rmSync(file(service, "a:b"))
      expect((yield* refresh(service, { full: true })).json).toMatchObject({ counts: { hard: 2, soft: 2 } })
    }),
  )

  it.scopedLive("refuses what makes no sense, and says what is wrong with it", () =>
    Effect.gen(function* () {
      const service = yield* startService(quiet)
      const nowhere = [
        "../..",
        "/etc",
        "DEMO_01/PROJ-1/Runs/Run_1/deeper",
        ".exlab-wizard",
        "DEMO_02",
        "a\u0000b",
      ]
      for (const scope of [...nowhere, "DEMO_01/PROJ-1", "/".repeat(5000) + "x"]) {
        const answer = yield* get(service, `/problems?scope=${encodeURIComponent(scope)}`)
        expect([scope, ...refusal(answer)]).toEqual([scope, 404, "run_not_found"])
      }
      expect(refusal(yield* get(service, "/problems?tier=medium"))).toEqual([400, "malformed_request"])
      expect(refusal(yield* get(service, "/problems?limit=0"))).toEqual([400, "malformed_request"])
      const cursor = yield* get(service, "/problems?cursor=bm9uZQ")
      expect(refusal(cursor)).toEqual([400, "malformed_request"])
      expect(cursor.json).toMatchObject({ field: "cursor" })
      expect(refusal(yield* refresh(service, { full: "very" }))).toEqual([400, "malformed_request"])
    }),
  )
})

describe("the stream of problems", () => {
  it.scopedLive("is a snapshot, then deltas, and ends with the service", () =>
    Effect.gen(function* () {
      const service = yield* startService(quiet)
      yield* makeProject(service)
      yield* spoil(service, "a:b")
      yield* refresh(service)
      const frames = yield* Ref.make<ReadonlyArray<ProblemsFrame>>([])
      const reading = yield* Effect.gen(function* () {
        const { changes } = yield* WizardClient
        yield* Stream.runForEach(changes, (frame) => Ref.update(frames, (before) => [...before, frame]))
      }).pipe(
        Effect.provide(Layer.provide(WizardClient.layer({ url: service.url }), FetchHttpClient.layer)),
        Effect.fork,
      )
      const seen = (count: number) =>
        until(
          `${count} frames`,
          Effect.map(Ref.get(frames), ({ length }) => length >= count),
        )
      yield* seen(1)
      yield* spoil(service, "c:d")
      yield* refresh(service)
      yield* seen(2)
      rmSync(file(service, "a:b"))
      yield* refresh(service)
      yield* refresh(service)
      yield* seen(3)
      yield* Fiber.interrupt(reading)
      const [snapshot, added, removed, ...others] = yield* Ref.get(frames)
      expect(others).toEqual([])
      expect(snapshot).toMatchObject({ kind: "snapshot", pass: 1, findings: [{ matchedToken: ":" }] })
      expect(added).toMatchObject({ kind: "delta", pass: 2, added: [{}], removed: [], changed: [] })
      expect(removed).toMatchObject({ kind: "delta", pass: 3, added: [], removed: [{}], changed: [] })
    }),
  )

  it.live("ends when the service goes down", () =>
    Effect.gen(function* () {
      const reading = yield* Effect.scoped(
        Effect.gen(function* () {
          const service = yield* startService(quiet)
          const response = yield* Effect.promise(() => fetch(`${service.url}/api/v1/problems/events`))
          expect(response.headers.get("content-type")).toContain("text/event-stream")
          return response
        }),
      )
      const text = yield* Effect.promise(() => reading.text())
      expect(framesOf(text).map(({ event }) => event)).toEqual(["snapshot"])
    }),
  )

  it("comes in pieces that make the same list", () => {
    const finding = (n: number): Finding => ({
      rule: "orphan",
      tier: "soft",
      runPath: `/lab/E/P${n}`,
      offendingPath: `/lab/E/P${n}`,
      offendingKind: "directory_segment",
      matchedToken: null,
      ruleDetail: "is an orphan",
      syncedUnderPriorPolicy: false,
      overrideActive: false,
    })
    const findings = Array.from({ length: 7 }, (_, n) => finding(n))
    const [first, ...others] = inPieces({ kind: "snapshot", at: null, pass: 3, findings }, 3)
    expect(others).toHaveLength(2)
    const whole = others.reduce(
      (before, frame) => (frame.kind === "delta" ? applyDelta(before, frame) : before),
      first?.kind === "snapshot" ? first.findings : [],
    )
    expect(whole).toEqual(findings)
  })
})

it.scopedLive("health says how the audit is", () =>
  Effect.gen(function* () {
    const service = yield* startService({})
    yield* until(
      "the first pass",
      Effect.map(get(service, "/problems"), ({ json }) => json["pass"] === 1),
    )
    const { json } = yield* call(`${service.url}/api/v1/health`)
    expect(json).toMatchObject({
      components: { validator: { status: "ok", details: { pass: 1, directories: 0, findings: 0 } } },
    })
  }),
)
