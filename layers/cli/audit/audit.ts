import { Args, Command, Options } from "@effect/cli"
import { Effect, Stream } from "effect"
import { Audit } from "../../../src/audit/Audit.ts"
import { type AuditScope, scopeName } from "../../../src/domain/AuditScope.ts"
import type { Finding, Tier } from "../../../src/domain/Finding.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { config, json, pathArgument, toJson } from "../common.ts"
import { findingLine, toWire } from "../findings.ts"
import { Output } from "../Output.ts"
import { overQueue } from "../sync/common.ts"
import { scopeOf } from "./scope.ts"
import { watch } from "./watch.ts"

const path = Args.optional(
  pathArgument("path", "The folder of an equipment, a project or a run; left out: everything"),
)

const watching = Options.boolean("watch").pipe(
  Options.withDescription("Goes on, and tells what changes, until it is interrupted"),
)

/** Hard findings as they come, soft ones after them; how far it is goes to standard error. */
const look = Effect.fnUntraced(function* (scope: AuditScope, asJson: boolean) {
  const { note, progress, result } = yield* Output
  const { audit } = yield* Audit
  const found: Record<Tier, Array<Finding>> = { hard: [], soft: [] }
  const show = (finding: Finding) => (asJson ? Effect.void : result(findingLine(finding)))
  let directories = 0
  yield* Stream.runForEach(audit(scope), (event) => {
    if (event.kind === "progress") {
      directories = event.looked
      return event.looked % 100 === 0 || event.looked === event.total
        ? progress(`  ${event.looked}/${event.total} directories`)
        : Effect.void
    }
    const { finding } = event
    found[finding.tier].push(finding)
    return finding.tier === "hard" ? show(finding) : Effect.void
  })
  yield* Effect.forEach(found.soft, show, { discard: true })
  const findings = [...found.hard, ...found.soft]
  const hard = found.hard.filter(({ overrideActive }) => !overrideActive).length
  if (asJson) {
    const wire = yield* toWire(findings)
    yield* result(toJson({ scope: scope.path, directories, findings: wire }))
  }
  if (hard > 0) {
    return yield* new CommandFailed({
      message: `${hard} of ${findings.length} findings keep a directory from the NAS: mend them, or override them with \`exlab-wizard problems override\``,
    })
  }
  return yield* note(`${scopeName(scope)}: ${directories} directories, ${findings.length} findings`)
})

/** Looks at what stands. */
export const audit = Command.make(
  "audit",
  { config, json, watch: watching, path },
  ({ config, json, path, watch: goesOn }) =>
    Effect.gen(function* () {
      const scope = yield* scopeOf(path)
      if (goesOn) yield* watch(scope, json)
      else yield* look(scope, json)
    }).pipe(Effect.provide(overQueue(config))),
).pipe(
  Command.withDescription(
    "Looks for what is wrong with everything that stands, with an equipment, a project or a run. Hard findings come first, each kind directory by directory.",
  ),
)
