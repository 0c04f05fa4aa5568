import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Problems } from "../../src/audit/Problems.ts"
import { inSyncWorld, makeProject } from "../layers/nas/sync/world.ts"

const person = { operator: "asmith", reason: "as it should be" }

describe("what people decide", () => {
  it.scopedLive("needs a record to be kept in: without one it is refused, and says so", () =>
    inSyncWorld({}, (root) =>
      Effect.gen(function* () {
        const path = join(root, "local/DEMO_01/PROJ-0042/Runs/Run_2026-01-01T00-00-00")
        mkdirSync(path, { recursive: true })
        const { history, override, revoke } = yield* Problems
        for (const decision of [
          Effect.asVoid(override({ ...person, path, problemClass: "mode_prefix_mismatch" })),
          Effect.asVoid(revoke({ ...person, path, overrideId: "ovr-1" })),
          Effect.asVoid(history(path)),
        ]) {
          const refused = yield* Effect.flip(decision)
          expect(refused).toMatchObject({ _tag: "RecordUnreadable", code: "record_unreadable" })
          expect(refused.message).toContain("creation.json can't be read: isn't there")
        }
      }),
    ),
  )

  it.scopedLive("is about what has a record: of other rules it is said why they can't be overruled", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const path = yield* makeProject
        const { override } = yield* Problems
        for (const [problemClass, why] of [
          ["orphan", "without creation.json"],
          ["unregistered_equipment", "name it in the settings"],
          ["interrupted_creation", "the next start clears it"],
          ["everything", "must be one of unresolved_placeholder_token, "],
        ] as const) {
          const message = expect.stringContaining(why)
          expect(yield* Effect.flip(override({ ...person, path, problemClass }))).toMatchObject({
            issues: [{ field: "problem_class", message }],
          })
        }
      }),
    ),
  )

  it.scopedLive("is text that can be shown: it stays on record", () =>
    inSyncWorld({}, () =>
      Effect.gen(function* () {
        const path = yield* makeProject
        const { override } = yield* Problems
        const asked = { ...person, path, problemClass: "mode_prefix_mismatch" }
        for (const reason of ["\u001b[31mred", "\u202eturned", "\ud800"]) {
          expect(yield* Effect.flip(override({ ...asked, reason }))).toMatchObject({
            issues: [{ field: "reason" }],
          })
        }
        expect(yield* Effect.flip(override({ ...asked, operator: "a\nb" }))).toMatchObject({
          issues: [{ field: "operator" }],
        })
        expect((yield* override({ ...asked, reason: "two\nlines – 面试 🧪" })).id).toMatch(/^ovr-/)
      }),
    ),
  )
})
