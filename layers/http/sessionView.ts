import type { SessionView } from "../../src/api/SessionsApi.ts"
import { LimsProject, ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"
import type { Session } from "../../src/domain/Session.ts"
import { toSnake } from "../../src/domain/wire.ts"

const requestNames = new Set([
  ...Object.keys(ProjectCreateRequest.fields),
  ...Object.keys(RunCreateRequest.fields),
])
const limsNames = new Set(Object.keys(LimsProject.fields))

const onWire = (fields: object, names: ReadonlySet<string>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      names.has(name) ? toSnake(name) : name,
      value,
    ]),
  )

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A refused request may have any shape: it is shown as it is, with the names that it came with. */
export const sessionView = (session: Session): SessionView => {
  const request = onWire(session.request, requestNames)
  const lims = request["lims_project"]
  return {
    ...session,
    request: isObject(lims) ? { ...request, lims_project: onWire(lims, limsNames) } : request,
  }
}
