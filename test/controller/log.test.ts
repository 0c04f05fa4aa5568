import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { projectRequest } from "../support/requests.ts"
import { inWorld, until } from "../support/world.ts"

const plugins = {
  asks: { moves: [{ do: "ask", reason: "why", fields: [{ id: "n", label: "N", type: "integer" }] }] },
} as const

it.effect("whoever runs the service finds a line in its log for the end of each session", () =>
  inWorld({ plugins }, (root) =>
    Effect.gen(function* () {
      const said: Array<string> = []
      const capture = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ logLevel, message }) => void said.push(`${logLevel.label} ${String(message)}`)),
      )
      const controller = yield* CreationController
      const asked = projectRequest({
        templatePath: "asks_project",
        limsProject: { ...projectRequest().limsProject, shortId: "PROJ-2" },
      })
      yield* Effect.gen(function* () {
        const made = yield* controller.createProject(projectRequest())
        yield* controller.awaitResult(made.sessionId)
        yield* controller.createProject(projectRequest({ templatePath: "nothing" }))
        const { sessionId } = yield* controller.createProject(asked)
        yield* until(
          "the prompt",
          Effect.map(controller.status(sessionId), ({ pendingInput }) => pendingInput !== null),
        )
        yield* controller.cancel(sessionId, { discardFiles: true })
      }).pipe(Effect.provide(capture))
      yield* until(
        "three lines",
        Effect.sync(() => said.length === 3),
      )
      expect(said[0]).toBe(`INFO project done: ${join(root, "local", "DEMO_01", "PROJ-0042")}`)
      expect(said[1]).toMatch(/^INFO project failed: template_load_error: /)
      expect(said[2]).toMatch(/^INFO project aborted: cancelled$/)
    }),
  ),
)
