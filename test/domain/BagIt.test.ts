import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { type BagFacts, bagInfoText, manifestText } from "../../src/domain/BagIt.ts"
import { names } from "./exports.ts"

const digest = "0123456789abcdef".repeat(4)

const facts: BagFacts = {
  organization: null,
  contact: "asmith",
  description: "Cells, day 3: See them divide.",
  identifier: "CONFOCAL_01/PROJ-0042",
  group: "PROJ-0042",
  license: null,
  date: "2026-05-01",
  payload: [{ size: 3 }, { size: 4 }],
  software: "exlab-wizard 0.1.0",
}

describe("a manifest", () => {
  it("has a line for each file, sorted, from which its path can be read again", () => {
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 6 }), (paths) => {
        const lines = manifestText(paths.map((path) => ({ path, sha256: digest })))
          .split("\n")
          .slice(0, -1)
        const read = lines.map((line) => line.slice(66).replaceAll(/%(25|0A|0D)/g, decodeURIComponent))
        expect(lines.every((line) => line.startsWith(`${digest}  `))).toBe(true)
        expect(read).toEqual(paths.toSorted())
      }),
    )
  })

  it("encodes line breaks and percent signs, and nothing else", () => {
    const path = "data/100%\r\nä b\\*%41"
    expect(manifestText([{ path, sha256: digest }])).toBe(`${digest}  data/100%25%0D%0Aä b\\*%2541\n`)
  })
})

describe("what a bag says of itself", () => {
  it("is what is known, one line each", () => {
    expect(
      bagInfoText({ ...facts, contact: "  ", organization: "Example\n University ", license: "CC0-1.0" }),
    ).toBe(
      [
        "Source-Organization: Example University",
        "External-Description: Cells, day 3: See them divide.",
        "External-Identifier: CONFOCAL_01/PROJ-0042",
        "Bag-Group-Identifier: PROJ-0042",
        "Bagging-Date: 2026-05-01",
        "Payload-Oxum: 7.2",
        "License: CC0-1.0",
        "Bag-Software-Agent: exlab-wizard 0.1.0",
        "",
      ].join("\n"),
    )
  })

  it("never holds a line that isn't one of its own, whatever people wrote", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const lines = bagInfoText({ ...facts, description: text, contact: text }).split("\n")
        expect(lines.slice(0, -1).every((line) => /^[A-Z][\w-]+: \S/.test(line))).toBe(true)
        expect(lines.length).toBeLessThanOrEqual(8)
      }),
    )
  })
})
