import { Schema } from "effect"

/**
 * The stable strings that programs branch on, by the HTTP status that says what kind of error each is.
 * `docs/errors.md` says what each means and what to do.
 */
export const errorCodes = {
  404: ["session_not_found"],
  409: ["destination_exists", "session_already_completed", "session_not_awaiting_input"],
  422: [
    "validation_failed",
    "field_too_long",
    "mode_mismatch",
    "equipment_id_invalid",
    "unsafe_project_name",
    "project_not_found",
    "input_invalid",
    "template_load_error",
    "template_core_field_redeclared",
    "template_render_failed",
    "plugin_variable_validation_failed",
    "plugin_failed",
    "schema_major_mismatch",
    "record_unreadable",
    "disk_space_insufficient",
  ],
  429: ["too_many_sessions"],
  500: ["internal_error", "io_error"],
  503: ["shutting_down", "plugin_host_unavailable", "lock_timeout"],
} as const

export const ErrorCode = Schema.Literal(
  ...errorCodes[404],
  ...errorCodes[409],
  ...errorCodes[422],
  ...errorCodes[429],
  ...errorCodes[500],
  ...errorCodes[503],
)
export type ErrorCode = typeof ErrorCode.Type
