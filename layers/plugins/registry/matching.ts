import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import { globMatcher, globProblems } from "../../globs/globMatcher.ts"

/** A dot and what follows it, without what makes a text a glob or a path. */
const isExtension = (match: string): boolean => /^\.[^/\\*?[\]{}()!]*[^/\\*?[\]{}()!.]$/.test(match)

/** Other alphabets stay as they are: what their lower case is depends on whom one asks. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** What is wrong with the extensions and globs of a manifest, by their index. */
export const matchProblems = (matches: ReadonlyArray<string>): ReadonlyArray<readonly [number, string]> => [
  ...globProblems(matches),
  ...matches.flatMap((match, index) =>
    /^(?:\.|\.{3,})$/.test(match) ? [[index, `${match} is neither an extension nor a glob`] as const] : [],
  ),
]

/**
 * Whether a plugin wants a file of the tree: extensions (`.csv`) match the end of its name whatever the case
 * of its letters, globs the path as it is.
 */
export const matches = ({ matches }: Pick<PluginManifest, "matches">): ((path: string) => boolean) => {
  const extensions = matches.filter(isExtension).map(lowerAscii)
  const isNamed = globMatcher(matches.filter((match) => !isExtension(match)))
  return (path) => {
    const lower = lowerAscii(path)
    return extensions.some((extension) => lower.endsWith(extension)) || isNamed(path)
  }
}
