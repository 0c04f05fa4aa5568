import { Args, Command, Options } from "@effect/cli"
import { Effect, Stream } from "effect"
import { Audit } from "../../../src/audit/Audit.ts"
import { type AuditScope, scopeName } from "../../../src/domain/AuditScope.ts"
import { type Finding, orderFindings, type Tier } from "../../../src/domain/Finding.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { config, json, pathArgument, toJson } from "../common.ts"
import { findingLine, isOfNoRecord, toWire } from "../findings.ts"
import { Output } from "../Output.ts"
import { overQueueAsItIs } from "../sync/common.ts"
import { scopeOf } from "./scope.ts"
import { watch } from "./watch.ts"

const path = Args.optional(
  pathArgument("path", "The folder of an equipment, a project or a run; left out: everything"),
)

const watching = Options.boolean("watch").pipe(
  Options.withDescription("Goes on, and tells what changes, until it is interrupted"),
)

const overriding = "override them with `exlab-wizard problems override`"

/** Without a record that can be read there is nothing to keep an override in. */
const remedy = (blocking: ReadonlyArray<Finding>, findings: ReadonlyArray<Finding>): string => {
  const unrecorded = new Set(findings.filter(isOfNoRecord).map(({ runPath }) => runPath))
  const others = blocking.filter(({ runPath }) => !unrecorded.has(runPath)).length
  if (others === 0) return "mend them; without a creation.json they can't be overridden"
  return others === blocking.length
    ? `mend them, or ${overriding}`
    : `mend them, or ${overriding} where there is a creation.json`
}

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
  const blocking = found.hard.filter(({ overrideActive }) => !overrideActive)
  if (asJson) {
    const wire = yield* toWire(findings.toSorted(orderFindings))
    yield* result(toJson({ scope: scope.path, directories, findings: wire }))
  }
  if (blocking.length > 0) {
    const message = `${blocking.length} of ${findings.length} findings keep a directory from the NAS: ${remedy(blocking, findings)}`
    return yield* new CommandFailed({ message })
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
    }).pipe(Effect.provide(overQueueAsItIs(config))),
).pipe(
  Command.withDescription(
    "Looks for what is wrong with everything that stands, with an equipment, a project or a run. Hard findings come first, each kind directory by directory.",
  ),
)
