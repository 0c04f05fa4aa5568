import { Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { SyncService } from "../../../src/ports/SyncService.ts"
import { config, json, pathArgument, textArgument, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { managed, overQueue, path, showJob } from "./common.ts"

const equipment = textArgument("equipment", "The equipment's id, as the settings have it")

const replace = Options.boolean("replace").pipe(
  Options.withDescription(
    "Takes another target in the place of the one that is known, and has all copied there",
  ),
)

/** Marks a target as the one that is meant. */
export const initTarget = Command.make(
  "init-target",
  { config, json, replace, equipment },
  ({ config, equipment, json, replace }) =>
    Effect.gen(function* () {
      const { note, result } = yield* Output
      const { initTarget } = yield* SyncService
      const { leftBehind, queuedAgain, targetId } = yield* initTarget(equipment, { replace })
      const counts = { queued_again: queuedAgain, left_behind: leftBehind }
      yield* result(json ? toJson({ equipment_id: equipment, target_id: targetId, ...counts }) : targetId)
      if (queuedAgain > 0) yield* note(`${queuedAgain} directories are copied again`)
      if (leftBehind > 0) {
        yield* note(
          `! the data of ${leftBehind} directories that were cleaned up are on the former target only`,
        )
      }
    }).pipe(Effect.provide(overQueue(config))),
).pipe(
  Command.withDescription(
    "Marks the NAS folder of an equipment as its target, once; without the mark nothing is copied there.",
  ),
)

/** Queues a directory for the service that runs. */
export const enqueue = Command.make("enqueue", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const { enqueue } = yield* SyncService
    yield* showJob(yield* enqueue(yield* managed(path)), json)
  }).pipe(Effect.provide(overQueue(config))),
).pipe(
  Command.withDescription(
    "Queues a project or a run to be copied by the service, or to be brought up to date.",
  ),
)

const pathOrJob = pathArgument("path-or-job", "The folder of a project or a run, or a job's id")

/** Begins a failed job anew; by its id, or by the directory that it copies. */
export const retry = Command.make("retry", { config, json, pathOrJob }, ({ config, json, pathOrJob }) =>
  Effect.gen(function* () {
    const { job, retry, status } = yield* SyncService
    const found = yield* job(pathOrJob).pipe(
      Effect.catchTag("JobNotFound", () => Effect.flatMap(managed(pathOrJob), status)),
    )
    yield* showJob(yield* retry(found.id), json)
  }).pipe(Effect.provide(overQueue(config))),
).pipe(Command.withDescription("Begins a failed job anew; one that waits for its next try goes on at once."))
