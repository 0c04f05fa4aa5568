import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Option, Ref } from "effect"
import { Behaviour, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import { Problems } from "../../../../src/audit/Problems.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import {
  inSyncWorld,
  jobOf,
  makeProject,
  makeRunWith,
  recordOf,
  targetFiles,
  untilState,
  write,
} from "./world.ts"

const rule = "unresolved_placeholder_token"
const illegal = "illegal_filesystem_character"
const person = { operator: "asmith", reason: "the token is part of the protocol's name" }

/** A run whose rendered text has a placeholder left over, in a service whose target may be away. */
const blockedRun = (root: string, isAway = false) =>
  Effect.gen(function* () {
    yield* write(
      join(root, "templates/leftover/template.yaml"),
      `name: leftover\nversion: "1"\ntype: run\nrun_scope: both\n`,
    )
    yield* write(join(root, "templates/leftover/protocol.txt.hbs"), "For {{label}}\nuse <sample_id>\n")
    yield* untilState(yield* makeProject, "verified")
    if (isAway) yield* Effect.flatMap(TransportScript, (script) => Ref.set(script.isAway, true))
    return yield* makeRunWith({ templatePath: "leftover" })
  })

const logOf = (run: string): string => {
  const folder = join(run, ".exlab-wizard")
  const name = readdirSync(folder).find((one) => /^wizard\..*\.log$/.test(one))
  return name === undefined ? "" : readFileSync(join(folder, name), "utf8")
}

const isThere = Effect.map(targetFiles, (files) => [...files.keys()].some((path) => path.includes("/Runs/")))

const comesBack = Effect.gen(function* () {
  const { isAway } = yield* TransportScript
  const { initTarget } = yield* SyncService
  yield* Ref.set(isAway, false)
  yield* initTarget("DEMO_01")
})

