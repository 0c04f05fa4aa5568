import { ValidationError } from "@effect/cli"
import { Predicate } from "effect"
import { DiskError } from "../../src/domain/Errors.ts"
import { SessionFailed } from "../../src/domain/Session.ts"

const askDoctor = "`exlab-wizard doctor` looks for what this machine lacks"

const withBothEnds = (path: string): string =>
  path.length <= 200 ? path : `${path.slice(0, 100)}…${path.slice(-100)}`

/** What to do about a file operation's failure, by the system's name for the reason. */
const ofDisk: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `${path} isn't there: check how it is written`,
  ENOTDIR: (path) => `${path} isn't a folder, or lies below something that isn't one: name another`,
  EISDIR: (path) => `${path} is a folder: name a file`,
  EINVAL: (path) => `${path} isn't a regular file: name one`,
  EFBIG: (path) => `${path} is too large to be what is wanted: name another file`,
  ELOOP: (path) => `${path} leads through too many links: name what they are to lead to`,
  EACCES: (path) => `this user may not use ${path}: change its permissions, or call as another user`,
  EPERM: (path) => `this user may not use ${path}: change its permissions, or call as another user`,
  EROFS: (path) => `${path} is on a file system that is read-only: choose another place`,
  ENOSPC: (path) => `there is no room for ${path}: make some, or choose another place`,
  EDQUOT: (path) => `the quota leaves no room for ${path}: make some, or choose another place`,
  EEXIST: (path) => `${path} is there already: choose another name, or remove it`,
  ENAMETOOLONG: (path) => `${withBothEnds(path)} is too long, or a name in it is: choose a shorter one`,
}

/** What is in the way of a file operation, and what to do where that is known. */
export const obstacle = (error: DiskError): string => ofDisk[error.errno]?.(error.path) ?? error.message

/** What is in the way of a file operation, and what to do. */
export const diskSentence = (error: DiskError): string =>
  error.errno in ofDisk ? obstacle(error) : `${error.message}; ${askDoctor}`

const give = "fields are given with --set NAME=VALUE, or in --from FILE"
const mendRecord = "mend that record, or call the version of exlab-wizard that it is of"
const lookAtTemplates =
  "`exlab-wizard templates list` names what there is, `templates lint` what is wrong with it"

/** What to do on a command line about a session's failure, by its code. */
const ofSession: Readonly<Record<string, string>> = {
  validation_failed: give,
  field_too_long: give,
  equipment_id_invalid: give,
  unsafe_project_name: give,
  mode_mismatch: give,
  project_not_found: "`exlab-wizard create project` makes one",
  template_load_error: lookAtTemplates,
  plugin_host_unavailable: "`exlab-wizard plugins list` names what there is, and why some are left out",
  destination_exists: "choose another name for it",
  io_error: askDoctor,
  disk_space_insufficient: askDoctor,
  template_core_field_redeclared: lookAtTemplates,
  template_render_failed: lookAtTemplates,
  plugin_variable_validation_failed: give,
  plugin_failed: "`exlab-wizard plugins exec` tries a plugin on a copy of some files",
  record_unreadable: mendRecord,
  schema_major_mismatch: mendRecord,
  lock_timeout: "see which program works there, and try again when it has ended",
  internal_error: "this is a bug: report it, with what was called",
}

/** The same of errors that no session has, by their tags. */
const ofTag: Readonly<Record<string, string>> = {
  RunNotFound: "name the folder of one, from here or below `paths.local_root`",
  JobNotFound: "`exlab-wizard sync status` names those that there are, `sync enqueue` makes one",
  TemplateLoadError: lookAtTemplates,
  QueueUnavailable: askDoctor,
  PluginUnusable: "`exlab-wizard plugins lint` tells all that is wrong with it",
  PluginVariablesInvalid: "variables are given with --set NAME=VALUE",
}

const remedyFor = (error: Error): string | undefined => {
  if (error instanceof SessionFailed) return ofSession[error.envelope.code]
  return Predicate.hasProperty(error, "_tag") ? ofTag[String(error._tag)] : undefined
}

/** What went wrong and what to do, for people; null when the parser of the command line has said it. */
export const sentenceOf = (error: ValidationError.ValidationError | Error): string | null => {
  if (ValidationError.isValidationError(error)) return null
  if (error instanceof DiskError) return diskSentence(error)
  const remedy = remedyFor(error)
  return remedy === undefined ? error.message : `${error.message}; ${remedy}`
}
