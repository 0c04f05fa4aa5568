import { rmSync, renameSync } from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Ref } from "effect"
import { Behaviour, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { until } from "../../../support/world.ts"
import { append, inSyncWorld, jobOf, makeProject, makeRun, targetFiles, untilState, write } from "./world.ts"

/** The paths of what the target has of a directory, and of what is here. */
const both = (root: string, path: string) =>
  Effect.map(targetFiles, (files) => {
    const place = `${relative(join(root, "local", "DEMO_01"), path)}/`
    const there = [...files.keys()].filter((one) => one.startsWith(place))
    const here = Object.entries(treeOf(path)).flatMap(([one, what]) => (what === "folder" ? [] : [one]))
    return {
      there: there.map((one) => one.slice(place.length)).toSorted(),
      here: here.filter((one) => !one.endsWith(".lock")).toSorted(),
    }
  })

const failsAt = (step: "send" | "digests") =>
  Effect.flatMap(TransportScript, ({ script }) =>
    Ref.set(script, ({ method, place }) =>
      method === step && place.startsWith(".exlab-incoming")
        ? Behaviour.Fails({ class: "transient" })
        : Behaviour.Works(),
    ),
  )
const works = Effect.flatMap(TransportScript, ({ script }) => Ref.set(script, () => Behaviour.Works()))

const again = (run: string) =>
  Effect.gen(function* () {
    const { enqueue } = yield* SyncService
    const { verifiedAt } = yield* jobOf(run)
    yield* enqueue(run)
    yield* until(
      "another end",
      Effect.map(
        jobOf(run),
        (job) => job.state === "failed" || (job.state === "verified" && job.verifiedAt !== verifiedAt),
      ),
    )
    return yield* jobOf(run)
  })

describe("what goes here while, or after, it is sent", () => {
  it.scopedLive("isn't published when it went before the run got its name", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { retry } = yield* SyncService
        yield* untilState(yield* makeProject, "verified")
        yield* failsAt("send")
        const run = yield* makeRun
        const waitsAs = (state: string) =>
          until(
            `it waits, ${state}`,
            Effect.map(jobOf(run), (job) => job.state === state && job.notBefore !== null),
          )
        yield* waitsAs("queued")
        yield* write(join(run, "data/old/deep/a.raw"), "a")
        yield* write(join(run, "data/b.raw"), "b")
        yield* write(join(run, "file"), "f")
        yield* write(join(run, "folder/x"), "x")
        yield* failsAt("digests")
        const { id } = yield* jobOf(run)
        yield* retry(id)
        yield* waitsAs("awaiting_verify")
        expect([...(yield* targetFiles).keys()].filter((path) => path.endsWith("/deep/a.raw"))).toHaveLength(
          1,
        )
        renameSync(join(run, "data/old"), join(run, "data/new"))
        for (const gone of ["data/b.raw", "file", "folder", "notes.txt"]) {
          rmSync(join(run, gone), { recursive: true })
        }
        yield* write(join(run, "file/now a folder"), "1")
        yield* write(join(run, "folder"), "now a file")
        yield* works
        yield* retry(id)
        yield* untilState(run, "verified")
        const { here, there } = yield* both(root, run)
        expect(there).toEqual(here)
        expect((yield* jobOf(run)).reason).toBe("")
      }),
    ),
  )

  it.scopedLive("stays on the NAS when it was published, and is told of", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { history, verify } = yield* SyncService
        const project = yield* makeProject
        const run = yield* makeRun
        yield* untilState(run, "verified")
        yield* untilState(project, "verified")
        rmSync(join(run, "notes.txt"))
        expect(yield* verify(run)).toMatchObject({ ok: true, missing: [], extra: ["notes.txt"] })
        yield* append(join(run, "README.md"), "\nMore.\n")
        const job = yield* again(run)
        expect(job).toMatchObject({ state: "verified", reason: "1 files are on the NAS only: notes.txt" })
        expect((yield* history(job.id)).at(-1)).toMatchObject({ to: "verified", reason: job.reason })
        const { here, there } = yield* both(root, run)
        expect(there).toEqual([...here, "notes.txt"].toSorted())
        // The runs of a project are no part of it.
        yield* append(join(project, "README.md"), "\nMore.\n")
        expect((yield* again(project)).reason).toBe("")
        expect(yield* verify(project)).toMatchObject({ ok: true, extra: [] })
      }),
    ),
  )

  it.scopedLive("is not replaced by something of another kind", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        yield* makeProject
        const run = yield* makeRun
        yield* untilState(run, "verified")
        const before = yield* targetFiles
        rmSync(join(run, "notes.txt"))
        yield* write(join(run, "notes.txt/1"), "a folder now")
        const job = yield* again(run)
        expect(job.state).toBe("failed")
        expect(job.reason).toContain("nothing is taken away from the NAS: notes.txt. Move it away there")
        const after = [...(yield* targetFiles)].filter(([path]) => !path.startsWith(".exlab-incoming/"))
        expect(new Map(after)).toEqual(before)
      }),
    ),
  )
})
