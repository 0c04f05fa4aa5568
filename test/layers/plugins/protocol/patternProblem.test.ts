import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { patternProblem } from "../../../../layers/plugins/protocol/patternProblem.ts"

describe("a pattern that a plugin asks answers to match", () => {
  it("may be what people write for wells, dates, ids", () => {
    for (const pattern of [
      "^[A-H](1[0-2]|[1-9])$",
      "^\\d{4}-\\d{2}-\\d{2}$",
      "^[A-Z]+-\\d+$",
      "^(a|b)?[+*]$",
      "\\(a\\)*",
      "\\p{L}+",
    ]) {
      expect([pattern, patternProblem(pattern)]).toEqual([pattern, null])
    }
  })

  it("may not take for ever", () => {
    for (const pattern of [
      "^(a+)+$",
      "(a|a)*b",
      "(a|ab){2,}",
      "(?:x*)*",
      "(.*)\\1",
      "(?<n>a)\\k<n>",
      "a*a*a*a*b",
    ]) {
      expect([pattern, patternProblem(pattern)]).not.toEqual([pattern, null])
    }
    expect(patternProblem("a".repeat(201))).not.toBeNull()
  })

  it("is refused when it repeats a group, however the group is written", () => {
    const inner = fc.constantFrom("a", "\\)", "[)]", "a|b", "(a)", "\\\\", "[\\]]")
    const kind = fc.constantFrom("(", "(?:", "(?=", "(?<n>")
    fc.assert(
      fc.property(kind, inner, fc.constantFrom("*", "+", "{2,}", "{3}"), (open, text, times) => {
        expect(patternProblem(`^${open}${text})${times}$`)).not.toBeNull()
      }),
    )
  })
})
