import { Effect, Layer, Schema, Stream } from "effect"
import { ProblemWatch } from "../../../src/audit/ProblemWatch.ts"
import { type AuditScope, isWithin } from "../../../src/domain/AuditScope.ts"
import type { Finding } from "../../../src/domain/Finding.ts"
import { ProblemsFrame } from "../../../src/domain/FindingsDelta.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { findingLine } from "../findings.ts"
import { Output } from "../Output.ts"

/** What is known after the first pass is where somebody begins who watches from here. */
const asFirst = (frame: ProblemsFrame): ProblemsFrame =>
  frame.kind === "delta" && frame.pass === 1
    ? { kind: "snapshot", at: frame.at, pass: frame.pass, findings: frame.added }
    : frame

/** What of a frame lies in a scope. */
const within = (scope: AuditScope, frame: ProblemsFrame): ProblemsFrame => {
  const own = (findings: ReadonlyArray<Finding>) =>
    scope.level === "all" ? findings : findings.filter(({ runPath }) => isWithin(scope, runPath))
  return frame.kind === "snapshot"
    ? { ...frame, findings: own(frame.findings) }
    : { ...frame, added: own(frame.added), removed: own(frame.removed), changed: own(frame.changed) }
}

const marked =
  (mark: string) =>
  (finding: Finding): string =>
    `${mark} ${findingLine(finding)}`

const linesOf = (frame: ProblemsFrame): ReadonlyArray<string> =>
  frame.kind === "snapshot"
    ? frame.findings.map(marked("+"))
    : [...frame.removed.map(marked("-")), ...frame.changed.map(marked("~")), ...frame.added.map(marked("+"))]

const encode = Schema.encode(Schema.parseJson(ProblemsFrame))

/** Whoever watches wants passes, whatever the service's settings say of its own. */
const watchLayer = Layer.unwrapEffect(
  Effect.map(Settings, (settings) =>
    Layer.provide(
      ProblemWatch.layer,
      Settings.layer({ ...settings, audit: { ...settings.audit, enabled: true } }),
    ),
  ),
)

/** Tells what is wrong, and then what changes, pass by pass; a frame a line as JSON. */
export const watch = (scope: AuditScope, json: boolean) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { changes } = yield* ProblemWatch
    yield* Stream.runForEach(changes, (whole) => {
      // Before the first pass nothing is known.
      if (whole.pass === 0) return Effect.void
      const frame = within(scope, asFirst(whole))
      if (json) return Effect.flatMap(Effect.orDie(encode(frame)), result)
      const lines = linesOf(frame)
      return lines.length === 0 && frame.kind === "snapshot"
        ? note("nothing is wrong")
        : Effect.forEach(lines, result, { discard: true })
    })
  }).pipe(Effect.provide(watchLayer))
