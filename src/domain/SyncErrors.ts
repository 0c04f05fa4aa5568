import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { rulesAndPlaces } from "./blocking.ts"
import { Finding } from "./Finding.ts"
import { legible } from "./NameRules.ts"

/** The path names no project or run that the service manages, or nothing is there. */
export class RunNotFound extends Schema.TaggedError<RunNotFound>()(
  "RunNotFound",
  {
    path: Schema.String,
    /** What the path was to name. */
    wanted: Schema.optionalWith(Schema.String, { default: () => "project or run" }),
  },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "run_not_found"
  get details() {
    return { path: legible(this.path) }
  }
  override get message(): string {
    return `${legible(this.path)} is no ${this.wanted} below the local root`
  }
}

export class JobNotFound extends Schema.TaggedError<JobNotFound>()(
  "JobNotFound",
  { job: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {
  readonly code = "job_not_found"
  get details() {
    return { job: this.job }
  }
  override get message(): string {
    return `there is no sync job ${this.job}`
  }
}

/** The directory can't be synced as things are; the message says what to do. */
export class SyncRefused extends Schema.TaggedError<SyncRefused>()(
  "SyncRefused",
  { path: Schema.String, reason: Schema.String },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "validation_failed"
  get details() {
    return { path: this.path }
  }
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** Hard findings keep the directory from the NAS until they are mended, or each is overridden. */
export class SyncBlocked extends Schema.TaggedError<SyncBlocked>()(
  "SyncBlocked",
  {
    path: Schema.String,
    findings: Schema.Array(Finding),
    /** Whether it is synced as it is: only enqueueing brings its copy up to date, when it was mended. */
    wasSynced: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  },
  HttpApiSchema.annotations({ status: 422 }),
) {
  readonly code = "validation_failed"
  get details() {
    const [first] = this.findings
    return {
      path: this.path,
      hard_findings: this.findings.length,
      ...(first === undefined
        ? {}
        : { first: { rule: first.rule, path: first.offendingPath, detail: first.ruleDetail } }),
    }
  }
  override get message(): string {
    const next = this.wasSynced ? "enqueue it again" : "revalidate"
    return `${this.path} has hard findings (${rulesAndPlaces(this.findings)}): mend or override them, then ${next}`
  }
}
