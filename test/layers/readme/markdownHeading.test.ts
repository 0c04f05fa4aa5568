import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { markdownHeading } from "../../../layers/readme/markdownHeading.ts"

describe("a label as a heading", () => {
  it.each([
    ["Cy3/Cy5 (test) #3, 50 % at 37 °C", "Cy3/Cy5 (test) #3, 50 % at 37 °C"],
    ["sample_A_2", "sample_A_2"],
    ["_hidden_", "\\_hidden\\_"],
    ["*bold* `code` ~gone~", "\\*bold\\* \\`code\\` \\~gone\\~"],
    ["[a](http://b)", "\\[a\\](http://b)"],
    ["<script>", "\\<script>"],
    ["AT&T &amp; &#39;", "AT&T \\&amp; \\&#39;"],
    ["C:\\data", "C:\\data"],
    ["a\\*b", "a\\\\\\*b"],
    ["run #", "run \\#"],
    ["###", "\\###"],
    ["a\n# b\r\n---\u2028c", "a # b --- c"],
    ["\u202eabc\ufeff", "abc"],
  ])("%j is written as %j", (label, heading) => {
    expect(markdownHeading(label)).toBe(heading)
  })

  it("is one line without controls, whatever the label", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (label) => {
        expect(markdownHeading(label)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
      }),
    )
  })
})
