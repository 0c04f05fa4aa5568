const limits = { length: 200, repetitions: 3 } as const

/** Escapes and classes hold nothing that repeats: what is left of a pattern is its skeleton. */
const skeletonOf = (pattern: string): string =>
  pattern.replace(/\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|.)/gsu, "x").replace(/\[[^\]]*\]/gu, "x")

const backReference = /\\(?:[1-9]|k<)/u
const repeatedGroup = /\)(?:[*+]|\{)/u
const repetition = /[*+]|\{\d+,\d*\}/gu

/**
 * Why a pattern could take so long on some answer that everybody waits; null when it can't. Time grows
 * exponentially only with repeated groups and references back, and with a power for each repetition.
 */
export const patternProblem = (pattern: string): string | null => {
  if (pattern.length > limits.length) return `its pattern is longer than ${limits.length} characters`
  if (backReference.test(pattern.replace(/\\\\/g, ""))) return "its pattern refers back to a group"
  const skeleton = skeletonOf(pattern)
  if (repeatedGroup.test(skeleton)) return "its pattern repeats a group, which may take for ever"
  const repetitions = skeleton.match(repetition)?.length ?? 0
  return repetitions > limits.repetitions
    ? `its pattern has more than ${limits.repetitions} repetitions`
    : null
}
