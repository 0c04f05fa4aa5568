import { Effect, Schema } from "effect"
import { metadataFolder } from "../../src/domain/Destination.ts"
import { Finding } from "../../src/domain/Finding.ts"
import { inOneLine } from "../../src/domain/NameRules.ts"

const encode = Schema.encode(Schema.Array(Finding))

/** As they are over HTTP. */
export const toWire = (findings: ReadonlyArray<Finding>) => Effect.orDie(encode(findings))

/** Whether it says that a directory has no record that can be read. */
export const isOfNoRecord = ({ offendingPath, rule, runPath }: Finding): boolean =>
  rule === "orphan" ||
  (rule === "unreadable_record" &&
    ["", `/${metadataFolder}`, `/${metadataFolder}/creation.json`].some(
      (below) => offendingPath === `${runPath}${below}`,
    ))

/** In one line: where, how bad, which rule, and what is wrong. */
export const findingLine = (finding: Finding): string => {
  const { line, offendingPath, overrideActive, rule, ruleDetail, syncedUnderPriorPolicy, tier } = finding
  const path = inOneLine(offendingPath)
  const place = line === undefined ? path : `${path}:${line}`
  const notes = [
    ...(overrideActive ? ["overridden"] : []),
    ...(syncedUnderPriorPolicy ? ["synced before"] : []),
  ]
  return `${place} ${tier} ${rule}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}: ${inOneLine(ruleDetail)}`
}