describe("a run with a hard finding", () => {
  it.scopedLive("is published, blocked and never queued, also when it is asked for", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { enqueue } = yield* SyncService
        const run = yield* blockedRun(root)
        expect(recordOf(run)["sync_status"]).toBe("blocked_by_validation")
        const refused = yield* Effect.flip(enqueue(run))
        expect(refused).toMatchObject({ _tag: "SyncBlocked", code: "validation_failed" })
        expect(refused.message).toContain(`(${rule} in protocol.txt): mend or override them`)
        expect(yield* Effect.option(jobOf(run))).toEqual(Option.none())
        expect(yield* isThere).toBe(false)
        const { revalidate } = yield* Problems
        expect(yield* revalidate(run)).toMatchObject({ blocked: true, syncStatus: "blocked_by_validation" })
      }),
    ),
  )

  it.scopedLive("goes when it was mended and is looked at again", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { revalidate } = yield* Problems
        const run = yield* blockedRun(root)
        yield* write(join(run, "protocol.txt"), "use sample 7\n")
        expect(yield* revalidate(run)).toMatchObject({ blocked: false, syncStatus: "pending" })
        yield* untilState(run, "verified")
        expect(recordOf(run)["sync_status"]).toBe("synced")
        expect(yield* isThere).toBe(true)
      }),
    ),
  )

  it.scopedLive("goes when its rule is overridden, for itself only, and all of it is on record", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { override, revoke } = yield* Problems
        const run = yield* blockedRun(root)
        const wrong = yield* override({ path: run, problemClass: "nas_sync_failed", ...person })
        expect(wrong.verdict.blocked).toBe(true)
        const { id, verdict } = yield* override({ path: run, problemClass: rule, ...person })
        expect(verdict).toMatchObject({ blocked: false, syncStatus: "pending" })
        expect(verdict.findings.map(({ overrideActive }) => overrideActive)).toEqual([true])
        yield* untilState(run, "verified")
        const other = yield* makeRunWith({ templatePath: "leftover", runKind: "test" })
        expect(recordOf(other)["sync_status"]).toBe("blocked_by_validation")
        // What is there stays there: the finding counts as one that came later.
        const revoked = yield* revoke({ path: run, overrideId: id, ...person })
        expect(revoked.verdict).toMatchObject({ blocked: true, syncStatus: "synced" })
        expect(revoked.verdict.findings[0]).toMatchObject({
          overrideActive: false,
          syncedUnderPriorPolicy: true,
        })
        expect(recordOf(run)["validation_overrides"]).toMatchObject([
          { problem_class: "nas_sync_failed", revoked: false },
          { id, problem_class: rule, operator: "asmith", reason: person.reason, revoked: false },
          { revokes: id, operator: "asmith", revoked: true },
        ])
        const log = logOf(run)
        expect(log).toContain(`override ${id} of ${rule} by asmith: ${person.reason}`)
        expect(log).toContain(`override ${id} revoked by asmith`)
      }),
    ),
  )

  for (const way of ["overridden", "mended"] as const) {
    it.scopedLive(`goes with what was added after it was synced, once that is ${way}`, () =>
      inSyncWorld({}, () =>
        Effect.gen(function* () {
          const { enqueue, verify } = yield* SyncService
          const { override, revalidate } = yield* Problems
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRunWith({ templatePath: "plain_run" })
          yield* untilState(run, "verified")
          yield* write(join(run, "new.raw"), "only here")
          yield* write(join(run, "a:b"), "")
          // Nobody asked for it to be copied: what is there stays there.
          expect(yield* revalidate(run)).toMatchObject({ blocked: true, syncStatus: "synced" })
          const refused = yield* Effect.flip(enqueue(run))
          expect(refused.message).toContain("then revalidate")
          expect(recordOf(run)["sync_status"]).toBe("blocked_by_validation")
          if (way === "mended") rmSync(join(run, "a:b"))
          const verdict =
            way === "mended"
              ? yield* revalidate(run)
              : (yield* override({ path: run, problemClass: illegal, ...person })).verdict
          expect(verdict).toMatchObject({ blocked: false, syncStatus: "pending" })
          yield* untilState(run, "verified")
          expect(yield* verify(run)).toMatchObject({ ok: true, missing: [] })
          expect(recordOf(run)["sync_status"]).toBe("synced")
        }),
      ),
    )
  }

  it.scopedLive("stays synced when it is enqueued as it was verified", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { enqueue } = yield* SyncService
        const { override, revoke } = yield* Problems
        const run = yield* blockedRun(root)
        const { id } = yield* override({ path: run, problemClass: rule, ...person })
        yield* untilState(run, "verified")
        yield* revoke({ path: run, overrideId: id, ...person })
        expect((yield* Effect.flip(enqueue(run))).message).toContain("then enqueue it again")
        expect(recordOf(run)["sync_status"]).toBe("synced")
      }),
    ),
  )

  it.scopedLive("stays when its override is revoked before it went", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const { override, revoke } = yield* Problems
        const run = yield* blockedRun(root, true)
        const { id } = yield* override({ path: run, problemClass: rule, ...person })
        expect((yield* jobOf(run)).state).toMatch(/^(?:queued|running)$/)
        yield* revoke({ path: run, overrideId: id, ...person })
        yield* comesBack
        const { enqueue, retry, verify } = yield* SyncService
        yield* Effect.ignore(retry((yield* jobOf(run)).id))
        yield* untilState(run, "failed")
        expect((yield* jobOf(run)).reason).toBe(
          `blocked by hard findings: ${rule} in protocol.txt; mend or override them, then revalidate`,
        )
        // Whoever compares it is told what keeps it here.
        expect((yield* verify(run)).remedy).toContain("its job has failed: blocked by hard findings")
        expect(recordOf(run)["sync_status"]).toBe("blocked_by_validation")
        expect(yield* isThere).toBe(false)
        const failed = yield* jobOf(run)
        expect(yield* Effect.flip(retry(failed.id))).toEqual(yield* Effect.flip(enqueue(run)))
        expect(yield* jobOf(run)).toEqual(failed)
        yield* write(join(run, "protocol.txt"), "use sample 7\n")
        expect(yield* retry(failed.id)).toMatchObject({ state: "queued", reason: "asked for again" })
        yield* untilState(run, "verified")
      }),
    ),
  )

  it.scopedLive(
    "stays when its override is revoked in the last moment before it would get its name there",
    () =>
      inSyncWorld({}, (root) =>
        Effect.gen(function* () {
          const { override, revoke } = yield* Problems
          const { script } = yield* TransportScript
          const run = yield* blockedRun(root)
          const id = yield* Deferred.make<string, Error>()
          const taken = Effect.flatMap(Deferred.await(id), (overrideId) =>
            revoke({ path: run, overrideId, ...person }),
          ).pipe(Effect.orDie, Effect.asVoid)
          // The records go last.
          const isLast = (path: string): boolean => path.endsWith("creation.json")
          yield* Ref.set(script, ({ parcel, place }) =>
            place.startsWith(".exlab-incoming/") &&
            Option.exists(parcel, ({ files }) => files.some(({ path }) => isLast(path)))
              ? Behaviour.WorksAfter({ effect: taken })
              : Behaviour.Works(),
          )
          yield* Deferred.complete(
            id,
            Effect.map(override({ path: run, problemClass: rule, ...person }), (made) => made.id),
          )
          yield* untilState(run, "failed")
          expect((yield* jobOf(run)).reason).toContain("blocked by hard findings")
          expect(recordOf(run)["sync_status"]).toBe("blocked_by_validation")
          expect(yield* isThere).toBe(false)
        }),
      ),
  )

  it.scopedLive("is refused an override that says nothing, has passed, or is nobody's, all at once", () =>
    inSyncWorld({ settings: { operators: { allowlist: ["asmith"] } } }, (root) =>
      Effect.gen(function* () {
        const { override, revoke } = yield* Problems
        const run = yield* blockedRun(root)
        const before = readFileSync(join(run, ".exlab-wizard/creation.json"), "utf8")
        const wrong = yield* Effect.flip(
          override({
            path: run,
            problemClass: "everything",
            reason: " ",
            operator: "mallory",
            expiresAt: "2020-01-01",
          }),
        )
        expect(wrong).toMatchObject({
          _tag: "GateRefused",
          issues: [
            { field: "problem_class" },
            { field: "reason" },
            { field: "operator" },
            { field: "expires_at", message: "has passed already" },
          ],
        })
        expect(yield* Effect.flip(revoke({ path: run, overrideId: "ovr-0", ...person }))).toMatchObject({
          issues: [{ field: "override_id" }],
        })
        for (const path of [root, "/etc", `${run}/../..`, join(root, "local/DEMO_01/NONE")]) {
          expect(yield* Effect.flip(override({ path, problemClass: rule, ...person }))).toMatchObject({
            code: "run_not_found",
          })
        }
        expect(readFileSync(join(run, ".exlab-wizard/creation.json"), "utf8")).toBe(before)
      }),
    ),
  )
})
