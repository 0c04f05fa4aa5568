import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { legible } from "./NameRules.ts"

/** A path leads to no directory below the local root: to nothing, out of it, or behind a link. */
export class DirectoryNotFound extends Schema.TaggedError<DirectoryNotFound>()(
  "DirectoryNotFound",
  { path: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "not_found"
  get details() {
    return { path: legible(this.path) }
  }
  override get message(): string {
    return `${legible(this.path)} ${this.reason}`
  }
}
