import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FC from "effect/FastCheck"
import { abridge } from "../../src/controller/abridge.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { CreateRequest } from "../../src/domain/CreateRequest.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { create, done, refusalOf } from "./gateWorld.ts"

const mega = 1_000_000
const long = "x".repeat(3 * mega)
const sizeOf = (value: unknown): number => JSON.stringify(value).length

const tooMuch: Readonly<Record<string, object>> = {
  "in a text": projectRequest({ label: long }),
  "in the template's name": projectRequest({ templatePath: long }),
  "in the request id": projectRequest({ requestId: long }),
  "in a variable": projectRequest({ variables: { a: long } }),
  "in the name of a variable": projectRequest({ variables: { [long.slice(0, 900_000)]: 1 } }),
  "in variables that nobody asked for": projectRequest({
    variables: Object.fromEntries(Array.from({ length: 15_000 }, (_, n) => [`variable_${n}`, n])),
  }),
  "in a list": projectRequest({ variables: { a: Array.from({ length: mega }, () => "x") } }),
  "in what the LIMS knows": projectRequest({
    limsProject: { ...projectRequest().limsProject, uid: long },
  }),
  "in README fields": runRequest({ readmeExtra: { a: { b: [long] }, c: long.slice(0, 900_000) } }),
  "in fields that no request has": Object.assign(
    projectRequest(),
    Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field${n}`, "y".repeat(500)])),
  ),
}

describe("of a request that was refused for having too much", () => {
  for (const [where, request] of Object.entries(tooMuch)) {
    it.effect(`${where}, a little is remembered`, () =>
      inWorld({}, () =>
        Effect.gen(function* () {
          const handle = yield* create(request)
          yield* refusalOf(handle)
          const controller = yield* CreationController
          const session = yield* controller.status(handle.sessionId)
          expect(sizeOf(session)).toBeLessThan(150_000)
          expect(session.request.operator).toBe("asmith")
        }),
      ),
    )
  }

  it.effect("what it was shows: the beginning, and how much there was", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const { sessionId } = yield* create(projectRequest({ label: long, variables: { list: ["a", long] } }))
        const controller = yield* CreationController
        const { label, variables } = (yield* controller.status(sessionId)).request
        expect(label).toMatch(/^x{100}… \(3000000 characters\)$/)
        expect(variables).toEqual({ list: ["a", label] })
      }),
    ),
  )
})

describe("a request of the usual size", () => {
  it.effect("is remembered as it was, refused or not", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const wrong = projectRequest({ label: "", variables: { a: [1, { b: null }] } })
        const { sessionId } = yield* create(wrong)
        expect((yield* controller.status(sessionId)).request).toEqual(wrong)
      }),
    ),
  )

  it.effect("that was accepted is remembered whole, however long it is", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const request = projectRequest({
          objective: "y".repeat(2000),
          readmeExtra: { a: "z".repeat(50_000) },
        })
        yield* done(request)
        const { sessions } = yield* controller.list()
        expect(sessions.map((session) => session.request)).toEqual([request])
      }),
    ),
  )
})

describe("abridging", () => {
  const anything = FC.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true })

  it.prop("ends for everything, within bounds, and leaves what can be written", [anything], ([value]) => {
    const whole = abridge({ variables: value } as unknown as CreateRequest)
    expect(sizeOf(whole)).toBeLessThan(100_000)
  })

  it("ends for what holds itself", () => {
    const own: Record<string, unknown> = { name: "own" }
    own["own"] = [own, own]
    expect(sizeOf(abridge({ variables: own } as unknown as CreateRequest))).toBeLessThan(100_000)
  })

  it.prop("changes no JSON of a usual size", [FC.json({ maxDepth: 3 })], ([text]) => {
    FC.pre(text.length < 200)
    const request = { variables: { value: JSON.parse(text) as unknown } } as unknown as CreateRequest
    expect(abridge(request)).toEqual(request)
  })
})
