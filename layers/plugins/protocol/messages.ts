import { Schema } from "effect"
import { RunKind } from "../../../src/domain/CreateRequest.ts"
import { TrustedJsonObject } from "../../../src/domain/Json.ts"
import { wireStruct } from "../../../src/domain/wire.ts"
import type { LogLevel } from "../../../src/ports/WizardLog.ts"

/** Version 1 of what a host and a worker say to each other. See `docs/plugin-protocol.md`. */

export const WorkerMode = Schema.Literal("validate", "transform", "describe")
export type WorkerMode = typeof WorkerMode.Type

/** What a plugin is told of the pass that it takes part in. */
const PluginContext = wireStruct({
  variables: TrustedJsonObject,
  /** Absolute path of the tree that it may change: its working directory, too. */
  root: Schema.String,
  /** Absolute path at which the tree will be published. */
  destination: Schema.String,
  template: wireStruct({ name: Schema.String, version: Schema.String }),
  runKind: RunKind,
  equipmentId: Schema.String,
  project: Schema.String,
  /** Nothing that it does will be kept. */
  dryRun: Schema.Boolean,
})

/** All that a worker is told: one line on its standard input. */
export const WorkerInput = wireStruct({
  v: Schema.Literal(1),
  mode: WorkerMode,
  context: PluginContext,
  /** Relative to the root. */
  files: Schema.Array(Schema.String),
  /** All that people have answered so far; null before the first answer. */
  extraInputs: Schema.NullOr(TrustedJsonObject),
  /** Where to go on: the `file` of the prompt that was answered. */
  resumeFile: Schema.NullOr(Schema.String),
})
export type WorkerInput = typeof WorkerInput.Type

const encode = Schema.encodeSync(WorkerInput)

/** One line, with the line feed that ends it. */
export const encodeInput = (input: WorkerInput): string => `${JSON.stringify(encode(input))}\n`

export const FileStatus = Schema.Literal("modified", "created", "renamed", "deleted", "skipped")

export interface Progress {
  readonly kind: "progress"
  readonly file: string
  readonly current: number
  readonly total: number
}

/** What a worker says that it did to a file. Nobody relies on it. */
export interface FileReport {
  readonly kind: "file"
  readonly path: string
  readonly status: typeof FileStatus.Type
  readonly detail?: string
}

export interface Log {
  readonly kind: "log"
  readonly level: LogLevel
  /** With its context, at most 1,024 UTF-16 units. */
  readonly message: string
}

/** What a worker says while it works. Texts are well-formed and short. */
export type WorkerMessage = Progress | FileReport | Log
