import { describe, expect, it } from "vitest"
import { questionsSchema } from "../../src/domain/questionsSchema.ts"

describe("questions as a JSON Schema", () => {
  it("types, choices, patterns and literal defaults are those of the questions", () => {
    const schema = questionsSchema({
      name: "plate",
      version: "1",
      type: "run",
      questions: {
        plate: { type: "string", label: "Plate", required: true, pattern: "^P-" },
        notes: { type: "text", help: "Anything odd" },
        dyes: { type: "choice", options: ["A", "B"], required: true, default: "A" },
        day: { type: "date", default: "{{run_date}}" },
        wells: { type: "integer", required: true, when: "{{eq dyes 'B'}}" },
      },
    })
    expect(schema).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "plate",
      type: "object",
      properties: {
        plate: { type: "string", pattern: "^P-", title: "Plate" },
        notes: { type: "string", description: "Anything odd", "x-multiline": true },
        dyes: { type: "string", enum: ["A", "B"], default: "A" },
        day: { type: "string", format: "date" },
        wells: { type: "integer", "x-when": "{{eq dyes 'B'}}" },
      },
      required: ["plate"],
    })
  })

  it("a template without questions takes an object", () => {
    expect(questionsSchema({ name: "plain", version: "1", type: "project" })).toMatchObject({
      type: "object",
      properties: {},
      required: [],
    })
  })
})
