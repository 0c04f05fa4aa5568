import { Chunk, Effect, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"
import type { Session, SessionId } from "../../src/domain/Session.ts"
import type { NumberedEvent, SessionEvent } from "../../src/domain/SessionEvent.ts"
import type { SyncStatus } from "../../src/domain/SyncJob.ts"
import { projectRequest, runRequest } from "../support/requests.ts"

export type Call =
  | { readonly kind: "project"; readonly request: ProjectCreateRequest }
  | { readonly kind: "run"; readonly request: RunCreateRequest }

export type Scenario = Call & {
  readonly name: string
  /** Below the root. */
  readonly destination: string
  readonly syncStatus: SyncStatus
}

const runDate = "2026-04-17T14:32:00Z"

/** Nothing of its equipment is there yet; the template's files may still change. */
export const firstProject: Scenario = {
  name: "the first project of an equipment",
  kind: "project",
  request: projectRequest({ equipmentId: "FRESH_01", templatePath: "imaging" }),
  destination: "local/FRESH_01/PROJ-0042",
  syncStatus: "pending",
}

export const blockedRun: Scenario = {
  name: "a run that is blocked, beside another",
  kind: "run",
  request: runRequest({ templatePath: "unfinished", projectShortId: "P-1", runDate }),
  destination: "local/DEMO_01/P-1/Runs/Run_2026-04-17T14-32-00",
  syncStatus: "blocked_by_validation",
}

export const askingRun: Scenario = {
  name: "the first test run of a project found by its record, with a plugin that writes and asks",
  kind: "run",
  request: runRequest({ templatePath: "sliced", projectShortId: "P-2", runKind: "test", runDate }),
  destination: "local/DEMO_01/Mitochondria in motion/TestRuns/TestRun_2026-04-17T14-32-00",
  syncStatus: "pending",
}

/** Every kind of creation that writes something the others don't. */
export const scenarios: ReadonlyArray<Scenario> = [firstProject, blockedRun, askingRun]

/** A creation as it ended, with what its subscriber saw. */
export interface Outcome {
  readonly session: Session
  readonly events: ReadonlyArray<NumberedEvent>
}

const isNumbered = (event: SessionEvent): event is NumberedEvent => event.kind !== "progress"

const open = (call: Call) =>
  Effect.flatMap(CreationController, (controller) =>
    call.kind === "project" ? controller.createProject(call.request) : controller.createRun(call.request),
  )

/** Answers every prompt; whether the session is still there to take it is seen elsewhere. */
const answer = (sessionId: SessionId) => (event: SessionEvent) =>
  Effect.flatMap(CreationController, (controller) =>
    event.kind === "input_required"
      ? Effect.ignore(controller.resume(sessionId, { slide: 3 }, { promptId: event.promptId }))
      : Effect.void,
  )

/** A whole creation, from its request to its end. */
export const create = (call: Call, respond = answer) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* open(call)
    const events = yield* controller
      .subscribe(sessionId)
      .pipe(Stream.filter(isNumbered), Stream.tap(respond(sessionId)), Stream.runCollect)
    const outcome: Outcome = {
      session: yield* controller.status(sessionId),
      events: Chunk.toReadonlyArray(events),
    }
    return outcome
  }).pipe(Effect.orDie)
