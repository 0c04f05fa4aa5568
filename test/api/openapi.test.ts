import { OpenApi } from "@effect/platform"
import { Validator } from "@seriousme/openapi-schema-validator"
import { describe, expect, it } from "vitest"
import { Api } from "../../src/api/Api.ts"

const document = OpenApi.fromApi(Api)
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

describe("the OpenAPI document", () => {
  it("is one of version 3.1, as a validator of others' sees it", async () => {
    const result = await new Validator().validate({ ...document })
    expect(result).toEqual({ valid: true })
    expect(document.openapi).toBe("3.1.0")
  })

  it("says of every operation what it is for", () => {
    expect(operations.length).toBeGreaterThan(10)
    expect(operations.filter(({ operation }) => operation.summary === undefined)).toEqual([])
  })

  it("asks for every body but those that may be left out", () => {
    const bodies = operations.filter(({ operation }) => operation.requestBody !== undefined)
    const optional = bodies.filter(({ operation }) => !operation.requestBody?.required)
    expect(optional.map(({ path }) => path)).toEqual([
      "/api/v1/sessions/{id}/cancel",
      "/api/v1/problems/refresh",
    ])
    const types = optional.flatMap(({ operation }) => Object.keys(operation.requestBody?.content ?? {}))
    expect(types).toEqual(["application/json", "application/json"])
  })

  it("has one envelope for all errors, and nothing of the platform's own", () => {
    expect(JSON.stringify(document)).not.toContain("HttpApi")
    const errors = operations.flatMap(({ operation }) =>
      Object.entries(operation.responses).filter(([status]) => Number(status) >= 400),
    )
    const schemas = errors.map(([status, response]) => [status, JSON.stringify(response.content)])
    expect(schemas.filter(([status, content]) => !content?.includes(`Error${status}`))).toEqual([])
  })
})
