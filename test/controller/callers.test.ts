import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { projectRequest } from "../support/requests.ts"
import { inWorld, until } from "../support/world.ts"
import { create, createAs, refusalOf } from "./gateWorld.ts"

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const
const plugins = { asks: { moves: [{ do: "ask", reason: "which slide?", fields: [slide] }] } } as const

const asked = Effect.gen(function* () {
  const controller = yield* CreationController
  const request = structuredClone(projectRequest({ templatePath: "asks_project" }))
  const { sessionId } = yield* create(request)
  yield* until(
    "a prompt",
    Effect.map(controller.status(sessionId), ({ pendingInput }) => pendingInput !== null),
  )
  return { controller, request, sessionId }
})

describe("a caller", () => {
  it.effect("whose request breaks when it is read leaves no session behind that never ends", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        for (const field of Object.keys(projectRequest())) {
          const hostile = Object.defineProperty({ ...projectRequest() }, field, {
            enumerable: true,
            get: () => {
              throw new Error("no")
            },
          })
          const exit = yield* Effect.exit(create(hostile))
          expect(Exit.isFailure(exit) || exit.value.state === "failed").toBe(true)
        }
        const { sessions } = yield* controller.list()
        expect(sessions.filter(({ state }) => state !== "failed")).toEqual([])
      }),
    ),
  )

  it.effect("who sends nothing at all is told what is required", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        for (const nothing of [null, undefined]) {
          const envelope = yield* Effect.flatMap(createAs("project", nothing), refusalOf)
          expect(envelope).toMatchObject({ code: "validation_failed", field: "equipment_id" })
        }
      }),
    ),
  )

  it.effect("who changes the request afterwards changes no session", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const { controller, request, sessionId } = yield* asked
        Object.assign(request, { label: "changed", operator: 5 })
        Object.assign(request.limsProject, { uid: "changed" })
        expect((yield* controller.status(sessionId)).request).toEqual(
          projectRequest({ templatePath: "asks_project" }),
        )
        yield* controller.resume(sessionId, { slide: 1 })
        const { path } = yield* controller.awaitResult(sessionId)
        expect(readFileSync(join(path, ".exlab-wizard", "creation.json"), "utf8")).not.toContain("changed")
      }),
    ),
  )

  it.effect("whose request id is blank gets a session of its own", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const ids = yield* Effect.forEach(["", " ", ""], (requestId) => create(projectRequest({ requestId })))
        expect(new Set(ids.map(({ sessionId }) => sessionId)).size).toBe(3)
      }),
    ),
  )

  it.effect("who answers under a name that survives no file is refused, and the session keeps waiting", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const { controller, sessionId } = yield* asked
        const names: ReadonlyArray<unknown> = ["a\u0000", "\ud800", "x".repeat(201), 5]
        for (const name of names) {
          const answer = controller.resume(sessionId, { slide: 1 }, { answeredBy: name as string })
          expect(yield* Effect.flip(answer)).toMatchObject({
            _tag: "InputInvalid",
            issues: [{ field: "answered_by", code: "input_invalid" }],
          })
        }
        expect((yield* controller.status(sessionId)).state).toBe("input_required")
      }),
    ),
  )
})
