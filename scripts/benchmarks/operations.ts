import type { Disk } from "../../src/ports/Disk.ts"

/** One call of the `Disk` port, as it went. */
export interface RecordedOperation {
  readonly name: keyof typeof Disk.Service
  /** One path; two for copies and renames. */
  readonly paths: ReadonlyArray<string>
  /** Of the content that was written. */
  readonly bytes: number
  /** Whether a new file was flushed at once. */
  readonly flush: boolean
  readonly failed: boolean
  /** Beginnings and ends share one count. */
  readonly begun: number
  readonly ended: number
}

/** The same, to be done again elsewhere. */
export interface PlannedOperation extends Omit<RecordedOperation, "begun" | "ended"> {
  /** Indexes of the operations that must be over before it begins. */
  readonly after: ReadonlyArray<number>
}

/** Stands in paths where each replay puts a word of its own. */
export const ownWord = "<own>"

/** What only one creation may use: the directory's name, and names made for its claim. */
const generalized = (path: string, leaf: string): string =>
  path.replaceAll(leaf, ownWord).replace(/(?<=\/\.(?:claim|clear)-)[^/]+/, ownWord)

/** Those that were over before `operation` began, without those that were over before another one of them began. */
const predecessors = (
  all: ReadonlyArray<RecordedOperation>,
  operation: RecordedOperation,
): ReadonlyArray<number> => {
  const before = all.filter(({ ended }) => ended < operation.begun)
  const lastBegun = Math.max(-1, ...before.map(({ begun }) => begun))
  return before.filter(({ ended }) => ended > lastBegun).map((one) => all.indexOf(one))
}

/** What was recorded, as a plan that keeps order and concurrency and can be followed under other names. */
export const planOf = (
  recorded: ReadonlyArray<RecordedOperation>,
  leaf: string,
): ReadonlyArray<PlannedOperation> => {
  const inOrder = recorded.toSorted((a, b) => a.begun - b.begun)
  return inOrder.map((operation) => {
    const { begun: _, ended: __, ...rest } = operation
    return {
      ...rest,
      paths: operation.paths.map((path) => generalized(path, leaf)),
      after: predecessors(inOrder, operation),
    }
  })
}
