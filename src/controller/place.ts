import { DateTime, Either, Option } from "effect"
import type { CreateRequest, LimsProject, RunKind } from "../domain/CreateRequest.ts"
import { type Destination, projectDestination, runDestination } from "../domain/Destination.ts"
import { isSkipped, parseRunDate } from "../domain/RunDate.ts"
import type { Session } from "../domain/Session.ts"
import type { EquipmentSettings } from "../domain/Settings.ts"
import type { BuiltInVariables } from "../domain/Template.ts"
import type { FoundProject } from "./projectLookup.ts"
import { type CoreFields, issue, projectIdOf } from "./requestChecks.ts"

/** Where the directory goes, for which project, and the names that follow from it. */
export interface Place {
  readonly destination: Destination
  readonly lims: LimsProject
  /** No record said what the run's project is called in the LIMS. */
  readonly limsAssumed: boolean
  /** Why the project's record says nothing, when there is one that can't be read. */
  readonly recordProblem: FoundProject["problem"]
  readonly builtIn: BuiltInVariables
}

export const runKindOf = (request: CreateRequest): RunKind =>
  "runKind" in request ? request.runKind : "experimental"

const runDateProblem = (given: string, zone: DateTime.TimeZone): string =>
  isSkipped(given, zone)
    ? `is a time that clocks in ${DateTime.zoneToString(zone)} jump over; correct it, or add an offset, like +01:00`
    : "must be an ISO-8601 date, or date and time, from 1900 to 9999, that the calendar has, like 2026-04-17T09:30"

/** When a run took place: given, or the moment its session opened. */
export const runDateOf = ({ createdAt, request }: Session, zone: DateTime.TimeZone) => {
  const given = "runDate" in request ? (request.runDate ?? null) : null
  return Either.fromOption(
    given === null ? Option.some(DateTime.setZone(createdAt, zone)) : parseRunDate(given, zone),
    () => issue("run_date", "validation_failed", runDateProblem(given ?? "", zone)),
  )
}

interface Located {
  readonly session: Session
  readonly core: CoreFields
  readonly equipment: EquipmentSettings
  /** A run's. */
  readonly project: Option.Option<FoundProject>
  readonly runDate: DateTime.Zoned
}

const folderOf = ({ project, session }: Located): string =>
  Option.match(project, {
    onNone: () => projectIdOf(session.request).shortId,
    onSome: ({ folder }) => folder,
  })

const noLims: LimsProject = { uid: "", shortId: "", nameAtCreation: "", source: "live" }

/** The LIMS block: given, or the project's own; what that leaves open is told by the names at hand. */
const limsOf = (located: Located): Pick<Place, "lims" | "limsAssumed"> => {
  const { project, session } = located
  const given = session.request.limsProject ?? null
  if (given !== null) return { lims: given, limsAssumed: false }
  const recorded = Option.getOrElse(
    Option.flatMap(project, ({ lims }) => lims),
    () => noLims,
  )
  const lims: LimsProject = {
    ...recorded,
    shortId: recorded.shortId || projectIdOf(session.request).shortId,
    nameAtCreation: recorded.nameAtCreation || folderOf(located),
  }
  return { lims, limsAssumed: recorded.nameAtCreation === "" }
}

const destinationOf = (localRoot: string, located: Located): Destination => {
  const { equipment, runDate, session } = located
  return session.kind === "project"
    ? projectDestination(localRoot, equipment.id, projectIdOf(session.request).shortId)
    : runDestination(localRoot, equipment.id, folderOf(located), runKindOf(session.request), runDate)
}

export const placeOf = (localRoot: string, located: Located): Place => {
  const { core, equipment, runDate, session } = located
  const { lims, limsAssumed } = limsOf(located)
  const destination = destinationOf(localRoot, located)
  const builtIn = {
    label: core.label,
    operator: core.operator,
    objective: core.objective,
    equipment_id: equipment.id,
    equipment_label: equipment.label,
    project_short_id: lims.shortId,
    project_name: lims.nameAtCreation,
    run_kind: destination.runKind,
    run_name: destination.level === "run" ? destination.leaf : "",
    run_date: DateTime.formatIsoOffset(runDate),
    created_at: DateTime.formatIso(session.createdAt),
  }
  const recordProblem = Option.flatMap(located.project, ({ problem }) => problem)
  return { destination, lims, limsAssumed, recordProblem, builtIn }
}
