import { afterAll, expect, layer, type TestContext } from "@effect/vitest"
import { Effect } from "effect"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { Arena, type ArenaOptions, layer as arena } from "./Arena.ts"
import { type Attack, exitCodeOf, expectedOn, nameOf, type Runtime, type Trial } from "./attacks.ts"
import { catalogue } from "./catalogue.ts"
import { isForValidation, nameWhileValidating } from "./grounds.ts"
import { verdictOn } from "./verdict.ts"

/** The runtimes that a tier is for. */
const runtimesOf = (tier: IsolationTier): ReadonlyArray<Runtime> =>
  tier === "permission" ? ["node"] : ["node", "command"]

const trialsOf = (attacks: ReadonlyArray<Attack>, tier: IsolationTier): ReadonlyArray<Trial> =>
  runtimesOf(tier).flatMap((runtime) =>
    attacks.filter(({ runtimes }) => runtimes.includes(runtime)).map((attack) => ({ attack, runtime })),
  )

const titleOf = ({ attack: { family, how }, runtime }: Trial): string => `${runtime}: ${family} ${how}`

const between = (plugin: string) => ["good-first", plugin, "good-last"]

/** Hands out the arena, where its tier is to be had; elsewhere the test isn't run, and says why. */
const enter = (context: TestContext) =>
  Effect.tap(Arena, ({ greeting: { problem } }) =>
    problem === null ? Effect.void : Effect.sync(() => void context.skip(problem)),
  )

interface SuiteOptions extends Omit<ArenaOptions, "trials"> {
  /** Which of the attacks; all when nothing is said. */
  readonly attacks?: ReadonlyArray<Attack>
}

/** A test for each attack on one tier, and the table of what came of them. */
export const attackSuite = (title: string, { attacks = catalogue, ...options }: SuiteOptions) => {
  const { tier } = options
  const isRoot = (options.user ?? process.getuid?.()) === 0
  const trials = trialsOf(attacks, tier)
  const table: Array<string> = []
  afterAll(() => void process.stdout.write(`${title}\n${table.join("\n")}\n`))

  layer(arena({ ...options, trials }), { excludeTestServices: true })(title, (it) => {
    it.effect("the tier is tried where this is built for others", () =>
      Effect.map(Arena, ({ greeting: { problem } }) => {
        if (process.env["CI"] === "true") expect(problem).toBeNull()
      }),
    )

    it.effect("every plugin is found", (context) =>
      Effect.map(enter(context), ({ greeting: { excluded, tiers } }) => {
        expect(excluded).toEqual([])
        for (const runtime of runtimesOf(tier)) expect(tiers[runtime]).toBe(tier)
      }),
    )

    for (const trial of trials) {
      const { attack, runtime } = trial
      it.effect(titleOf(trial), (context) =>
        Effect.gen(function* () {
          const plugin = nameOf(attack, runtime)
          const { strike } = yield* enter(context)
          const { exitCode, outcome, why } = verdictOn(yield* strike(between(plugin)), plugin)
          table.push(`${outcome.includes("gap") ? "GAP      " : "contained"}  ${titleOf(trial)}: ${outcome}`)
          expect(exitCode).toBe(exitCodeOf(attack) ?? exitCode)
          const may = expectedOn(attack, tier, isRoot)
          expect({ outcome, why }).toEqual({ outcome: may.find((one) => one === outcome) ?? may[0], why })
        }),
      )
    }

    for (const trial of trials.filter(({ attack }) => isForValidation(attack))) {
      it.effect(`${titleOf(trial)}, while variables are checked`, (context) =>
        Effect.gen(function* () {
          const { strike } = yield* enter(context)
          const plugin = nameWhileValidating(trial.attack, trial.runtime)
          const { after, before, harms, reply } = yield* strike(between(plugin))
          // What isn't contained here isn't while it works, either: the table says so.
          const [expected = ""] = expectedOn(trial.attack, tier, isRoot)
          expect(harms).toEqual(/gap: (.*)/.exec(expected)?.slice(1) ?? [])
          expect(reply?.error).toContain(plugin)
          expect(after).toEqual(before)
        }),
      )
    }

    it.effect("the service is alive, and plugins that do no harm work", (context) =>
      Effect.gen(function* () {
        const { strike } = yield* enter(context)
        const { after, harms, reply } = yield* strike(["good-first", "good-last"])
        expect(harms).toEqual([])
        expect(reply?.applied.map(({ status }) => status)).toEqual(["success", "success"])
        expect(after.get("good-last.txt")).toBe("file 644 good work\n")
      }),
    )
  })
}
