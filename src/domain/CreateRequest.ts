import { Schema } from "effect"
import { JsonObject } from "./Json.ts"
import { wireStruct } from "./wire.ts"

export const RunKind = Schema.Literal("experimental", "test")
export type RunKind = typeof RunKind.Type

export const SessionKind = Schema.Literal("project", "run")
export type SessionKind = typeof SessionKind.Type

/** Where the LIMS entry of a project came from. */
export const LimsSource = Schema.Literal("live", "cache", "offline_catalogue")
export type LimsSource = typeof LimsSource.Type

export const LimsProject = wireStruct({
  uid: Schema.String,
  shortId: Schema.String,
  nameAtCreation: Schema.String,
  source: LimsSource,
  cacheFreshnessAtUse: Schema.optionalWith(Schema.NullOr(Schema.String), { exact: true }),
})
export type LimsProject = typeof LimsProject.Type

/** Characters of the texts that go into records as they are, and have no rule of their own. */
export const maxNoteLength = 10_000

const common = {
  equipmentId: Schema.String,
  /** A template's name, or a path inside one of the template roots. */
  templatePath: Schema.String,
  /** Answers to the template's questions, and what its plugins declare. */
  variables: JsonObject,
  label: Schema.String,
  operator: Schema.String,
  objective: Schema.String,
  /** Values for declared README fields by id; other ids become custom fields. */
  readmeExtra: Schema.optionalWith(JsonObject, { exact: true }),
  /** Chosen by the caller: the same id again returns the same session. */
  requestId: Schema.optionalWith(Schema.NullOr(Schema.String), { exact: true }),
}

export const ProjectCreateRequest = wireStruct({ ...common, limsProject: LimsProject })
export type ProjectCreateRequest = typeof ProjectCreateRequest.Type

export const RunCreateRequest = wireStruct({
  ...common,
  projectShortId: Schema.String,
  runKind: RunKind,
  /** ISO-8601; one without an offset is in the configured time zone. Default: now. */
  runDate: Schema.optionalWith(Schema.NullOr(Schema.String), { exact: true }),
  /** Default: what the project's record says. */
  limsProject: Schema.optionalWith(Schema.NullOr(LimsProject), { exact: true }),
})
export type RunCreateRequest = typeof RunCreateRequest.Type

/** A run's request comes first: it has every field that tells it from a project's. */
export const CreateRequest = Schema.Union(RunCreateRequest, ProjectCreateRequest)
export type CreateRequest = typeof CreateRequest.Type
