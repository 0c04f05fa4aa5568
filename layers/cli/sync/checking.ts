import { Command } from "@effect/cli"
import { Effect, Schema } from "effect"
import { Problems } from "../../../src/audit/Problems.ts"
import { VerifyReport } from "../../../src/domain/SyncJob.ts"
import { SyncService } from "../../../src/ports/SyncService.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { config, json, toJson } from "../common.ts"
import { findingLine, toWire } from "../findings.ts"
import { Output } from "../Output.ts"
import { inOneLine } from "../../../src/domain/NameRules.ts"
import { managed, overQueue, path, standing } from "./common.ts"

const encodeReport = Schema.encode(VerifyReport)

const differencesIn = ({ different, missing, unstable }: VerifyReport): ReadonlyArray<string> => [
  ...missing.map((file) => `missing\t${inOneLine(file)}`),
  ...different.map((file) => `different\t${inOneLine(file)}`),
  ...unstable.map((file) => `changing\t${inOneLine(file)}`),
]

/** Compares a directory with its copy now. */
export const verify = Command.make("verify", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { verify } = yield* SyncService
    const report = yield* verify(yield* managed(path))
    const differences = differencesIn(report)
    if (json) yield* result(toJson(yield* Effect.orDie(encodeReport(report))))
    else for (const line of differences) yield* result(line)
    for (const file of report.skipped)
      yield* note(`! ${inOneLine(file)} is a link or special, and isn't copied`)
    for (const file of report.extra) yield* note(`! ${inOneLine(file)} is on the NAS only, and stays there`)
    if (report.ok)
      return json
        ? undefined
        : yield* note(`the copy is the same: ${report.files} files, ${report.bytes} bytes`)
    return yield* new CommandFailed({
      message: `${differences.length} of ${report.files} files aren't the same on the NAS; ${report.remedy ?? ""}`,
    })
  }).pipe(Effect.provide(overQueue(config))),
).pipe(Command.withDescription("Compares a project or a run with its copy on the NAS, byte for byte."))

/** Has the gate look again, after something was mended. */
export const revalidate = Command.make("revalidate", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { revalidate } = yield* Problems
    const { blocked, findings, path: place, syncStatus } = yield* revalidate(yield* managed(path))
    if (json) {
      const findingsNow = yield* toWire(findings)
      yield* result(toJson({ path: place, sync_status: syncStatus, blocked, findings: findingsNow }))
    } else {
      for (const finding of findings) yield* result(findingLine(finding))
      yield* note(yield* standing(place, syncStatus))
    }
    if (syncStatus === "blocked_by_validation") {
      return yield* new CommandFailed({
        message: "hard findings keep it from the NAS: mend or override them, then revalidate",
      })
    }
  }).pipe(Effect.provide(overQueue(config))),
).pipe(
  Command.withDescription("Looks for findings again; a directory that nothing blocks any more is queued."),
)
