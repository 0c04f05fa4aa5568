import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { maxFrontMatterLines, parseFrontMatter } from "../../../layers/readme/frontMatter.ts"
import { renderReadme } from "../../../layers/readme/renderReadme.ts"
import type { ReadmeFields } from "../../../src/domain/CreationRecord.ts"
import { readmeFieldsText } from "../../../src/domain/RecordText.ts"
import { readReadmeFields } from "../../../src/domain/StoredRecord.ts"
import { nasty, readmeFields } from "./arbitraries.ts"
import { batchReaders, readers } from "./readers.ts"

/** What a parser must give back, as JSON text: it tells strings from numbers, and keeps odd keys. */
const expected = (fields: ReadmeFields): string =>
  JSON.stringify({
    readme_schema_version: "1.1",
    ...fields.coreFields,
    template_fields: fields.templateFields,
    config_fields: fields.configFields,
    custom_fields: fields.customFields,
    system: fields.systemFields,
  })

const yamlOf = (readme: string): string => {
  const found = parseFrontMatter(readme)
  expect(found._tag).toBe("Present")
  return found._tag === "Present" ? found.yaml : ""
}

const plain: ReadmeFields = {
  schemaVersion: "1.1",
  generatedAt: "2026-04-17T14:32:00Z",
  coreFields: { label: "Cells, day 3", operator: "asmith", objective: "See them divide." },
  templateFields: { stain: "DAPI", slides: 4 },
  configFields: {},
  customFields: [{ label: "Weather", value: "rain" }],
  systemFields: {
    created: "2026-04-17T14:32:00Z",
    created_by: "service",
    equipment: { id: "CONFOCAL_01", label: "Confocal 1" },
    template: { name: "confocal_run", version: "2.1" },
    project: "PROJ-0042",
    run: "Run_2026-04-17T14-32-00",
    run_kind: "experimental",
  },
  body: "## Notes\n*(none)*\n",
}

describe("README", () => {
  it("is easy to read when nothing is odd", () => {
    expect(renderReadme(plain)).toBe(`---
readme_schema_version: "1.1"
label: "Cells, day 3"
operator: "asmith"
objective: "See them divide."
template_fields:
  "stain": "DAPI"
  "slides": 4
config_fields: {}
custom_fields:
  - {label: "Weather", value: "rain"}
system:
  created: "2026-04-17T14:32:00Z"
  created_by: "service"
  equipment: {id: "CONFOCAL_01", label: "Confocal 1"}
  template: {name: "confocal_run", version: "2.1"}
  project: "PROJ-0042"
  run: "Run_2026-04-17T14-32-00"
  run_kind: "experimental"
---
# Cells, day 3
## Notes
*(none)*
`)
  })

  it.each(readers)("gives $name exactly the values back", ({ read }) => {
    fc.assert(
      fc.property(readmeFields, (fields) => {
        expect(JSON.stringify(read(yamlOf(renderReadme(fields))))).toBe(expected(fields))
      }),
      { numRuns: 300 },
    )
  })

  it.each(batchReaders)("gives $name back every text that looks like something else", ({ readAll }) => {
    const samples = nasty.map((value) => ({
      ...plain,
      coreFields: { label: value, operator: value, objective: value },
      customFields: [{ label: value, value }],
    }))
    const all = [...samples, ...fc.sample(readmeFields, 300)]
    const read = readAll(all.map((fields) => yamlOf(renderReadme(fields))))
    expect(read.map((value) => JSON.stringify(value))).toEqual(all.map(expected))
  })

  it("is made again byte for byte from readme_fields.json", () => {
    fc.assert(
      fc.property(readmeFields, (fields) => {
        const file = new TextEncoder().encode(readmeFieldsText(fields))
        const read = Either.getOrThrow(readReadmeFields("readme_fields.json", file))
        expect(renderReadme(read)).toBe(renderReadme(fields))
      }),
    )
  })

  it("closes its front matter within the lines that readers look at, and keeps the prose whole", () => {
    fc.assert(
      fc.property(readmeFields, (fields) => {
        const readme = renderReadme(fields)
        const lines = readme.split("\n")
        expect(lines.indexOf("---", 1)).toBeLessThan(maxFrontMatterLines)
        const found = parseFrontMatter(readme)
        const prose = found._tag === "Present" ? found.prose : ""
        expect(prose.startsWith("# ")).toBe(true)
        const body = prose.slice(prose.indexOf("\n") + 1)
        expect([fields.body, `${fields.body}\n`]).toContain(body)
      }),
    )
  })

  it("has no character in its front matter that can hide or break a line", () => {
    fc.assert(
      fc.property(readmeFields, (fields) => {
        const yaml = yamlOf(renderReadme(fields)).replaceAll("\n", "")
        expect(yaml).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufeff]/u)
      }),
    )
  })

  it("survives ids that are longer than YAML's simple keys", () => {
    const fields = { ...plain, templateFields: Object.fromEntries([["k".repeat(3000), "v"]]) }
    for (const { read } of readers) {
      expect(JSON.stringify(read(yamlOf(renderReadme(fields))))).toBe(expected(fields))
    }
  })
})
