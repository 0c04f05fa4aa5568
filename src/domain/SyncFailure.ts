import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

/**
 * What is to be done about a failure: `transient` is tried again with growing pauses, `target_away` and
 * `target_full` stop everything for that target until it is back, `source_changed` waits until the files
 * rest, `permanent` needs a person.
 */
export const SyncFailureClass = Schema.Literal(
  "transient",
  "target_away",
  "target_full",
  "source_changed",
  "permanent",
)
export type SyncFailureClass = typeof SyncFailureClass.Type

/** A transport could not do what it was asked to. The reason is for people and holds no secret. */
export class SyncFailure extends Schema.TaggedError<SyncFailure>()(
  "SyncFailure",
  {
    class: SyncFailureClass,
    reason: Schema.String,
    /** Relative paths of the files that it was about, where the tool tells them; at most 100. */
    files: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  },
  HttpApiSchema.annotations({ status: 500 }),
) {
  readonly code = "io_error"
  get details() {
    return { class: this.class, files: this.files }
  }
  override get message(): string {
    return this.reason
  }
}
