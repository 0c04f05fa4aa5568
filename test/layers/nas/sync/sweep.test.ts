import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Ref } from "effect"
import {
  Behaviour,
  type Script,
  TransportScript,
} from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { until } from "../../../support/world.ts"
import {
  inSyncWorld,
  jobOf,
  makeProject,
  makeRun,
  recordOf,
  sha256,
  targetFiles,
  untilState,
} from "./world.ts"

const callsNow = Effect.flatMap(TransportScript, ({ calls }) =>
  Effect.map(Ref.get(calls), (all) => all.length),
)

const setScript = (script: Script) =>
  Effect.flatMap(TransportScript, (parts) => Ref.set(parts.script, script))

const place = (run: string): string => run.slice(run.indexOf("PROJ-0042"))

/** What stands under the final name is nothing, or all of it, and never other bytes. */
const expectNoHalf = (run: string) =>
  Effect.gen(function* () {
    const there = yield* targetFiles
    const final = [...there.keys()].filter((path) => path.startsWith(`${place(run)}/`))
    if (final.length === 0) return
    const checksums = readFileSync(join(run, ".exlab-wizard/checksums.sha256"), "utf8")
    for (const line of checksums.trim().split("\n")) {
      const text = there.get(`${place(run)}/${line.slice(66)}`)
      expect(text === undefined ? "missing" : sha256(text)).toBe(line.slice(0, 64))
    }
  })

/** How many calls of the transport one run takes. */
const callsOfARun = inSyncWorld({}, () =>
  Effect.gen(function* () {
    const project = yield* makeProject
    yield* untilState(project, "verified")
    const before = yield* callsNow
    yield* untilState(yield* makeRun, "verified")
    return (yield* callsNow) - before
  }),
)

const ways = {
  "fails for a while": Behaviour.Fails({ class: "transient" }),
  "was done and failed": Behaviour.FailsAfter({ class: "transient" }),
  "finds the target full": Behaviour.Fails({ class: "target_full" }),
  "finds the source changing": Behaviour.Fails({ class: "source_changed" }),
  breaks: Behaviour.Dies(),
  "is refused for good": Behaviour.Fails({ class: "permanent" }),
} as const

describe("one call of the transport that goes wrong", () => {
  for (const [how, behaviour] of Object.entries(ways)) {
    it.scopedLive(
      `${how}: the run is verified in the end, and never half there`,
      () =>
        Effect.gen(function* () {
          const calls = yield* callsOfARun
          expect(calls).toBeGreaterThan(8)
          for (let k = 0; k < calls; k += 1) {
            yield* inSyncWorld({}, () =>
              Effect.gen(function* () {
                const { resumeAll, retry } = yield* helpers
                yield* untilState(yield* makeProject, "verified")
                const first = (yield* callsNow) + k
                yield* setScript(({ index }) => (index === first ? behaviour : Behaviour.Works()))
                const run = yield* makeRun
                yield* until(
                  "the job has met it",
                  Effect.map(
                    jobOf(run),
                    ({ notBefore, state }) =>
                      state === "failed" || state === "verified" || notBefore !== null,
                  ),
                )
                const met = yield* jobOf(run)
                yield* expectNoHalf(run)
                if (met.state !== "verified") {
                  expect(met.reason).not.toBe("")
                  expect(met.state === "failed").toBe(how === "is refused for good")
                  expect(recordOf(run)["sync_status"]).toMatch(
                    how === "is refused for good" ? /^failed$/ : /^(?:pending|synced)$/,
                  )
                  yield* resumeAll
                  yield* retry(met.id)
                }
                yield* untilState(run, "verified")
                yield* expectNoHalf(run)
                expect(recordOf(run)["sync_status"]).toBe("synced")
                const there = yield* targetFiles
                expect([...there.keys()].some((path) => path.startsWith(`${place(run)}/`))).toBe(true)
              }),
            )
          }
        }),
      600_000,
    )
  }
})

const helpers = Effect.gen(function* () {
  const { initTarget, retry } = yield* SyncService
  return { retry, resumeAll: initTarget("DEMO_01") }
})
