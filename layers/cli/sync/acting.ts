import { Command } from "@effect/cli"
import { Effect } from "effect"
import { SyncService } from "../../../src/ports/SyncService.ts"
import { config, json, pathArgument, textArgument, toJson } from "../common.ts"
import { Output } from "../Output.ts"
import { managed, overQueue, path, showJob } from "./common.ts"

const equipment = textArgument("equipment", "The equipment's id, as the settings have it")

/** Marks a target as the one that is meant. */
export const initTarget = Command.make(
  "init-target",
  { config, json, equipment },
  ({ config, equipment, json }) =>
    Effect.gen(function* () {
      const { result } = yield* Output
      const id = yield* (yield* SyncService).initTarget(equipment)
      yield* result(json ? toJson({ equipment_id: equipment, target_id: id }) : id)
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
