import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Ref } from "effect"
import {
  Behaviour,
  type TransportCall,
  TransportScript,
} from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import {
  inSyncWorld,
  jobOf,
  makeProject,
  makeRun,
  recordOf,
  sha256,
  targetFiles,
  untilState,
  write,
} from "./world.ts"

/** Everything of a directory, as it must be on the target: by `sha256sum -c`'s own list, and its records. */
const expectCopied = (root: string, path: string, atLeast = 4) =>
  Effect.gen(function* () {
    const there = yield* targetFiles
    const place = relative(join(root, "local", "DEMO_01"), path)
    const checksums = readFileSync(join(path, ".exlab-wizard/checksums.sha256"), "utf8")
    execFileSync("sha256sum", ["--check", "--strict", "--quiet", ".exlab-wizard/checksums.sha256"], {
      cwd: path,
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
    })
    const listed = checksums
      .trim()
      .split("\n")
      .map((line) => [line.slice(66), line.slice(0, 64)] as const)
    expect(listed.length).toBeGreaterThanOrEqual(atLeast)
    for (const [file, digest] of listed) expect(sha256(there.get(`${place}/${file}`) ?? "")).toBe(digest)
    for (const late of ["creation.json", "checksums.sha256"]) {
      const here = readFileSync(join(path, ".exlab-wizard", late), "latin1")
      expect(there.get(`${place}/.exlab-wizard/${late}`)).toBe(here)
    }
    return { there, place }
  })

describe("a directory on its way to the NAS", () => {
  it.scopedLive("is there byte for byte when it says so, records and checksums with it", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const project = yield* makeProject
        const run = yield* makeRun
        for (const path of [project, run]) {
          yield* untilState(path, "verified")
          expect(recordOf(path)["sync_status"]).toBe("synced")
          yield* expectCopied(root, path)
        }
        const there = yield* targetFiles
        expect([...there.keys()].filter((path) => path.includes(".exlab-incoming"))).toEqual([])
        const { files, verifyPasses } = yield* jobOf(run)
        expect(files).toBeGreaterThan(3)
        expect(verifyPasses).toBe(1)
      }),
    ),
  )

  it.scopedLive("has what arrived as something else taken away and sent once more", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { calls, script } = yield* TransportScript
        yield* untilState(yield* makeProject, "verified")
        const sends = ({ method, parcel, place }: TransportCall): boolean =>
          method === "send" &&
          place.startsWith(".exlab-incoming/") &&
          Option.exists(parcel, ({ files }) => files.some(({ path }) => path === "notes.txt"))
        yield* Ref.set(calls, [])
        let spoils = true
        yield* Ref.set(script, (call) => {
          const spoilsThis = spoils && sends(call)
          if (spoilsThis) spoils = false
          return spoilsThis ? Behaviour.Corrupts({ path: "notes.txt" }) : Behaviour.Works()
        })
        const run = yield* makeRun
        yield* untilState(run, "verified")
        yield* expectCopied(root, run)
        const made = yield* Ref.get(calls)
        const steps = made.flatMap((call) =>
          sends(call) ? ["send"] : call.method === "remove" ? ["remove"] : [],
        )
        expect(steps).toEqual(["send", "remove", "send"])
      }),
    ),
  )

  it.scopedLive("is brought up to date when it changed and is queued again", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { enqueue, verify } = yield* SyncService
        yield* makeProject
        const run = yield* makeRun
        yield* untilState(run, "verified")
        yield* write(join(run, "data/image.tif"), "pixels")
        yield* write(join(run, "notes.txt"), "other notes")
        expect(yield* verify(run)).toMatchObject({
          ok: false,
          missing: ["data/image.tif"],
          different: ["notes.txt"],
        })
        const ledger = yield* SyncLedger
        expect(yield* ledger.passes((yield* jobOf(run)).id)).toEqual([])
        expect((yield* enqueue(run)).state).toBe("queued")
        yield* untilState(run, "verified")
        const { place, there } = yield* expectCopied(root, run)
        expect(there.get(`${place}/data/image.tif`)).toBe("pixels")
        expect(yield* verify(run)).toMatchObject({ ok: true, missing: [], different: [] })
        expect((yield* jobOf(run)).verifyPasses).toBe(2)
        yield* write(join(run, ".exlab-wizard/checksums.sha256"), "bad\n")
        expect(yield* verify(run)).toMatchObject({
          ok: false,
          missing: [],
          different: [".exlab-wizard/checksums.sha256"],
        })
      }),
    ),
  )

  it.scopedLive("has sums that hold also when there is nothing but a record that somebody made by hand", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { enqueue, verify } = yield* SyncService
        yield* makeProject
        const run = join(root, "local/DEMO_01/PROJ-0042/Runs/Run_2026-11-22T10-00-09")
        const record = {
          schema_version: "1.9",
          level: "run",
          run_kind: "experimental",
          sync_status: "pending",
        }
        yield* write(join(run, ".exlab-wizard/creation.json"), JSON.stringify(record))
        yield* enqueue(run)
        yield* untilState(run, "verified")
        yield* expectCopied(root, run, 1)
        expect(yield* verify(run)).toMatchObject({ ok: true, remedy: null, files: 3, extra: [] })
        yield* write(join(run, "data.raw"), "data")
        yield* enqueue(run)
        yield* untilState(run, "verified")
        yield* expectCopied(root, run, 2)
      }),
    ),
  )
})
