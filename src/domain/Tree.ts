import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

/** What a directory of the managed tree is, by where it stands. */
export const TreeKind = Schema.Literal("root", "equipment", "project", "runs", "run", "folder")
export type TreeKind = typeof TreeKind.Type

const EntryKind = Schema.Literal(
  "equipment",
  "project",
  "runs",
  "run",
  "folder",
  "file",
  /** A symbolic link. Nobody follows it. */
  "link",
  /** A socket, a pipe, a device. */
  "other",
)

/** What the records of a project or a run say of it, in short. Null is what they don't say. */
export const RecordSummary = wireStruct({
  label: Schema.NullOr(Schema.String),
  runKind: Schema.NullOr(Schema.String),
  syncStatus: Schema.NullOr(Schema.String),
  createdAt: Schema.NullOr(Schema.String),
  /** Why a record couldn't be read; null when all could. */
  problem: Schema.NullOr(Schema.String),
})
export type RecordSummary = typeof RecordSummary.Type

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const TreeEntry = wireStruct({
  /** For people: a byte that isn't UTF-8 is written `\xff`. */
  name: Schema.String,
  /** Below the local root, to ask for it; null when no text can name it. */
  path: Schema.NullOr(Schema.String),
  kind: EntryKind,
  /** Bytes of a file. */
  size: Schema.NullOr(Schema.Number),
  /** ISO-8601, UTC; null when nothing is there, or nothing can be seen of it. */
  modifiedAt: Schema.NullOr(Schema.String),
  /** Of the root's entries. */
  equipment: optional(
    wireStruct({
      label: Schema.String,
      /** Whether the settings know it. */
      registered: Schema.Boolean,
    }),
  ),
  /** Of projects and runs. */
  record: optional(RecordSummary),
  /** Why there isn't more to be said. */
  problem: optional(Schema.String),
})
export type TreeEntry = typeof TreeEntry.Type

/** One level of the managed tree, a page of it. */
export const TreePage = wireStruct({
  /** Below the local root; empty for the root itself. */
  path: Schema.String,
  kind: TreeKind,
  /** By name. A project's runs come first, then its test runs, then its own files. */
  entries: Schema.Array(TreeEntry),
  nextCursor: Schema.NullOr(Schema.String),
})
export type TreePage = typeof TreePage.Type
