import { Effect, Schema } from "effect"
import { Finding } from "../../src/domain/Finding.ts"

const encode = Schema.encode(Schema.Array(Finding))

/** As they are over HTTP. */
export const toWire = (findings: ReadonlyArray<Finding>) => Effect.orDie(encode(findings))

export const findingLine = ({ offendingPath, overrideActive, rule, ruleDetail, tier }: Finding): string =>
  `${offendingPath} ${tier} ${rule}${overrideActive ? " (overridden)" : ""}: ${ruleDetail}`
