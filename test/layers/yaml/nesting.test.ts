import { describe, expect, it } from "vitest"
import { isNestedTooDeeply, maxNesting } from "../../../layers/yaml/nesting.ts"

const levels = 30_000

describe("YAML nested too deeply", () => {
  it.each([
    ["lists in brackets", "[".repeat(levels)],
    ["closed ones", `${"[".repeat(levels)}${"]".repeat(levels)}`],
    ["maps in braces", "{a: ".repeat(levels)],
    ["lists on one line", `${"- ".repeat(levels)}x`],
    ["lists apart by tabs", `${"-\t".repeat(levels)}x`],
    ["keys that are lists", "? - ".repeat(levels)],
    ["indentation", Array.from({ length: 700 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["just too deep", `${"[".repeat(maxNesting + 1)}${"]".repeat(maxNesting + 1)}`],
  ])("%s", (_, text) => {
    expect(isNestedTooDeeply(text)).toBe(true)
  })

  it.each([
    ["nothing", ""],
    ["what a person writes", "a:\n  - b: [1, {c: d}]\n    e: |\n      [[[[\n      - - - -\n"],
    [
      "brackets in texts",
      `a: "${"[".repeat(levels)}"\nb: '${"{".repeat(levels)}'\nc: # ${"[".repeat(levels)}`,
    ],
    ["many on one level", "- [a]\n".repeat(5000)],
    ["what never nests", "---\n".repeat(5000)],
  ])("is not %s", (_, text) => {
    expect(isNestedTooDeeply(text)).toBe(false)
  })
})
