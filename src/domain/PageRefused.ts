import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

/** There is no such page: what was asked for is no page's. */
export class PageRefused extends Schema.TaggedError<PageRefused>()(
  "PageRefused",
  {
    field: Schema.Literal("limit", "cursor"),
    /** As the rest of a sentence. */
    reason: Schema.String,
  },
  HttpApiSchema.annotations({ status: 400 }),
) {
  readonly code = "malformed_request"
  get details() {
    return { issues: [{ field: this.field, message: this.reason }] }
  }
  override get message(): string {
    return `${this.field}: ${this.reason}`
  }
}

/** Of a cursor that no page gave. */
export const cursorRefused = (): PageRefused =>
  new PageRefused({ field: "cursor", reason: "must be the `next_cursor` of a page" })
