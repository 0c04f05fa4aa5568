import { Either } from "effect"
import picomatch from "picomatch"

const limits = {
  globs: 100,
  length: 200,
  /** In one segment: each makes a search that fails take as much longer as the name is long. */
  wildcards: 3,
  /** `**` */
  depths: 2,
} as const

/** A pattern without a slash names files and folders at any depth. Dots and case count as they are. */
const optionsFor = (glob: string) =>
  ({ basename: !glob.includes("/"), dot: true, nonegate: true, noextglob: true }) as const

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0

const hasManyWildcards = (glob: string): boolean =>
  count(glob, /\*{2,}/g) > limits.depths ||
  glob.split("/").some((segment) => count(segment, /[*?]+/g) > limits.wildcards)

/** Why a pattern can't work; null when it can. */
const globProblem = (glob: string): string | null => {
  if (glob === "" || glob.startsWith("/") || glob.split("/").includes("..")) {
    return "must be a relative path, without .."
  }
  if (glob.length > limits.length) return `is longer than ${limits.length} characters`
  if (hasManyWildcards(glob)) return "has too many wildcards"
  return Either.isLeft(Either.try(() => picomatch.makeRe(glob, optionsFor(glob)))) ? "is not a glob" : null
}

/** What is wrong with a list of patterns, by their index. */
export const globProblems = (globs: ReadonlyArray<string>): ReadonlyArray<readonly [number, string]> => {
  const wrong = globs
    .slice(0, limits.globs)
    .flatMap((glob, index): ReadonlyArray<readonly [number, string]> => {
      const message = globProblem(glob)
      return message === null ? [] : [[index, `${glob} ${message}`]]
    })
  return globs.length > limits.globs
    ? [...wrong, [limits.globs, `there are more than ${limits.globs} patterns`]]
    : wrong
}

/** Whether one of the patterns names a path. Patterns with problems name nothing. */
export const globMatcher = (globs: ReadonlyArray<string>): ((path: string) => boolean) => {
  const matchers = globs
    .slice(0, limits.globs)
    .filter((glob) => globProblem(glob) === null)
    .map((glob) => picomatch(glob, optionsFor(glob)))
  return (path) => matchers.some((matches) => matches(path))
}
