import { Context, type Effect, Schema } from "effect"
import type { SyncTarget } from "../domain/SyncJob.ts"

/** The directory could not be queued. It stays `pending` and is queued later. */
export class EnqueueRefused extends Schema.TaggedError<EnqueueRefused>()("EnqueueRefused", {
  path: Schema.String,
  reason: Schema.String,
}) {
  readonly code = "io_error"
  override get message(): string {
    return `${this.path} could not be queued for the NAS: ${this.reason}`
  }
}

/** The sync as the controller sees it: one call, made when a directory is published and not blocked. */
export class NasSync extends Context.Tag("exlab-wizard/NasSync")<
  NasSync,
  {
    /** Durable when it returns. The caller interrupts it after five seconds. */
    readonly enqueue: (target: SyncTarget) => Effect.Effect<void, EnqueueRefused>
  }
>() {}
