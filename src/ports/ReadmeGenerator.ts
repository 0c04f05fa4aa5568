import { Context, type DateTime, type Effect } from "effect"
import type { RunKind } from "../domain/CreateRequest.ts"
import type { FileDigest, ReadmeFields } from "../domain/CreationRecord.ts"
import type { DiskError } from "../domain/Errors.ts"
import type { Json } from "../domain/Json.ts"
import type { ReadmeLayers } from "../domain/ReadmeFieldLayers.ts"
import type { ResolvedTemplate } from "../domain/Template.ts"

export interface ReadmeContext {
  readonly level: "project" | "run"
  readonly label: string
  readonly operator: string
  readonly objective: string
  readonly equipment: { readonly id: string; readonly label: string }
  readonly projectShortId: string
  readonly runKind: RunKind
  /** The leaf folder; null for a project. */
  readonly runName: string | null
  readonly createdAt: DateTime.Utc
  readonly variables: Readonly<Record<string, Json>>
  readonly template: ResolvedTemplate
  readonly layers: ReadmeLayers
  /** Rendered prose below the front matter; null: the generator's own. */
  readonly body: string | null
}

/** Writes `README.md`: front matter that machines read, prose that people read. */
export class ReadmeGenerator extends Context.Tag("exlab-wizard/ReadmeGenerator")<
  ReadmeGenerator,
  {
    /** Writes the file into a directory and returns what `readme_fields.json` will hold. */
    readonly generate: (directory: string, context: ReadmeContext) => Effect.Effect<ReadmeFields, DiskError>
    /** What the file of these fields is, byte for byte, also of those read back from `readme_fields.json`. */
    readonly digest: (fields: ReadmeFields) => FileDigest
  }
>() {}
