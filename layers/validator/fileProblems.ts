import { textProblems } from "../../src/domain/TextRules.ts"
import { type FrontMatterProblem, frontMatterProblems } from "./frontMatterProblems.ts"

/** A NUL within so many bytes makes a file binary. */
const sniffedBytes = 8 * 1024

const markdown = [".md", ".markdown"]

export const hasExtension = (name: string, extensions: ReadonlyArray<string>): boolean => {
  const lower = name.toLowerCase()
  return extensions.some((extension) => lower.endsWith(extension))
}

const isBinary = (content: Uint8Array): boolean => content.subarray(0, sniffedBytes).includes(0)

/** Bytes that aren't UTF-8 become U+FFFD: what the rules look for is ASCII. A byte order mark is dropped. */
const decode = (content: Uint8Array): string => new TextDecoder().decode(content)

/** Everything that the rules for contents find in one file, `maxProblemsPerRule` of each rule at most. */
export const fileProblems = (name: string, content: Uint8Array): ReadonlyArray<FrontMatterProblem> => {
  if (isBinary(content)) return []
  const text = decode(content)
  return hasExtension(name, markdown) ? frontMatterProblems(text) : textProblems(text)
}
