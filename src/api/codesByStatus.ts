import { errorCodes } from "../domain/ErrorCode.ts"

/** Every code that an answer may carry, by its HTTP status: the service's own, and those of requests. */
export const codesByStatus = {
  400: ["malformed_json", "malformed_request"],
  401: ["unauthorized"],
  403: ["forbidden_host", "forbidden_origin"],
  404: [...errorCodes[404], "template_not_found", "run_not_found", "job_not_found", "not_found"],
  405: ["method_not_allowed"],
  409: errorCodes[409],
  413: ["payload_too_large"],
  422: errorCodes[422],
  429: errorCodes[429],
  500: errorCodes[500],
  503: errorCodes[503],
} as const

export type ErrorStatus = keyof typeof codesByStatus
export type ApiErrorCode = (typeof codesByStatus)[ErrorStatus][number]
