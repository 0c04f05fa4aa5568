import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { printable } from "./NameRules.ts"
import { wireStruct } from "./wire.ts"

/** `ro-crate`: RO-Crate 1.2 (https://w3id.org/ro/crate/1.2); `bagit`: BagIt 1.0 (RFC 8493). */
export const ExportFormat = Schema.Literal("ro-crate", "bagit")
export type ExportFormat = typeof ExportFormat.Type

export const ExportReport = wireStruct({
  /** The folder or the archive that was made. */
  path: Schema.String,
  format: ExportFormat,
  /** Files of the run, without what describes them. */
  files: Schema.Int,
  bytes: Schema.Int,
  /** Links and special files, relative to the run: they were left out. */
  skipped: Schema.Array(Schema.String),
})
export type ExportReport = typeof ExportReport.Type

/** The export can't be made as things are; the message says what to do. Nothing was written. */
export class ExportRefused extends Schema.TaggedError<ExportRefused>()(
  "ExportRefused",
  { path: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "validation_failed"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}

/** A file changed, came or went while the directory was exported. Nothing is left of the export. */
export class ExportSourceChanged extends Schema.TaggedError<ExportSourceChanged>()(
  "ExportSourceChanged",
  { path: Schema.String },
  HttpApiSchema.annotations({ status: 409 }),
) {
  readonly code = "io_error"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${printable(this.path)} changed while it was exported: export again when nobody writes there any more`
  }
}

/** A file of an export, as it was copied. */
export interface ExportedFile {
  /** Relative to the run, `/` between segments. */
  readonly path: string
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
}
