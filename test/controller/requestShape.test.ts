import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, FastCheck as fc, Schema } from "effect"
import { shapeIssues } from "../../src/controller/requestShape.ts"
import { ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"
import { runRequest } from "../support/requests.ts"

const kinds = ["project", "run"] as const

const project = Arbitrary.make(Schema.typeSchema(ProjectCreateRequest))
const run = Arbitrary.make(Schema.typeSchema(RunCreateRequest))

/** Whatever a program may hold: also maps, functions, sparse lists, objects without a prototype. */
const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("a request's shape", () => {
  it.prop(
    "is right exactly for what its schema makes, and for one kind only",
    [project, run],
    ([aProject, aRun]) => {
      expect(shapeIssues("project", aProject)).toEqual([])
      expect(shapeIssues("run", aRun)).toEqual([])
      expect(shapeIssues("run", aProject)).not.toEqual([])
      expect(shapeIssues("project", aRun)).not.toEqual([])
    },
  )

  it.prop("is told of whatever is sent, each field once or part by part", [anything], ([value]) => {
    for (const kind of kinds) {
      const issues = shapeIssues(kind, value)
      expect(issues.length).toBeGreaterThan(0)
      expect(new Set(issues.map(({ code }) => code))).toEqual(new Set(["validation_failed"]))
    }
  })

  it.prop(
    "with one field replaced is right, or that field is named",
    [fc.constantFrom(...Object.keys(runRequest()), "readmeExtra", "limsProject", "runDate"), anything],
    ([name, value]) => {
      const request = { ...runRequest(), [name]: value }
      const issues = shapeIssues("run", request)
      const wire = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      for (const { field } of issues) expect(`${field}.`.startsWith(`${wire}.`)).toBe(true)
      if (issues.length > 0 || value === undefined) return
      expect(Schema.is(RunCreateRequest)(request)).toBe(true)
      const wired = Schema.encodeSync(RunCreateRequest)(request)
      const back = Schema.decodeUnknownSync(RunCreateRequest)(throughJson(wired))
      expect(throughJson(back)).toEqual(throughJson(request))
    },
    { fastCheck: { numRuns: 500 } },
  )

  it("doesn't take long over what is endless", () => {
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`field${n}`, n]))
    expect(shapeIssues("run", many).length).toBeLessThanOrEqual(100)
    const wide = {
      ...runRequest(),
      variables: Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [n, n])),
    }
    expect(shapeIssues("run", wide)).toEqual([
      { field: "variables", code: "validation_failed", message: "holds more than 20000 values" },
    ])
  })
})
