import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

export const PreviewFile = wireStruct({
  /** Relative to the directory. */
  path: Schema.String,
  origin: Schema.Literal("rendered", "copied"),
  /** Bytes. */
  size: Schema.Int,
})
export type PreviewFile = typeof PreviewFile.Type

/** A plugin that would run, and the files that it would be given. */
export const PreviewPlugin = wireStruct({ name: Schema.String, files: Schema.Array(Schema.String) })
export type PreviewPlugin = typeof PreviewPlugin.Type

/** What a request would come to before plugins change it. README.md and the service's records come besides. */
export const Preview = wireStruct({
  /** Absolute; of a run without a date, that of this moment. */
  destination: Schema.String,
  directories: Schema.Array(Schema.String),
  files: Schema.Array(PreviewFile),
  plugins: Schema.Array(PreviewPlugin),
  /** What the file that was asked for would say; null when none was, or one that is copied. */
  text: Schema.NullOr(Schema.String),
}).annotations({ identifier: "Preview" })
export type Preview = typeof Preview.Type
