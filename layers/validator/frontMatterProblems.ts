import { type TextProblem, textProblems } from "../../src/domain/TextRules.ts"
import { maxFrontMatterLines, parseFrontMatter } from "../readme/frontMatter.ts"
import { type Place, readYaml } from "./yamlPlaces.ts"

/** Longer front matter isn't parsed: a parser's time for a hostile text grows with its square. */
export const maxParsedLength = 32 * 1024

export interface FrontMatterProblem {
  readonly rule: TextProblem["rule"] | "malformed_yaml_front_matter"
  readonly token: string | null
  readonly detail: string
  readonly line: number
  readonly keyPath?: string
}

const unparsed = { problem: null, places: [] }

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

const malformed = (line: number, reason: string): FrontMatterProblem => ({
  rule: "malformed_yaml_front_matter",
  token: null,
  detail: `has front matter that can't be read: ${reason}`,
  line,
})

const located = (
  problem: TextProblem,
  places: ReadonlyArray<Place>,
  startLine: number,
): FrontMatterProblem => {
  const { rule, token, detail, offset } = problem
  const keyPath = places.findLast(({ start, end }) => start <= offset && offset < end)?.keyPath ?? ""
  const line = startLine + problem.line - 1
  return { rule, token, detail, line, ...(keyPath === "" ? {} : { keyPath }) }
}

/** The rules for Markdown: they hold for its front matter, and for nothing below that. */
export const frontMatterProblems = (text: string): ReadonlyArray<FrontMatterProblem> => {
  const frontMatter = parseFrontMatter(text)
  switch (frontMatter._tag) {
    case "Absent":
      return []
    case "Unclosed":
      return [malformed(1, `no closing --- in ${maxFrontMatterLines} lines`)]
    case "Present": {
      const { yaml, startLine } = frontMatter
      const { problem, places } = yaml.length > maxParsedLength ? unparsed : readYaml(yaml)
      const leftovers = textProblems(yaml).map((found) => located(found, places, startLine))
      if (problem === null) return leftovers
      return [malformed(startLine - 1 + lineOf(yaml, problem.offset), problem.message), ...leftovers]
    }
  }
}
