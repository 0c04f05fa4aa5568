import { describe, expect, it } from "@effect/vitest"
import { parseFrontMatter } from "../../../layers/readme/frontMatter.ts"

describe("front matter", () => {
  it.each([
    ["", "Absent"],
    ["# Title\n---\n", "Absent"],
    ["----\na: 1\n---\n", "Absent"],
    [" ---\na: 1\n---\n", "Absent"],
  ])("%j has none", (text, tag) => {
    expect(parseFrontMatter(text)._tag).toBe(tag)
  })

  it.each([
    ["---\na: 1\n---\nprose", "a: 1\n", "prose"],
    ["---\n---\n", "", ""],
    ["---\na: 1\n---", "a: 1\n", ""],
    ["\ufeff---\r\na: 1\r\n---\r\nprose\r\n", "a: 1\r\n", "prose\r\n"],
    ["--- \na: |\n  ---\n---\t\n---\n", "a: |\n  ---\n", "---\n"],
  ])("%j is found", (text, yaml, prose) => {
    expect(parseFrontMatter(text)).toEqual({ _tag: "Present", yaml, startLine: 2, prose })
  })

  it("is looked for in the first 200 lines and no further", () => {
    const closedOn = (line: number) => `---\n${"a\n".repeat(line - 2)}---\n`
    expect(parseFrontMatter(closedOn(200))._tag).toBe("Present")
    expect(parseFrontMatter(closedOn(201))._tag).toBe("Unclosed")
    expect(parseFrontMatter("---\na: 1\n")._tag).toBe("Unclosed")
    expect(parseFrontMatter("---")._tag).toBe("Unclosed")
  })
})
