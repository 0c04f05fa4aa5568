import { afterAll, expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { Arena, type ArenaOptions, layer as arena } from "./Arena.ts"
import { type Attack, catalogue, expectedOn, nameOf, type Runtime } from "./attacks.ts"
import { nameWhileValidating, validating } from "./grounds.ts"
import { verdictOn } from "./verdict.ts"

/** The runtimes that a tier is for. */
const runtimesOf = (tier: IsolationTier): ReadonlyArray<Runtime> =>
  tier === "permission" ? ["node"] : ["node", "command"]

interface Trial {
  readonly attack: Attack
  readonly runtime: Runtime
}

const trialsOf = (attacks: ReadonlyArray<Attack>, tier: IsolationTier): ReadonlyArray<Trial> =>
  runtimesOf(tier).flatMap((runtime) =>
    attacks.filter(({ runtimes }) => runtimes.includes(runtime)).map((attack) => ({ attack, runtime })),
  )

const titleOf = ({ attack: { family, how }, runtime }: Trial): string => `${runtime}: ${family} ${how}`

const between = (plugin: string) => ["good-first", plugin, "good-last"]

export interface SuiteOptions extends ArenaOptions {
  /** Which of the attacks; all when nothing is said. */
  readonly attacks?: ReadonlyArray<Attack>
}

/** A test for each attack on one tier, and the table of what came of them. */
export const attackSuite = (title: string, { attacks = catalogue, ...options }: SuiteOptions) => {
  const { tier } = options
  const table: Array<string> = []
  afterAll(() => void process.stdout.write(`${title}\n${table.join("\n")}\n`))

  layer(arena(options), { excludeTestServices: true })(title, (it) => {
    it.effect("the plugins are found, and run on this tier", () =>
      Effect.map(Arena, ({ greeting: { excluded, tiers } }) => {
        expect(excluded).toEqual([])
        for (const runtime of runtimesOf(tier)) expect(tiers[runtime]).toBe(tier)
      }),
    )

    for (const trial of trialsOf(attacks, tier)) {
      const { attack, runtime } = trial
      it.effect(titleOf(trial), () =>
        Effect.gen(function* () {
          const plugin = nameOf(attack, runtime)
          const { strike } = yield* Arena
          const { outcome, why } = verdictOn(yield* strike(between(plugin)), plugin)
          table.push(`${outcome.includes("gap") ? "GAP      " : "contained"}  ${titleOf(trial)}: ${outcome}`)
          expect(outcome, JSON.stringify(why)).toBe(expectedOn(attack, tier, runtime))
        }),
      )
    }

    for (const trial of trialsOf(validating, tier).filter(({ attack }) => attacks.includes(attack))) {
      it.effect(`${titleOf(trial)}, while variables are checked`, () =>
        Effect.gen(function* () {
          const { strike } = yield* Arena
          const plugin = nameWhileValidating(trial.attack, trial.runtime)
          const { after, before, harms, reply } = yield* strike(between(plugin))
          // What isn't contained here isn't while it works, either: the table says so.
          const expected = expectedOn(trial.attack, tier, trial.runtime) ?? ""
          expect(harms).toEqual(/gap: (.*)/.exec(expected)?.slice(1) ?? [])
          if (expected.startsWith("failed") || expected.startsWith("timeout")) {
            expect(reply?.error).toContain(plugin)
            expect(after).toEqual(before)
          }
        }),
      )
    }

    it.effect("the service is alive, and plugins that do no harm work", () =>
      Effect.gen(function* () {
        const { strike } = yield* Arena
        const { after, harms, reply } = yield* strike(["good-first", "good-last"])
        expect(harms).toEqual([])
        expect(reply?.applied.map(({ status }) => status)).toEqual(["success", "success"])
        expect(after.get("good-last.txt")).toBe("file 644 good work\n")
      }),
    )
  })
}
