import { Option } from "effect"
import type { Finding } from "../domain/Finding.ts"
import { isSettled } from "../domain/settled.ts"
import type { Seen } from "../ports/Validator.ts"
import type { Examination } from "./examine.ts"
import { recordNames } from "./examine.ts"
import { recordAt } from "./findings.ts"
import type { RequiredIds, TemplateUse } from "./requirements.ts"

/**
 * What is kept of a directory between passes: enough to tell by its times alone whether anything in it has
 * changed. Paths are relative, and lists of them shared: most runs look alike.
 */
export interface Kept {
  readonly findings: ReadonlyArray<Finding>
  readonly places: Places
  /** Of directories and records. */
  readonly quickStamps: string
  /** Of contents that were scanned. */
  readonly contentStamps: string
  readonly isSettled: boolean
  readonly nextExpiry: number
  readonly template: TemplateUse | null
  readonly required: string
}

interface Places {
  /** Directories and records. */
  readonly quick: ReadonlyArray<string>
  readonly contents: ReadonlyArray<string>
}

export const none: ReadonlyArray<Finding> = []

export const joinStamps = (stamps: ReadonlyArray<string | null>): string => stamps.join("\n")

export const requiredKey = (required: RequiredIds): string => required.join("\n")

/** What is rare isn't worth being looked up. */
const sharedAtMost = 1000

/** Makes what is kept of directories; equal lists of places are one list. */
export const makeKeeper = () => {
  const known = new Map<string, Places>()
  const words = new Map<string, string>()

  const shared = (quick: ReadonlyArray<string>, contents: ReadonlyArray<string>): Places => {
    const key = JSON.stringify([quick, contents])
    const before = known.get(key)
    if (before !== undefined) return before
    const places = { quick, contents }
    if (known.size >= sharedAtMost) known.clear()
    known.set(key, places)
    return places
  }
  const word = (text: string): string => {
    const before = words.get(text)
    if (before !== undefined) return before
    if (words.size >= sharedAtMost) words.clear()
    words.set(text, text)
    return text
  }

  return (examination: Examination, now: number): Kept => {
    const { destination, findings } = examination
    const relative = ({ path }: Seen): string => path.slice(destination.path.length)
    const records = recordNames.map((name) => recordAt(destination, name))
    const stampOf = (path: string): string | null =>
      examination.records.find((record) => record.path === path)?.stamp ?? null
    return {
      findings: findings.length === 0 ? none : findings,
      places: shared(
        [...examination.directories.map(relative), ...records.map((path) => relative({ path, stamp: "" }))],
        examination.contents.map(relative),
      ),
      quickStamps: joinStamps([
        ...examination.directories.map(({ stamp }) => stamp),
        ...records.map(stampOf),
      ]),
      contentStamps: joinStamps(examination.contents.map(({ stamp }) => stamp)),
      isSettled: isSettled(examination.changedMillis, now),
      nextExpiry: examination.nextExpiry,
      template: Option.getOrNull(examination.template),
      required: word(requiredKey(examination.required)),
    }
  }
}
