import { DateTime, Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { valueProblem } from "../../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../../src/domain/Json.ts"
import type { Manifest, Question } from "../../../src/domain/Template.ts"
import { questionsOf } from "../../../layers/templates/manifest/questions.ts"
import { answerQuestions } from "../../../layers/templates/render/answerQuestions.ts"
import { builtIn } from "./engine.ts"

type Questions = Readonly<Record<string, Question>>

const answer = (questions: Questions, variables: JsonObject, pluginVariables: ReadonlyArray<string> = []) => {
  const manifest: Manifest = { name: "t", version: "1", type: "run", runScope: "both", questions }
  return answerQuestions({
    questions: questionsOf(manifest),
    builtIn,
    variables,
    pluginVariables,
    zone: DateTime.zoneUnsafeMakeNamed("UTC"),
  })
}

const right = (...args: Parameters<typeof answer>) =>
  Either.getOrThrowWith(answer(...args), (issues) => new Error(JSON.stringify(issues)))

/** `field: message` of every issue. */
const issues = (...args: Parameters<typeof answer>) =>
  Either.match(answer(...args), {
    onLeft: (found) => found.map(({ field, message }) => `${field}: ${message}`),
    onRight: () => [],
  })

describe("answers", () => {
  it("every question has a value, in the order of the questions", () => {
    const questions: Questions = {
      z: { type: "string" },
      a: { type: "number" },
      flag: { type: "boolean" },
      stain: { type: "choice", options: ["DAPI", "GFP"], default: "GFP" },
      day: { type: "date" },
    }
    expect(JSON.stringify(right(questions, {}))).toBe('{"z":"","a":"","flag":false,"stain":"GFP","day":""}')
    expect(JSON.stringify(right(questions, { day: "2026-04-17", flag: true, a: 0, z: "x" }))).toBe(
      '{"z":"x","a":0,"flag":true,"stain":"GFP","day":"2026-04-17"}',
    )
  })

  it.each<[Question, Json]>([
    [{ type: "string" }, "a\nb"],
    [{ type: "string" }, 1],
    [{ type: "string" }, "a\0"],
    [{ type: "text" }, "\ud800"],
    [{ type: "string", pattern: "^[A-Z]+$" }, "abc"],
    [{ type: "string", pattern: "^a*$" }, "a".repeat(1001)],
    [{ type: "text" }, "a".repeat(100_001)],
    [{ type: "number" }, "1"],
    [{ type: "integer" }, 1.5],
    [{ type: "boolean" }, "true"],
    [{ type: "date" }, "2026-02-30"],
    [{ type: "choice", options: ["a"] }, "b"],
    [{ type: "choice", options: ["a"] }, ["a"]],
    [{ type: "string" }, {}],
    [{ type: "string", required: true }, ""],
    [{ type: "string", required: true }, "  "],
    [{ type: "string", required: true }, null],
    [{ type: "boolean", required: true }, null],
  ])("%j doesn't take %j", (question, value) => {
    expect(answer({ a: question }, { a: value })).toMatchObject({
      _tag: "Left",
      left: [{ field: "variables.a", code: "validation_failed" }],
    })
  })

  it("all issues come back at once", () => {
    const questions: Questions = {
      a: { type: "string", required: true, label: "Sample" },
      b: { type: "number" },
    }
    expect(issues(questions, { b: "x", label: "y", nope: 1, constructor: 2 }, ["plug"])).toEqual([
      "variables.label: is set by the service and can't be given",
      "variables.nope: is not known to this template; it knows: a, b, plug",
      "variables.constructor: is not known to this template; it knows: a, b, plug",
      "variables.a: Sample is required",
      "variables.b: must be a number",
    ])
  })

  it("what the service sets can't be given, also where a plugin declares it", () => {
    expect(issues({}, { label: "x" }, ["label"])).toEqual([
      "variables.label: is set by the service and can't be given",
    ])
    expect(right({}, {}, ["label"])).toEqual({})
  })

  it("what plugins declare passes as it is, whatever it is", () => {
    const given = { panel: [{ channel: "FITC" }], depth: null, n: 1 }
    expect(right({}, given, ["panel", "depth", "n", "absent"])).toEqual(given)
    expect(issues({ n: { type: "string" } }, { n: 1 }, ["n"])).toEqual(["variables.n: must be a string"])
  })

  const odd = ["constructor", "toString", "hasOwnProperty", "valueOf", "__proto__", "__defineGetter__"]

  it.each(odd)("a question or variable called %s is like any other", (name) => {
    const questions: Questions = name === "__proto__" ? {} : { [name]: { type: "string", required: true } }
    const plugin = name === "__proto__" ? [name] : []
    const given: JsonObject = Object.fromEntries([[name, "x"]])
    const answers = right(questions, given, plugin)
    expect(Object.keys(answers)).toEqual([name])
    expect(Object.getOwnPropertyDescriptor(answers, name)?.value).toBe("x")
    if (plugin.length === 0) expect(issues(questions, {})).toEqual([`variables.${name}: ${name} is required`])
    expect(issues({}, given)).toEqual([`variables.${name}: is not known to this template; it knows: none`])
  })
})

describe("conditions", () => {
  const questions: Questions = {
    live: { type: "boolean" },
    temperature: { type: "number", required: true, when: "{{live}}" },
    reason: { type: "string", required: true, when: "{{and live (gt temperature 40)}}" },
    only_tests: { type: "string", required: true, when: "{{eq run_kind 'test'}}" },
  }

  it("a question is asked, and required, only where its condition renders to true", () => {
    expect(right(questions, {})).toEqual({ live: false, temperature: "", reason: "", only_tests: "" })
    expect(issues(questions, { live: true })).toEqual(["variables.temperature: temperature is required"])
    expect(right(questions, { live: true, temperature: 37 })).toMatchObject({ temperature: 37, reason: "" })
    expect(issues(questions, { live: true, temperature: 41 })).toEqual([
      "variables.reason: reason is required",
    ])
  })

  it("what was typed into a question that isn't asked is not dropped silently", () => {
    expect(issues(questions, { temperature: 37 })).toEqual([
      "variables.temperature: is not asked with these other answers: leave it out",
    ])
    expect(right(questions, { temperature: "", reason: null })).toMatchObject({ temperature: "", reason: "" })
  })

  it("one that can't be worked out is an issue", () => {
    const broken: Questions = {
      a: { type: "string" },
      b: { type: "string", when: "{{formatDate a 'yyyy'}}" },
    }
    expect(issues(broken, { a: "soon" })).toEqual([
      "variables.b: has a condition that can't be worked out: `formatDate` needs an ISO-8601 date, not soon",
    ])
  })

  it("an answer that is wrong makes no further noise", () => {
    expect(issues(questions, { live: true, temperature: "hot" })).toEqual([
      "variables.temperature: must be a number",
    ])
  })
})

describe("defaults", () => {
  it.each<[Question, Json]>([
    [{ type: "string", default: "{{label}} by {{operator}}" }, "First look by asmith"],
    [{ type: "number", default: "{{n}}" }, 3.5],
    [{ type: "integer", default: " {{i}} " }, 12],
    [{ type: "boolean", default: "{{eq run_kind 'experimental'}}" }, true],
    [{ type: "date", default: "{{formatDate run_date 'yyyy-MM-dd'}}" }, "2026-04-17"],
    [{ type: "choice", options: ["CONFOCAL_01"], default: "{{equipment_id}}" }, "CONFOCAL_01"],
    [{ type: "number", default: "{{empty}}" }, ""],
    [{ type: "boolean", default: "{{empty}}" }, false],
    [{ type: "integer", default: 7 }, 7],
  ])("%j is worked out as %j", (question, expected) => {
    const earlier: Questions = { n: { type: "number" }, i: { type: "string" }, empty: { type: "string" } }
    expect(right({ ...earlier, a: question }, { n: 3.5, i: "12" })["a"]).toBe(expected)
  })

  it.each<[Question, string]>([
    [{ type: "integer", default: "{{label}}" }, 'the default "First look" must be a whole number'],
    [{ type: "boolean", default: "{{label}}" }, 'the default "First look" must be true or false'],
    [{ type: "integer", default: "0x10{{empty}}" }, 'the default "0x10" must be a whole number'],
    [{ type: "choice", options: ["x"], default: "{{label}}" }, 'the default "First look" must be one of: x'],
    [{ type: "string", required: true, default: "{{empty}}" }, "a is required"],
  ])("%j doesn't fit its own type", (question, message) => {
    expect(issues({ empty: { type: "string" }, a: question }, {})).toEqual([`variables.a: ${message}`])
  })
})

describe("for any questions and any values", () => {
  const fitting: Readonly<Record<Question["type"], fc.Arbitrary<Json>>> = {
    string: fc.string(),
    text: fc.string(),
    number: fc.double({ noNaN: true, noDefaultInfinity: true }),
    integer: fc.integer(),
    boolean: fc.boolean(),
    date: fc.constant("2026-04-17"),
    choice: fc.constantFrom("a", "b"),
  }
  const type = fc.constantFrom<Question["type"]>(
    "string",
    "text",
    "number",
    "integer",
    "boolean",
    "date",
    "choice",
  )
  const asked = fc.tuple(type, fc.boolean()).chain(([type, required]) => {
    const question: Question = { type, required, ...(type === "choice" ? { options: ["a", "b"] } : {}) }
    const value = fc.oneof(
      { weight: 6, arbitrary: fitting[type] },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Json | undefined>(undefined, "", null, "a", 1, 1.5, true, [], {}),
      },
    )
    return value.map((value) => ({ question, value }))
  })

  it("what comes back has every question once, and each value fits it or is blank", () => {
    const seen = { Left: 0, Right: 0 }
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b", "c", "d", "toString"), asked), (all) => {
        const entries = Object.entries(all)
        const questions: Questions = Object.fromEntries(entries.map(([id, { question }]) => [id, question]))
        const given = entries.flatMap(([id, { value }]) =>
          value === undefined ? [] : [[id, value] as const],
        )
        const answers = answer(questions, Object.fromEntries(given))
        seen[answers._tag] += 1
        if (Either.isLeft(answers)) {
          expect(answers.left.length).toBeGreaterThan(0)
          return
        }
        expect(Object.keys(answers.right)).toEqual(Object.keys(questions))
        for (const [id, question] of Object.entries(questions)) {
          const value = answers.right[id] ?? null
          const blank = typeof value === "string" && value.trim() === ""
          const unanswered = value === false && question.type === "boolean"
          const fits = blank
            ? question.required !== true
            : unanswered || valueProblem(question, value) === null
          expect([id, question, value, fits]).toEqual([id, question, value, true])
        }
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(seen.Left, seen.Right)).toBeGreaterThan(200)
  })
})
