import { Either } from "effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import {
  assertTransition,
  edge,
  edges,
  isEdge,
  isTerminal,
  type Next,
  SessionState,
  type SourceOf,
  stateToPhase,
} from "../../src/domain/SessionState.ts"

const states = SessionState.literals

// Written down apart from the table in the code: the contract, edge by edge.
const legal = new Set([
  "pending>validating",
  "validating>rendering",
  "rendering>plugin_pass",
  "plugin_pass>input_required",
  "input_required>plugin_pass",
  "plugin_pass>cache_write",
  "cache_write>post_validate",
  "post_validate>sync_queued",
  "sync_queued>done",
  ...["pending", "validating", "rendering", "plugin_pass", "input_required"].flatMap((from) => [
    `${from}>failed`,
    `${from}>aborted`,
  ]),
  ...["cache_write", "post_validate", "sync_queued"].flatMap((from) => [`${from}>failed`, `${from}>aborted`]),
])

describe("the table of edges", () => {
  it("has 11 states, 121 ordered pairs, and exactly 25 edges", () => {
    expect(states.length).toBe(11)
    expect(legal.size).toBe(25)
    const pairs = states.flatMap((from) => states.map((to) => [from, to] as const))
    expect(pairs.length).toBe(121)
    expect(pairs.filter(([from, to]) => isEdge(from, to)).length).toBe(25)
  })

  for (const from of states) {
    for (const to of states) {
      const pair = `${from}>${to}`
      it(`${pair} is ${legal.has(pair) ? "legal" : "refused"}`, () => {
        expect(isEdge(from, to)).toBe(legal.has(pair))
        const asserted = assertTransition(from, to)
        expect(Either.isRight(asserted)).toBe(legal.has(pair))
        if (Either.isLeft(asserted)) {
          expect(asserted.left).toMatchObject({
            _tag: "IllegalTransition",
            from,
            to,
            code: "illegal_transition",
          })
        }
      })
    }
  }

  it("ends nowhere but in the three terminal states", () => {
    expect(states.filter(isTerminal)).toEqual(["done", "failed", "aborted"])
    for (const state of states) expect(isTerminal(state)).toBe(edges[state].length === 0)
  })
})

describe("phases", () => {
  it("belong to states as the contract says", () => {
    expect(Object.fromEntries(states.map((state) => [state, stateToPhase(state)]))).toEqual({
      pending: null,
      validating: "validating_inputs",
      rendering: "rendering_template",
      plugin_pass: "running_plugins",
      input_required: "input_required",
      cache_write: "writing_cache",
      post_validate: "validating_post_creation",
      sync_queued: "queueing_nas_sync",
      done: "done",
      failed: null,
      aborted: null,
    })
  })
})

describe("edges in code", () => {
  it("compile when they are legal", () => {
    expect(edge("pending", "validating")).toEqual(["pending", "validating"])
    expect(edge("input_required", "plugin_pass")).toEqual(["input_required", "plugin_pass"])
    expectTypeOf<Next<"plugin_pass">>().toEqualTypeOf<
      "input_required" | "cache_write" | "failed" | "aborted"
    >()
    expectTypeOf<SourceOf<"plugin_pass">>().toEqualTypeOf<"rendering" | "input_required">()
    expectTypeOf<Next<"done">>().toEqualTypeOf<never>()
  })

  it("don't compile when they aren't", () => {
    // @ts-expect-error rendering doesn't go to done
    edge("rendering", "done")
    // @ts-expect-error nothing leaves a terminal state
    edge("failed", "pending")
    // @ts-expect-error a state doesn't go to itself
    edge("rendering", "rendering")
  })

  it("must be legal for every member of a union", () => {
    const from: "rendering" | "plugin_pass" = Math.max(1, 2) > 1 ? "rendering" : "plugin_pass"
    const either = from as "rendering" | "plugin_pass"
    // @ts-expect-error only plugin_pass may go to cache_write
    edge(either, "cache_write")
    expect(edge(either, "failed")).toEqual(["rendering", "failed"])
    expectTypeOf<Next<"rendering" | "plugin_pass">>().toEqualTypeOf<"failed" | "aborted">()
    expectTypeOf<Next<"rendering" | "input_required">>().toEqualTypeOf<"plugin_pass" | "failed" | "aborted">()
  })
})
