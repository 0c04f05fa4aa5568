import type { FileInfo } from "../../src/ports/Disk.ts"

/** The coarsest clock of a file system: a younger change may be followed by one that leaves the same stamp. */
const clockGrainMillis = 2000

/** Whether a file that is seen so at a moment, in milliseconds, can't change any more without its stamp showing it. */
export const isSettled = ({ changedMillis }: FileInfo, now: number): boolean =>
  now - changedMillis > clockGrainMillis
