import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { ErrorCode } from "./ErrorCode.ts"
import { type Json, JsonObject } from "./Json.ts"
import { wireStruct } from "./wire.ts"

/** One problem with one field: `field` is the wire path, `message` says what to do about it. */
export const Issue = Schema.Struct({
  field: Schema.String,
  code: ErrorCode,
  message: Schema.String,
})
export type Issue = typeof Issue.Type

/** The shape of every error that leaves the service. */
export const ErrorEnvelope = wireStruct({
  code: ErrorCode,
  message: Schema.String,
  field: Schema.optionalWith(Schema.String, { exact: true }),
  details: Schema.optionalWith(JsonObject, { exact: true }),
  traceId: Schema.optionalWith(Schema.String, { exact: true }),
})
export type ErrorEnvelope = typeof ErrorEnvelope.Type

/** More than anybody reads. Errors are remembered with their sessions, and may repeat what was sent. */
const issueLimits = { listed: 100, inMessage: 20, field: 200, message: 1000 } as const

const cutTo = (most: number, text: string): string =>
  text.length <= most ? text : `${[...text.slice(0, most)].slice(0, -1).join("")}…`

const shortened = ({ code, field, message }: Issue): Issue => ({
  code,
  field: cutTo(issueLimits.field, field),
  message: cutTo(issueLimits.message, message),
})

const sentence = (issues: ReadonlyArray<Issue>): string => {
  const told = issues.slice(0, issueLimits.inMessage).map(shortened)
  const rest = issues.length - told.length
  return [
    ...told.map((issue) => `${issue.field}: ${issue.message}`),
    ...(rest === 0 ? [] : [`and ${rest} more issues`]),
  ].join("; ")
}

const issueDetails = (
  issues: ReadonlyArray<Issue>,
): { readonly issues: Json; readonly issues_left_out?: number } => {
  const told = issues.slice(0, issueLimits.listed).map(shortened)
  const rest = issues.length - told.length
  return {
    issues: told.map(({ field, code, message }) => ({ field, code, message })),
    ...(rest === 0 ? {} : { issues_left_out: rest }),
  }
}

/** The gate found something; nothing was written. */
export class GateRefused extends Schema.TaggedError<GateRefused>()(
  "GateRefused",
  { issues: Schema.NonEmptyArray(Issue) },
  HttpApiSchema.annotations({ status: 422 }),
) {
  get code(): ErrorCode {
    return this.issues[0].code
  }
  get field(): string {
    return cutTo(issueLimits.field, this.issues[0].field)
  }
  get details() {
    return issueDetails(this.issues)
  }
  override get message(): string {
    return sentence(this.issues)
  }
}

/** A template can't be found, read or parsed, or says something that can't be rendered. */
export class TemplateLoadError extends Schema.TaggedError<TemplateLoadError>()(
  "TemplateLoadError",
  {
    path: Schema.String,
    reason: Schema.String,
    /** `file:line message`, one for each problem found. */
    problems: Schema.Array(Schema.String),
    code: Schema.optionalWith(Schema.Literal("template_load_error", "template_core_field_redeclared"), {
      default: () => "template_load_error",
    }),
  },
  HttpApiSchema.annotations({ status: 422 }),
) {
  get field(): string {
    return "template_path"
  }
  get details() {
    return { path: this.path, problems: this.problems }
  }
  override get message(): string {
    const problems = this.problems.length === 0 ? "" : `: ${this.problems.join("; ")}`
    return `template ${this.path} ${this.reason}${problems}`
  }
}

