import { Command } from "@effect/cli"
import { Effect, Layer, type Option, Schema } from "effect"
import { DriftCheck } from "../../src/audit/DriftCheck.ts"
import { SyncGate } from "../../src/audit/SyncGate.ts"
import { DriftReport, type DriftStatus, type FileDrift } from "../../src/domain/Drift.ts"
import { inOneLine } from "../../src/domain/NameRules.ts"
import * as FrontMatterReadme from "../readme/FrontMatterReadme.ts"
import * as JsonCreationWriter from "../records/JsonCreationWriter.ts"
import * as HandlebarsTemplateEngine from "../templates/HandlebarsTemplateEngine.ts"
import * as RuleValidator from "../validator/RuleValidator.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { base, config, json, toJson } from "./common.ts"
import { Output } from "./Output.ts"
import { managed, path } from "./sync/common.ts"

/** Nothing that writes when it starts, or clears up behind others. */
const overDisk = (config: Option.Option<string>) =>
  DriftCheck.layer.pipe(
    Layer.provide(SyncGate.layer),
    Layer.provide([
      FrontMatterReadme.layer,
      HandlebarsTemplateEngine.layer,
      JsonCreationWriter.layer,
      RuleValidator.layer,
    ]),
    Layer.provideMerge(base(config)),
  )

const encode = Schema.encode(DriftReport)

/** What a person has to look at; what was added is only counted. */
const shown: ReadonlySet<DriftStatus> = new Set(["changed", "missing", "not_reproduced", "not_verifiable"])

const lineOf = ({ detail, path, status }: FileDrift): string =>
  [status, path, ...(detail === null ? [] : [detail])].map(inOneLine).join("\t")

const countsLine = ({ counts }: DriftReport): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(", ")

/** What wasn't compared, and why. */
const remarksOn = ({ sources, template }: DriftReport): ReadonlyArray<string> => [
  ...(template.status === "matches"
    ? []
    : [`template ${template.name} (${template.status}): ${template.detail}`]),
  ...sources.flatMap(({ detail, source, state }) =>
    state === "broken" || state === "partly" ? [`${source} (${state}): ${detail}`] : [],
  ),
]

/** Compares a directory with what is on record of it. */
export const verify = Command.make("verify", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { check } = yield* DriftCheck
    const report = yield* check(yield* managed(path))
    if (json) yield* result(toJson(yield* Effect.orDie(encode(report))))
    else
      for (const file of report.files.filter(({ status }) => shown.has(status))) yield* result(lineOf(file))
    for (const remark of remarksOn(report)) yield* note(`! ${remark}`)
    if (report.ok) return json ? undefined : yield* note(`nothing drifted: ${countsLine(report)}`)
    return yield* new CommandFailed({
      message: `${report.path} isn't all as it was made: ${countsLine(report)}`,
    })
  }).pipe(Effect.provide(overDisk(config))),
).pipe(
  Command.withDescription(
    "Compares a project or a run with what was published, what its template and answers give, and what was synced.",
  ),
)
