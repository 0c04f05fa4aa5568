import { Command } from "@effect/cli"
import { Effect, Schema } from "effect"
import { Problems } from "../../../src/audit/Problems.ts"
import {
  type OverrideEntry,
  OverrideHistory,
  type RevocationEntry,
} from "../../../src/domain/OverrideHistory.ts"
import { config, json, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { inOneLine } from "../../../src/domain/NameRules.ts"
import { managed, overQueueAsItIs, path } from "../sync/common.ts"

const encode = Schema.encode(OverrideHistory)

/** People's own words, kept to one field of one line. */
const field = (text: string): string => inOneLine(text.replace(/\s+/g, " "))

const lineOf = ({
  expiresAt,
  id,
  operator,
  problemClass,
  reason,
  recordedAt,
  state,
}: OverrideEntry): string =>
  [id, state, problemClass, operator, recordedAt, expiresAt ?? "", reason].map(field).join("\t")

const revocationLine = ({ operator, reason, recordedAt }: RevocationEntry): string =>
  `  revoked ${field(recordedAt)} by ${field(operator)}: ${field(reason)}`

/** Reads what `creation.json` says of overrides, and nothing else. */
export const history = Command.make("history", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { history } = yield* Problems
    const { path: place, ...all } = yield* history(yield* managed(path))
    if (json) return yield* result(toJson({ path: place, ...(yield* Effect.orDie(encode(all))) }))
    for (const entry of all.overrides) {
      yield* result(lineOf(entry))
      for (const revocation of entry.revocations) yield* result(revocationLine(revocation))
    }
    for (const { id, revokes } of all.dangling) yield* note(`! ${id} revokes ${revokes}, which isn't there`)
  }).pipe(Effect.provide(overQueueAsItIs(config))),
).pipe(
  Command.withDescription(
    "Tells who overruled which rule for a directory, when and why, and whether it holds.",
  ),
)
