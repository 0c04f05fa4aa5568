import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { CreationRecord } from "../../src/domain/CreationRecord.ts"
import { type Child, forkProgram } from "../support/childProcess.ts"
import { leftInStaging } from "./surroundings.ts"
import { wholenessProblems } from "./wholeness.ts"

/** One operation, before or after which a process stands still until it is told to go on. */
export interface Stop {
  readonly when: "before" | "after"
  readonly operation: "rename" | "renameNew" | "lstat"
  /** How a path of the operation ends. */
  readonly path: string
}

export type Command =
  | { readonly _tag: "Create"; readonly shortId: string; readonly stop?: Stop }
  | { readonly _tag: "Go" }
  | { readonly _tag: "End" }

const Report = Schema.Union(
  Schema.TaggedStruct("Standing", {}),
  Schema.TaggedStruct("Ended", {
    sessionId: Schema.String,
    state: Schema.String,
    code: Schema.NullOr(Schema.String),
  }),
)
export type Report = typeof Report.Type

const decode = Schema.decodeUnknown(Report)

/** A process that creates projects. */
export interface Rival {
  readonly child: Child
  readonly tell: (command: Command) => Effect.Effect<void>
  readonly report: Effect.Effect<Report>
}

export const rival = (root: string) =>
  Effect.gen(function* () {
    const child = yield* forkProgram(new URL("./rival.ts", import.meta.url), [root])
    const report = Effect.orDie(Effect.flatMap(child.next, (message) => decode(message)))
    yield* report
    const self: Rival = { child, tell: child.send, report }
    return self
  })

/** Begins a creation and goes on when it stands. */
export const standAt = ({ report, tell }: Rival, shortId: string, stop: Stop) =>
  Effect.gen(function* () {
    yield* tell({ _tag: "Create", shortId, stop })
    const reported = yield* report
    if (reported._tag !== "Standing") return yield* Effect.dieMessage("it didn't stop where it was told to")
  })

export const goOn = ({ report, tell }: Rival) => Effect.zipRight(tell({ _tag: "Go" }), report)

export const createWhole = ({ report, tell }: Rival, shortId: string) =>
  Effect.zipRight(tell({ _tag: "Create", shortId }), report)

/** Where a process stands when it… */
export const stops = {
  isAboutToClaim: (shortId: string): Stop => ({
    when: "before",
    operation: "rename",
    path: `/staging/${shortId}`,
  }),
  hasClaimed: (shortId: string): Stop => ({
    when: "after",
    operation: "rename",
    path: `/staging/${shortId}`,
  }),
  isAboutToPublish: (shortId: string): Stop => ({
    when: "before",
    operation: "renameNew",
    path: `/${shortId}`,
  }),
  hasPublished: (shortId: string): Stop => ({ when: "after", operation: "renameNew", path: `/${shortId}` }),
} as const

const readRecord = Schema.decodeSync(Schema.parseJson(CreationRecord))

/** What is wrong after several processes wanted one project: one made it, the others were told so. */
export const verdict = (root: string, shortId: string, reports: ReadonlyArray<Report>) =>
  Effect.sync(() => {
    const directory = join(root, "local", "FRESH_01", shortId)
    const outcomes = reports.map((report) =>
      report._tag === "Ended" ? (report.code ?? report.state) : report._tag,
    )
    const expected = ["done", ...reports.slice(1).map(() => "destination_exists")]
    const winner = reports.find((report) => report._tag === "Ended" && report.state === "done")
    const incomplete = wholenessProblems(directory, "pending")
    const maker =
      incomplete.length > 0
        ? undefined
        : readRecord(readFileSync(join(directory, ".exlab-wizard", "creation.json"), "utf8")).provenance
            .session_id
    return [
      ...([...outcomes].sort().join() === expected.sort().join()
        ? []
        : [`they ended ${outcomes.join(", ")}`]),
      ...incomplete,
      ...(winner?._tag === "Ended" && winner.sessionId === maker
        ? []
        : ["the winner didn't make what is there"]),
      ...leftInStaging(root),
    ].map((text) => `${shortId}: ${text}`)
  })
