import { Option } from "effect"
import type { Finding } from "../domain/Finding.ts"
import { isSettled } from "../domain/settled.ts"
import type { Examination } from "./examine.ts"
import type { Judgement } from "./findings.ts"
import type { RequiredIds, TemplateUse } from "./requirements.ts"

/**
 * What is kept of a directory between passes: enough to tell by its times alone whether anything in it has
 * changed. Paths are relative, and lists of them shared: most runs look alike.
 */
export interface Kept {
  readonly findings: ReadonlyArray<Finding>
  readonly judgement: Judgement
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

const noFindings: ReadonlyArray<Finding> = []

const usual: Judgement = { overridden: [], isSynced: false, isFailed: false }
const usualOnceSynced: Judgement = { overridden: [], isSynced: true, isFailed: false }

const shortOf = (judgement: Judgement): Judgement =>
  judgement.overridden.length > 0 || judgement.isFailed
    ? judgement
    : judgement.isSynced
      ? usualOnceSynced
      : usual

export const joinStamps = (stamps: ReadonlyArray<string | null>): string => stamps.join("\n")

export const requiredKey = (required: RequiredIds): string => required.join("\n")

/** What is rare isn't worth being looked up. */
const sharedAtMost = 1000

/** Long lists are of trees that are like no other. */
const longestShared = 8192

/** Gives equal values as one, which is made once. */
const makeShared = <A>() => {
  const known = new Map<string, A>()
  return (key: string, make: () => A): A => {
    const before = known.get(key)
    if (before !== undefined) return before
    const made = make()
    if (key.length > longestShared) return made
    if (known.size >= sharedAtMost) known.clear()
    known.set(key, made)
    return made
  }
}

/** Makes what is kept of directories; equal lists of places are one list. */
export const makeKeeper = () => {
  const sharedPlaces = makeShared<Places>()
  const sharedText = makeShared<string>()

  return (examination: Examination, now: number): Kept => {
    const { contents, destination, directories, findings, records } = examination
    const relative = ({ path }: { readonly path: string }): string => path.slice(destination.path.length)
    const quick = [...directories, ...records]
    const places = { quick: quick.map(relative), contents: contents.map(relative) }
    const required = requiredKey(examination.required)
    return {
      findings: findings.length === 0 ? noFindings : findings,
      judgement: shortOf(examination.judgement),
      places: sharedPlaces(JSON.stringify([places.quick, places.contents]), () => places),
      quickStamps: joinStamps(quick.map(({ stamp }) => stamp)),
      contentStamps: joinStamps(contents.map(({ stamp }) => stamp)),
      isSettled: isSettled(examination.changedMillis, now),
      nextExpiry: examination.nextExpiry,
      template: Option.getOrNull(examination.template),
      required: sharedText(required, () => required),
    }
  }
}
