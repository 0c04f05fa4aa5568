import { Args, Command, Options } from "@effect/cli"
import { DateTime, Effect, Option, Schema } from "effect"
import { type SyncJob, SyncJobChange, SyncJobState } from "../../../src/domain/SyncJob.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import type { JobFilter, TargetPause } from "../../../src/ports/SyncQueue.ts"
import { SyncGate } from "../../../src/audit/SyncGate.ts"
import { SyncService } from "../../../src/ports/SyncService.ts"
import { standsWithoutJob } from "../../nas/sync/withoutJob.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { config, json, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { lineOf, managed, overQueueAsItIs, path, toWire } from "./common.ts"

const state = Options.choice("state", SyncJobState.literals).pipe(
  Options.withDescription("Only jobs in this state"),
  Options.optional,
)

const pageSize = 1000

/** Every job, oldest first, page by page. */
const allJobs = (
  filter: JobFilter,
): Effect.Effect<
  ReadonlyArray<SyncJob>,
  Effect.Effect.Error<ReturnType<typeof SyncService.Service.jobs>>,
  SyncService
> =>
  Effect.gen(function* () {
    const { jobs } = yield* SyncService
    const page = yield* jobs({ ...filter, limit: pageSize })
    const last = page.at(-1)
    return last === undefined || page.length < pageSize
      ? page
      : [...page, ...(yield* allJobs({ ...filter, after: last.id }))]
  })

const timeOf = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

const pauseToWire = ({ equipmentId, reason, since, until }: TargetPause) => ({
  equipment_id: equipmentId,
  reason,
  since: timeOf(since),
  until: timeOf(until),
})

/** Why nothing is copied at all; null when something may be. */
const standstill = Effect.map(Settings, ({ equipment, sync }) => {
  if (!sync.enabled) return "the settings have switched the sync off: `sync.enabled`"
  return equipment.some(({ transport }) => transport !== undefined)
    ? null
    : "nothing is copied: no equipment has a `transport` in the settings"
})

const showAll = Effect.fnUntraced(function* (filter: JobFilter, json: boolean) {
  const { note, result } = yield* Output
  const { standing } = yield* SyncService
  const jobs = yield* allJobs(filter)
  const { pausedTargets, problems } = yield* standing
  if (json) {
    const wire = yield* Effect.forEach(jobs, toWire)
    return yield* result(toJson({ jobs: wire, paused_targets: pausedTargets.map(pauseToWire), problems }))
  }
  for (const job of jobs) yield* result(lineOf(job))
  if (jobs.length === 0) yield* note((yield* standstill) ?? "there are no such jobs")
  for (const { equipmentId, reason, until } of pausedTargets) {
    yield* note(`! ${equipmentId} waits until ${timeOf(until)}: ${reason}`)
  }
  for (const problem of problems) yield* note(`! ${problem}`)
})

const encodeChange = Schema.encode(SyncJobChange)

const changeLine = ({ at, files, from, reason, to }: SyncJobChange): string =>
  `${at}  ${from === null ? "" : `${from} → `}${to}${files === 0 ? "" : `, ${files} files`}${reason === "" ? "" : `: ${reason}`}`

/** Fails with how a directory stands that has no job; what is none passes. */
const tellWithoutJob = Effect.fnUntraced(function* (path: string) {
  const { locate } = yield* SyncGate
  const destination = yield* Effect.option(locate(path))
  if (Option.isNone(destination)) return
  const { path: place } = destination.value
  return yield* new CommandFailed({ message: `${place}: ${yield* standsWithoutJob(place)}` })
})

const showOne = Effect.fnUntraced(function* (path: string, json: boolean) {
  const { result } = yield* Output
  const { history, status } = yield* SyncService
  const place = yield* managed(path)
  const job = yield* Effect.catchTag(status(place), "JobNotFound", (none) =>
    Effect.zipRight(tellWithoutJob(place), Effect.fail(none)),
  )
  const changes = yield* history(job.id)
  if (json) {
    const wire = yield* Effect.orDie(Effect.forEach(changes, (change) => encodeChange(change)))
    return yield* result(toJson({ job: yield* toWire(job), history: wire }))
  }
  yield* result(lineOf(job))
  for (const change of changes) yield* result(`  ${changeLine(change)}`)
})

/** How the jobs stand, or one directory's job with what it went through. */
export const status = Command.make(
  "status",
  { config, json, state, path: Args.optional(path) },
  ({ config, json, path, state }) =>
    Option.match(path, {
      onNone: () =>
        showAll(Option.match(state, { onNone: () => ({}), onSome: (one) => ({ states: [one] }) }), json),
      onSome: (one) => showOne(one, json),
    }).pipe(Effect.provide(overQueueAsItIs(config))),
).pipe(
  Command.withDescription(
    "Shows what is copied to the NAS and how it stands; of one directory, also what happened before.",
  ),
)
