import { readFileSync } from "node:fs"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { helpers } from "../../../layers/templates/language/helpers/registry.ts"
import { sourceLimits } from "../../../layers/templates/language/scanSource.ts"
import { decodeManifest } from "../../../layers/templates/manifest/decodeManifest.ts"
import { expressionProblems, manifestProblems } from "../../../layers/templates/manifest/manifestProblems.ts"
import { problemCodes } from "../../../layers/templates/problems.ts"
import { builtInVariables } from "../../../src/domain/Template.ts"
import { render } from "./language/source.ts"

const page = readFileSync(new URL("../../../docs/templates.md", import.meta.url), "utf8")

const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? ""

/** What stands in backticks, cell by cell. */
const codes = (cell: string): ReadonlyArray<string> =>
  [...cell.matchAll(/`([^`]*)`|``/g)].map(([, code = ""]) => code)

const rows = (title: string): ReadonlyArray<ReadonlyArray<string>> =>
  section(title)
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

const examples = rows("Helpers").flatMap(([sources = "", outputs = ""]) => {
  const printed = codes(outputs)
  return codes(sources).map((source, index) => ({ source, expected: printed[index] ?? "" }))
})

const variables = {
  label: "First look",
  sample: "HeLa cells/2",
  n: 5,
  ratio: 0.5,
  day: "2026-04-17",
  at: "2026-04-17T22:30:00Z",
  flag: true,
  empty: "",
  list: ["a", "b", 3],
}

describe("the page about templates", () => {
  it.each(examples)("$source prints $expected", ({ source, expected }) => {
    expect(render(source, variables)).toBe(expected)
  })

  it("shows every helper", () => {
    const shown = examples.map(({ source }) => /^\{\{(\w+)/.exec(source)?.[1])
    expect([...helpers.keys()].filter((name) => !shown.includes(name))).toEqual([])
  })

  it("names every variable and every code, and no other codes", () => {
    const variables = section("Variables")
    expect(builtInVariables.filter((name) => !variables.includes(`\`${name}\``))).toEqual([])
    const listed = rows("Problems and their codes").flatMap(([cell = ""]) => codes(cell))
    expect(listed.toSorted()).toEqual([...problemCodes].toSorted())
  })

  it("shows a manifest without problems", () => {
    const yaml = /<!-- manifest:.*-->\n```yaml\n([^]*?)```/.exec(page)?.[1] ?? ""
    const source = Either.getOrThrowWith(
      decodeManifest(yaml),
      (problems) => new Error(JSON.stringify(problems)),
    )
    expect([...manifestProblems(source), ...expressionProblems(source)]).toEqual([])
    const keys = Object.keys(source.manifest)
    expect(keys).toHaveLength(11)
  })

  it("says the limits that are in force", () => {
    const { expressions, terms, depth, bytes } = sourceLimits
    const number = (value: number) => value.toLocaleString("en-US")
    expect(section("Limits")).toContain(
      `${bytes / 1024 / 1024} MiB; ${number(expressions)} expressions; ${number(terms)} names and values; blocks, \`else if\` chains and parentheses ${depth} deep`,
    )
  })
})
