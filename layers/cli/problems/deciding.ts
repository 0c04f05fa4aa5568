import { Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { Problems, type Verdict } from "../../../src/audit/Problems.ts"
import { neverOverridden, overridableRules } from "../../../src/domain/Finding.ts"
import { config, json, textArgument, toJson } from "../common.ts"
import { findingLine, toWire } from "../findings.ts"
import { Output } from "../Output.ts"
import { managed, overQueue, path, standing } from "../sync/common.ts"
import { anyOf } from "../words.ts"

const reason = Options.text("reason").pipe(
  Options.withPseudoName("TEXT"),
  Options.withDescription("Why; it stays on record"),
)

const operator = Options.text("operator").pipe(
  Options.withPseudoName("NAME"),
  Options.withDescription("Who decides"),
)

const never = Object.keys(neverOverridden)

const rule = Options.choice("rule", overridableRules).pipe(
  Options.withPseudoName("RULE"),
  Options.withDescription(
    `The rule that is overruled, as docs/validation.md lists them; not ${anyOf(never)}: what these find has no record to keep an override in`,
  ),
)

const expires = Options.text("expires").pipe(
  Options.withPseudoName("TIME"),
  Options.withDescription("When it ends by itself, in ISO-8601; without a zone it is UTC"),
  Options.optional,
)

interface Reviewed {
  readonly id: string
  readonly verdict: Verdict
}

/** What is on record now, and how the directory stands with it. */
const tell = Effect.fnUntraced(function* ({ id, verdict }: Reviewed, asJson: boolean) {
  const { note, result } = yield* Output
  const { blocked, findings, path: place, syncStatus } = verdict
  if (asJson) {
    const wire = { path: place, findings: yield* toWire(findings), blocked, sync_status: syncStatus }
    return yield* result(toJson({ id, verdict: wire }))
  }
  yield* result(id)
  const blocking = findings.filter(({ overrideActive, tier }) => tier === "hard" && !overrideActive)
  for (const finding of blocking) yield* note(findingLine(finding))
  yield* note(yield* standing(place, syncStatus))
})

/** Overrules a rule for one directory. */
export const override = Command.make(
  "override",
  { config, json, rule, reason, operator, expires, path },
  ({ config, expires, json, operator, path, reason, rule }) =>
    Effect.gen(function* () {
      const problems = yield* Problems
      const expiresAt = Option.getOrUndefined(expires)
      const asked = { path: yield* managed(path), problemClass: rule, reason, operator, expiresAt }
      yield* tell(yield* problems.override(asked), json)
    }).pipe(Effect.provide(overQueue(config))),
).pipe(
  Command.withDescription(
    "Puts on record that a rule doesn't hold for a project or a run, and queues it if nothing blocks it any more.",
  ),
)

const overrideId = textArgument(
  "override",
  "The override's id, as `override` printed it and `history` lists it",
)

/** Takes an override back. */
export const revoke = Command.make(
  "revoke",
  { config, json, reason, operator, path, overrideId },
  ({ config, json, operator, overrideId, path, reason }) =>
    Effect.gen(function* () {
      const problems = yield* Problems
      const asked = { path: yield* managed(path), overrideId, reason, operator }
      yield* tell(yield* problems.revoke(asked), json)
    }).pipe(Effect.provide(overQueue(config))),
).pipe(Command.withDescription("Takes an override back, on record; what is synced stays so."))