/** No template of that name is listed. */
export class TemplateNotFound extends Schema.TaggedError<TemplateNotFound>()(
  "TemplateNotFound",
  { name: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "template_not_found"
  override get message(): string {
    return `there is no template ${cutTo(issueLimits.field, this.name)}`
  }
}

/** Rendering stopped: a name, a limit, a missing value, or the template changed meanwhile. */
export class TemplateRenderFailed extends Schema.TaggedError<TemplateRenderFailed>()(
  "TemplateRenderFailed",
  {
    template: Schema.String,
    file: Schema.String,
    reason: Schema.String,
    line: Schema.optionalWith(Schema.Int, { exact: true }),
  },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "template_render_failed"
  get details() {
    return {
      template: this.template,
      file: this.file,
      ...(this.line === undefined ? {} : { line: this.line }),
    }
  }
  override get message(): string {
    const line = this.line === undefined ? "" : `:${this.line}`
    return `${this.template}/${this.file}${line}: ${this.reason}`
  }
}

/** A plugin failed in a template with `plugins_fatal`. */
export class PluginFailed extends Schema.TaggedError<PluginFailed>()(
  "PluginFailed",
  { plugin: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "plugin_failed"
  get details() {
    return { plugin: this.plugin }
  }
  override get message(): string {
    return `plugin ${this.plugin} failed: ${this.reason}`
  }
}

/** Plugins refused the variables; no file was changed. */
export class PluginVariablesInvalid extends Schema.TaggedError<PluginVariablesInvalid>()(
  "PluginVariablesInvalid",
  { problems: Schema.NonEmptyArray(Schema.Struct({ plugin: Schema.String, message: Schema.String })) },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "plugin_variable_validation_failed"
  get details() {
    return { problems: this.problems.map(({ plugin, message }) => ({ plugin, message })) }
  }
  override get message(): string {
    return this.problems.map((p) => `plugin ${p.plugin}: ${p.message}`).join("; ")
  }
}

/** A folder that was given as a plugin, or the files that it was to be tried on, can't be used. */
export class PluginUnusable extends Schema.TaggedError<PluginUnusable>()("PluginUnusable", {
  path: Schema.String,
  reasons: Schema.Array(Schema.String),
}) {
  readonly code = "plugin_host_unavailable"
  override get message(): string {
    return `${this.path} can't be used: ${this.reasons.join("; ")}`
  }
}

/** Plugins are asked for that this service can't run. */
export class PluginHostUnavailable extends Schema.TaggedError<PluginHostUnavailable>()(
  "PluginHostUnavailable",
  { reason: Schema.String },
  HttpApiSchema.annotations({ status: 503 }),
) {
  readonly code = "plugin_host_unavailable"
  override get message(): string {
    return this.reason
  }
}

/** Something stands at the destination, or another session is building it. */
export class DestinationExists extends Schema.TaggedError<DestinationExists>()(
  "DestinationExists",
  { path: Schema.String, reason: Schema.optionalWith(Schema.String, { exact: true }) },
  HttpApiSchema.annotations({ status: 409 }),
) {
  readonly code = "destination_exists"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${this.path} ${this.reason ?? "exists already"}; nothing was changed`
  }
}

/** The system's names that people meet, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it isn't there",
  ENOTDIR: "it, or what it lies in, isn't a folder",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
  EACCES: "the user that this service runs as isn't allowed to",
  EPERM: "the user that this service runs as isn't allowed to",
  EROFS: "the file system is read-only",
  ENOSPC: "the volume is full",
  EDQUOT: "the quota is used up",
  EMFILE: "the service has too many files open",
  ENAMETOOLONG: "the path, or a name in it, is too long",
  EXDEV: "the two places are on different volumes: is a folder between them a link or a mount?",
  EIO: "the device reports an error",
  ETIMEDOUT: "the file system doesn't answer",
  ESTALE: "the network share has lost the file",
}

const noLocks =
  "this file system has no locks of flock(2), on which claims and records rest: move the local root"

const withoutLocks = new Set(["ENOLCK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP"])

const reasonOf = (op: string, errno: string): string => {
  const reason = (op === "lock" || op === "tryLock") && withoutLocks.has(errno) ? noLocks : reasons[errno]
  return reason === undefined ? `${errno} at ${op}` : `${errno}, ${reason}`
}

/** A file operation failed: `op` is the operation, `errno` the system's name for the reason. */
export class DiskError extends Schema.TaggedError<DiskError>()(
  "DiskError",
  { path: Schema.String, op: Schema.String, errno: Schema.String },
  HttpApiSchema.annotations({ status: 500 }),
) {
  readonly code = "io_error"
  get details() {
    return { path: this.path, op: this.op, errno: this.errno }
  }
  /** The message without the path. */
  get reason(): string {
    return reasonOf(this.op, this.errno)
  }
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** Whether it says that a file system has no locks. */
export const lacksLocks = ({ errno, op }: DiskError): boolean => op === "lock" && withoutLocks.has(errno)

/** A record on disk can't be parsed. It is left as it is. */
export class RecordUnreadable extends Schema.TaggedError<RecordUnreadable>()(
  "RecordUnreadable",
  { path: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "record_unreadable"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${this.path} can't be read: ${this.reason}`
  }
}

/** A record on disk has a major version that this service doesn't speak. It is left as it is. */
export class SchemaMajorMismatch extends Schema.TaggedError<SchemaMajorMismatch>()(
  "SchemaMajorMismatch",
  { path: Schema.String, expectedMajor: Schema.Int, found: Schema.NullOr(Schema.String) },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "schema_major_mismatch"
  get details() {
    return { path: this.path, expected_major: this.expectedMajor, found: this.found }
  }
  /** The message without the path, as the rest of a sentence. */
  get reason(): string {
    return `has schema version ${this.found ?? "(none)"}; this service reads ${this.expectedMajor}.x`
  }
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}

/** A lock wasn't to be had in time: someone else holds it. */
export class LockTimeout extends Schema.TaggedError<LockTimeout>()(
  "LockTimeout",
  { path: Schema.String, waitedMillis: Schema.Number },
  HttpApiSchema.annotations({ status: 503 }),
) {
  readonly code = "lock_timeout"
  get details() {
    return { path: this.path, waited_ms: this.waitedMillis }
  }
  override get message(): string {
    return `${this.path} is still locked by another writer after ${this.waitedMillis} ms`
  }
}

/** This platform has no `flock`, on which the claim of a directory and every record update rest. */
export class LocksUnsupported extends Schema.TaggedError<LocksUnsupported>()(
  "LocksUnsupported",
  { platform: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 500 }),
) {
  readonly code = "io_error"
  override get message(): string {
    return `advisory file locks don't work on ${this.platform}: ${this.reason}`
  }
}

