import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Embedded from "../../layers/Embedded.ts"
import { type PartialSettings, withDefaults } from "../../layers/EmbeddedSettings.ts"
import { settingsProblems } from "../../src/domain/Settings.ts"
import { settingsSentence } from "../../src/domain/SettingsProblem.ts"

const base = withDefaults()

const wrong: ReadonlyArray<readonly [PartialSettings, string]> = [
  [{ timeZone: "Mars/Olympus" }, "timeZone"],
  [{ equipment: [{ id: "confocal", label: "", nasRoot: "" }] }, "equipment"],
  [{ equipment: [...base.equipment, ...base.equipment] }, "equipment"],
  [{ sessions: { maxWorking: Number.NaN } }, "sessions.maxWorking"],
  [{ sessions: { maxOpen: 0 } }, "sessions.maxOpen"],
  [{ sessions: { gcIntervalSeconds: 0 } }, "sessions.gcIntervalSeconds"],
  [{ sessions: { shutdownGraceSeconds: -1 } }, "sessions.shutdownGraceSeconds"],
  [{ disk: { minFreeMib: -1 } }, "disk.minFreeMib"],
  [{ templates: { maxDepth: Number.NaN } }, "templates.maxDepth"],
  [{ readme: { defaults: [{ id: "a", label: "A", type: "choice" }] } }, "readme.defaults"],
  [{ paths: { localRoot: "/data/\u0000" } }, "paths.localRoot"],
  [{ paths: { localRoot: "" } }, "paths.localRoot"],
]

describe("settings", () => {
  it("that are the defaults have no problems", () => {
    expect(settingsProblems(base)).toEqual([])
  })

  it.each(wrong)("%j are told by their key", (partial, key) => {
    const problems = settingsProblems(withDefaults(partial))
    expect(problems.length).toBe(1)
    expect(problems.map(settingsSentence)[0]).toContain(key)
  })

  it("say everything that is wrong at once", () => {
    const all = { timeZone: "X", sessions: { maxOpen: 0, maxWorking: 0 }, disk: { minFreeMib: -1 } }
    expect(settingsProblems(withDefaults(all)).length).toBe(4)
  })

  it.effect("that can't work keep the service from starting, with a typed error", () =>
    Effect.gen(function* () {
      const built = Effect.scoped(
        Layer.build(Embedded.layer({ timeZone: "Mars/Olympus", disk: { minFreeMib: -1 } })),
      )
      const error = yield* Effect.flip(built)
      expect(error).toMatchObject({
        _tag: "SettingsInvalid",
        problems: [{}, {}].map(() => expect.any(String)),
      })
    }),
  )
})
