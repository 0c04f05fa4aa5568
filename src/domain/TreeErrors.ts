import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

/** A question about the managed tree that has no answer anywhere: nobody looks for one. */
export class TreeRefused extends Schema.TaggedError<TreeRefused>()(
  "TreeRefused",
  {
    field: Schema.Literal("path", "limit", "cursor"),
    /** As the rest of a sentence. */
    reason: Schema.String,
  },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "validation_failed"
  get details() {
    return { issues: [{ field: this.field, code: this.code, message: this.reason }] }
  }
  override get message(): string {
    return `${this.field}: ${this.reason}`
  }
}

/** There is no directory at a path below the local root. */
export class DirectoryNotFound extends Schema.TaggedError<DirectoryNotFound>()(
  "DirectoryNotFound",
  { path: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "not_found"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}
