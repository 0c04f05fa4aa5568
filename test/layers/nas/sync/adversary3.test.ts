import * as fs from "node:fs"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { inRealWorlds, jobOf, makeProject, makeRunWith, untilState } from "./world.ts"

const deep = (open: string, close: string, n: number) => open.repeat(n) + close.repeat(n)

const records: Readonly<Record<string, string>> = {
  ARRAYS: deep("[", "]", 200_000),
  OBJECTS: `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
  INNER: `{"schema_version":"1.9","level":"project","sync_status":"pending","x":${deep("[", "]", 100_000)}}`,
  PROTO: `{"schema_version":"1.9","sync_status":"pending","__proto__":{"a":1},"validation_overrides":[{"__proto__":null}]}`,
  STATUS: `{"schema_version":"1.9","level":"project","sync_status":"pending","validation_overrides":{"length":1e9}}`,
  NUMBERS: `{"schema_version":1e999,"sync_status":"pending"}`,
  HALF: `{"schema_version":"1.9","level":"project","sync_status":"pending"`,
  NULLS: `null`,
}

describe("records that somebody has tampered with", () => {
  it.scopedLive("stop neither the reconciliation nor the workers", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        for (const [name, text] of Object.entries(records)) {
          const folder = join(root, "local/DEMO_01", name, ".exlab-wizard")
          fs.mkdirSync(folder, { recursive: true })
          fs.writeFileSync(join(folder, "creation.json"), text)
        }
        const pipe = join(root, "local/DEMO_01/PIPE/.exlab-wizard")
        fs.mkdirSync(pipe, { recursive: true })
        execFileSync("mkfifo", [join(pipe, "creation.json")])
        fs.mkdirSync(join(root, "local/DEMO_01/DIR/.exlab-wizard/creation.json"), { recursive: true })
        yield* Effect.gen(function* () {
          const { enqueue, standing } = yield* SyncService
          yield* initTarget
          yield* Effect.sleep("4 seconds")
          for (const name of [...Object.keys(records), "PIPE", "DIR"]) {
            const answer = yield* Effect.exit(enqueue(join(root, "local/DEMO_01", name)))
            expect([name, answer._tag === "Failure" && answer.cause._tag]).toEqual([name, "Fail"])
          }
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRunWith({ templatePath: "plain_run" })
          yield* untilState(run, "verified")
          expect(Option.isSome(Option.some(yield* jobOf(run)))).toBe(true)
          expect(Math.max(...(yield* standing).workersSilent)).toBeLessThan(60_000)
        }).pipe(Effect.provide(start))
      }),
    ),
  )
})

const initTarget = Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01"))

describe("manifests that somebody has tampered with", () => {
  for (const [name, text] of Object.entries({
    deep: deep("[", "]", 200_000),
    proto: `[{"__proto__": 1}]`,
    outside: `[{"path": "../../../etc/passwd", "size": 1}]`,
    negative: `[{"path": "a", "size": -1}]`,
  })) {
    it.scopedLive(`are waited for: ${name}`, () =>
      inRealWorlds(
        {
          equipment: { syncWhen: "complete", completeness: { type: "manifest", name: "manifest.json" } },
          settings: { sync: { dataPollSeconds: 1 } },
        },
        (_, start) =>
          Effect.gen(function* () {
            yield* initTarget
            yield* makeProject
            const run = yield* makeRunWith({ templatePath: "plain_run" })
            fs.writeFileSync(join(run, "manifest.json"), text)
            yield* Effect.sleep("4 seconds")
            expect(yield* jobOf(run)).toMatchObject({
              state: "waiting_for_data",
              reason: expect.stringContaining("manifest.json"),
            })
          }).pipe(Effect.provide(start)),
      ),
    )
  }
})