/** The service doesn't start with settings like these. */
export class SettingsInvalid extends Schema.TaggedError<SettingsInvalid>()(
  "SettingsInvalid",
  { problems: Schema.NonEmptyArray(Schema.String) },
  HttpApiSchema.annotations({ status: 500 }),
) {
  readonly code = "validation_failed"
  override get message(): string {
    const [first, ...others] = this.problems
    return others.length === 0
      ? `the settings can't be used: ${first}`
      : ["the settings can't be used:", ...this.problems].join("\n  ")
  }
}

export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()(
  "SessionNotFound",
  { sessionId: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "session_not_found"
  override get message(): string {
    return `there is no session ${this.sessionId}; it may have been forgotten after its retention time`
  }
}

export class SessionAlreadyCompleted extends Schema.TaggedError<SessionAlreadyCompleted>()(
  "SessionAlreadyCompleted",
  { sessionId: Schema.String, state: Schema.String },
  HttpApiSchema.annotations({ status: 409 }),
) {
  readonly code = "session_already_completed"
  get details() {
    return { session_id: this.sessionId, state: this.state }
  }
  override get message(): string {
    return `session ${this.sessionId} has ended already: ${this.state}`
  }
}

export class SessionNotAwaitingInput extends Schema.TaggedError<SessionNotAwaitingInput>()(
  "SessionNotAwaitingInput",
  { sessionId: Schema.String, state: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 409 }),
) {
  readonly code = "session_not_awaiting_input"
  get details() {
    return { session_id: this.sessionId, state: this.state }
  }
  override get message(): string {
    return `session ${this.sessionId} (${this.state}) takes no answer: ${this.reason}`
  }
}

/** An answer doesn't fit its prompt. The session keeps waiting, nothing is lost. */
export class InputInvalid extends Schema.TaggedError<InputInvalid>()(
  "InputInvalid",
  { issues: Schema.NonEmptyArray(Issue) },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "input_invalid"
  get field(): string {
    return cutTo(issueLimits.field, this.issues[0].field)
  }
  get details() {
    return issueDetails(this.issues)
  }
  override get message(): string {
    return sentence(this.issues)
  }
}

export class IllegalTransition extends Schema.TaggedError<IllegalTransition>()(
  "IllegalTransition",
  { from: Schema.String, to: Schema.String },
  HttpApiSchema.annotations({ status: 500 }),
) {
  readonly code = "illegal_transition"
  override get message(): string {
    return `a session can't go from ${this.from} to ${this.to}`
  }
}

export class TooManySessions extends Schema.TaggedError<TooManySessions>()(
  "TooManySessions",
  { limit: Schema.Int },
  HttpApiSchema.annotations({ status: 429 }),
) {
  readonly code = "too_many_sessions"
  get details() {
    return { limit: this.limit }
  }
  override get message(): string {
    return `${this.limit} sessions are open already; finish or cancel some, then try again`
  }
}

export class ShuttingDown extends Schema.TaggedError<ShuttingDown>()(
  "ShuttingDown",
  {},
  HttpApiSchema.annotations({ status: 503 }),
) {
  readonly code = "shutting_down"
  override get message(): string {
    return "the service is shutting down and takes no new work"
  }
}

/** What stops a session between the gate and its end. */
export type SessionError =
  | GateRefused
  | TemplateLoadError
  | TemplateRenderFailed
  | PluginFailed
  | PluginVariablesInvalid
  | PluginHostUnavailable
  | DestinationExists
  | DiskError
  | RecordUnreadable
  | SchemaMajorMismatch
  | LockTimeout

interface Coded {
  readonly code: ErrorCode
  readonly message: string
  readonly field?: string
  readonly details?: JsonObject
}

/** The envelope of a typed error. */
export const toEnvelope = (error: Coded, traceId?: string): ErrorEnvelope => ({
  code: error.code,
  message: error.message,
  ...(error.field === undefined ? {} : { field: error.field }),
  ...(error.details === undefined ? {} : { details: error.details }),
  ...(traceId === undefined ? {} : { traceId }),
})

/** The envelope of a defect: it says that something broke, and keeps the internals to the log. */
export const internalError = (traceId?: string): ErrorEnvelope => ({
  code: "internal_error",
  message: "an unexpected error ended the session; the service's log has the details",
  ...(traceId === undefined ? {} : { traceId }),
})
