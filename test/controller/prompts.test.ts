import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { Field } from "../../src/domain/Field.ts"
import type { PassStep, PluginPass, Prompt } from "../../src/domain/Plugin.ts"
import { noPlugins } from "../../src/domain/PluginCatalog.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { projectRequest } from "../support/requests.ts"
import { until } from "../support/world.ts"
import { create } from "./gateWorld.ts"
import { inSwapped } from "./swapped.ts"

const slide: Field = { id: "slide", label: "Slide", type: "integer", required: true }
const prompt = (over: Partial<Prompt> = {}): Prompt => ({
  promptId: "first",
  plugin: "asks",
  reason: "which slide?",
  fields: [slide],
  ...over,
})

/** A host that asks these one after the other. */
const asking = (...prompts: ReadonlyArray<Prompt>) => {
  const step = (asked: number, pass: PluginPass): PassStep => {
    const next = prompts[asked]
    return next === undefined
      ? { _tag: "Finished", applied: [] }
      : { _tag: "Asked", prompt: next, continuation: { pass, state: asked } }
  }
  return Layer.succeed(PluginHost, {
    inventory: Effect.succeed(noPlugins),
    declarations: () => Effect.succeed([]),
    check: () => Effect.void,
    candidates: () => Effect.succeed([]),
    start: (pass) => Effect.succeed(step(0, pass)),
    continue: ({ pass, state }) => Effect.succeed(step(Number(state) + 1, pass)),
  })
}

const answerWhenAsked = Effect.gen(function* () {
  const controller = yield* CreationController
  const { sessionId } = yield* create(projectRequest())
  const session = controller.status(sessionId)
  yield* until(
    "a prompt or an end",
    Effect.map(session, ({ pendingInput, state }) => pendingInput !== null || state === "failed"),
  )
  if ((yield* session).state === "input_required") yield* controller.resume(sessionId, { slide: 1 })
  return yield* Effect.flip(controller.awaitResult(sessionId))
})

describe("a host that asks what nobody could answer", () => {
  const hosts: Readonly<Record<string, ReadonlyArray<Prompt>>> = {
    "under an id that it has used before": [prompt(), prompt({ reason: "and which other?" })],
    "for nothing": [prompt({ fields: [] })],
    "for two things of one name": [prompt({ fields: [slide, { ...slide, label: "Another" }] })],
    "for a choice among nothing": [prompt({ fields: [{ ...slide, type: "choice" }] })],
  }
  for (const [how, prompts] of Object.entries(hosts)) {
    it.effect(`${how}: the session ends, and the prompt isn't shown`, () =>
      inSwapped(asking(...prompts) as Layer.Layer<never>, {}, () =>
        Effect.gen(function* () {
          expect(yield* answerWhenAsked).toMatchObject({
            _tag: "SessionFailed",
            envelope: { code: "internal_error" },
          })
        }),
      ),
    )
  }
})
