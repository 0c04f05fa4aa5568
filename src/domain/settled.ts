/** The coarsest clock of a file system: a younger change may be followed by one that leaves the same stamp. */
const clockGrainMillis = 2000

/** Whether what was seen so at a moment can't change any more without its stamp showing it. Milliseconds since 1970. */
export const isSettled = (changedMillis: number, now: number): boolean =>
  now - changedMillis > clockGrainMillis
