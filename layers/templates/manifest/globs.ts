import { Either } from "effect"
import picomatch from "picomatch"

const maxLength = 200

/** A pattern without a slash names files and folders at any depth. Dots and case count as they are. */
const options = { basename: true, dot: true, nonegate: true, noextglob: true } as const

const compileGlob = (glob: string) => Either.try(() => picomatch.makeRe(glob, options))

/** Why a pattern can't work; null when it can. */
export const globProblem = (glob: string): string | null => {
  if (glob === "" || glob.startsWith("/")) return "is not a path below the template"
  if (glob.length > maxLength) return `is longer than ${maxLength} characters`
  return Either.isLeft(compileGlob(glob)) ? "is not a glob" : null
}

/** Whether one of the patterns names a path of the template, `/` between its segments. */
export const globMatcher = (globs: ReadonlyArray<string>): ((path: string) => boolean) => {
  const matchers = globs.map((glob) => picomatch(glob, options))
  return (path) => matchers.some((matches) => matches(path))
}
