import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Either } from "effect"
import { expect } from "vitest"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { ProjectCreateRequest, RunCreateRequest, SessionKind } from "../../src/domain/CreateRequest.ts"
import type { ErrorEnvelope, Issue } from "../../src/domain/Errors.ts"
import type { SessionHandle } from "../../src/domain/Session.ts"
import { snapshotOf } from "../support/snapshot.ts"

export const writeFiles = (root: string, files: Readonly<Record<string, string>>): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
  })

/** A project's directory as some other tool may have left it, with or without a record. */
export const makeProject = (root: string, folder: string, record?: object): Effect.Effect<void> =>
  Effect.sync(() => {
    const metadata = join(root, "local", "DEMO_01", folder, ".exlab-wizard")
    mkdirSync(metadata, { recursive: true })
    if (record !== undefined) writeFileSync(join(metadata, "creation.json"), JSON.stringify(record))
  })

/** Sends a request as a caller without types would: to one call or the other, whatever it is. */
export const createAs = (kind: SessionKind, request: unknown) =>
  Effect.flatMap(CreationController, (controller) =>
    kind === "run"
      ? controller.createRun(request as RunCreateRequest)
      : controller.createProject(request as ProjectCreateRequest),
  )

/** Sends a request to the call that fits it. */
export const create = (request: object) => createAs("projectShortId" in request ? "run" : "project", request)

/** The envelope of a session that the gate ended: everything that tells of it agrees. */
export const refusalOf = (handle: SessionHandle) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    expect(handle).toMatchObject({ state: "failed", currentPhase: null, nextAction: "none" })
    const ended = yield* Effect.flip(controller.awaitResult(handle.sessionId))
    const session = yield* controller.status(handle.sessionId)
    if (ended._tag !== "SessionFailed")
      return yield* Effect.dieMessage(`the session ended with ${ended._tag}`)
    expect(session).toMatchObject({ state: "failed", destination: null, result: null, error: ended.envelope })
    return ended.envelope
  })

const issuesIn = ({ code, details, field, message }: ErrorEnvelope): ReadonlyArray<Issue> => {
  const issues = details?.["issues"] as unknown as ReadonlyArray<Issue>
  expect(issues[0]).toMatchObject({ code, field })
  for (const issue of issues) expect(message).toContain(`${issue.field}: ${issue.message}`)
  return issues
}

/** All issues of a call that the gate refuses, after a look at the disk: nothing there has changed. */
export const issuesOfCall = <E, R>(root: string, call: Effect.Effect<SessionHandle, E, R>) =>
  Effect.gen(function* () {
    const before = snapshotOf(root)
    const envelope = yield* Effect.flatMap(call, refusalOf)
    expect(snapshotOf(root)).toEqual(before)
    return issuesIn(envelope)
  })

export const issuesOf = (root: string, request: object) => issuesOfCall(root, create(request))

/** The same in short: `field code` of each issue. */
export const refused = (root: string, request: object) =>
  Effect.map(issuesOf(root, request), (issues) => issues.map(({ code, field }) => `${field} ${code}`))

/** The result of a request that the gate passes. */
export const done = (request: object) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const handle = yield* create(request)
    const result = yield* Effect.either(controller.awaitResult(handle.sessionId))
    expect(Either.isLeft(result) ? result.left.message : "done").toBe("done")
    expect(handle.state).toBe("rendering")
    return yield* result
  })
