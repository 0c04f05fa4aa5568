import type { ApiErrorCode } from "./codesByStatus.ts"

const place = "/data/lab/CONFOCAL_01/PROJ-0042"

/** How the service words it, for an example of each. */
export const errorMessages: Readonly<Record<ApiErrorCode, string>> = {
  malformed_json: "the body is no JSON: Unexpected end of JSON input",
  malformed_request: "limit: must be a whole number between 1 and 1000",
  unauthorized: "a token is needed: Authorization: Bearer <token>",
  forbidden_host: "this service isn't known by the host that the request names; http.allowed_hosts adds one",
  forbidden_origin: "pages of other origins may not use this service; http.allowed_hosts adds one",
  session_not_found: "there is no session with this id; it may have been forgotten after its retention time",
  template_not_found: "there is no template imaging_projct; GET /api/v1/templates lists them",
  run_not_found: `${place} is no project or run below the local root`,
  job_not_found: "there is no sync job job_0mq1x2y3z5f0c2f7e",
  not_found: "there is nothing at this path; /api/v1/docs says what there is",
  method_not_allowed: "this path takes GET, POST",
  destination_exists: `${place} exists already; nothing was changed`,
  session_already_completed: "session 5f0c2f7e-8f4a-4d0e-9a53-0b6f4f1c2d3e has ended already: done",
  session_not_awaiting_input: "the session takes no answer: it doesn't wait for one",
  payload_too_large: "the body has more than 1048576 bytes; send less",
  validation_failed: "label: must have 1–100 characters",
  field_too_long: "objective: has 2100 characters, at most 2000 are allowed",
  mode_mismatch: "template_path: confocal_run makes a run, not a project",
  equipment_id_invalid: "equipment_id: must be 1–32 of A–Z, 0–9 and _",
  unsafe_project_name: "lims_project.short_id: a folder can't have this name on every system",
  project_not_found: `project_short_id: ${place} doesn't exist; create the project first`,
  input_invalid: "plate: must be a text",
  template_load_error: "template imaging_project is not in a template root",
  template_core_field_redeclared: "template imaging_project declares the README field label",
  template_render_failed: "imaging_project/notes.md.hbs:7: nothing is known by the name sampel",
  plugin_variable_validation_failed: "plugin csv-header: csv_columns must be a list of names",
  plugin_failed: "plugin csv-header failed: it took longer than 10 s",
  schema_major_mismatch: `${place}/.exlab-wizard/creation.json has schema version 2.0; this service reads 1.x`,
  record_unreadable: `${place}/.exlab-wizard/creation.json can't be read: is not JSON: line 3, column 7`,
  disk_space_insufficient: "the volume has 80 MiB left, and must keep 100; make room",
  too_many_sessions: "10000 sessions are open already; finish or cancel some, then try again",
  internal_error: "something broke; the service's log has the details",
  io_error: `mkdir ${place}: EACCES, the user that this service runs as isn't allowed to`,
  shutting_down: "the service is shutting down and takes no new work",
  plugin_host_unavailable: "the template needs the plugin csv-header, which can't be run here",
  lock_timeout: `${place} is still locked by another writer after 10000 ms`,
}

export const traceId = "4f1c2d3e9a530b6f8f4a4d0e5f0c2f7e"
