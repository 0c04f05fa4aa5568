import type { Struck } from "./Arena.ts"

/** The tree as it must be: the good plugins' work is there, and nothing of the attack. */
const asItMustBe = ({ before }: Struck): ReadonlyMap<string, string> =>
  new Map([...before, ["good-first.txt", "file 644 good work\n"], ["good-last.txt", "file 644 good work\n"]])

const entryOf = ({ reply }: Struck, plugin: string) => reply?.applied.find((one) => one.plugin === plugin)

/** Where the tree isn't as it must be; a plugin that wasn't found out may have changed what it says it did. */
const damage = (struck: Struck, plugin: string): ReadonlyArray<string> => {
  const { after } = struck
  const must = asItMustBe(struck)
  const allowed = entryOf(struck, plugin)?.filesAffected ?? []
  return [...new Set([...must.keys(), ...after.keys()])].filter(
    (path) => must.get(path) !== after.get(path) && !allowed.includes(path),
  )
}

export interface Verdict {
  /** As the catalogue writes it. */
  readonly outcome: string
  readonly exitCode: number | undefined
  /** For the person who reads why it isn't so. */
  readonly why: unknown
}

/** What came of an attack: how its plugin is recorded, and what got through. */
export const verdictOn = (struck: Struck, plugin: string): Verdict => {
  const { harms, reply } = struck
  const entry = entryOf(struck, plugin)
  const damaged = reply === null ? [] : damage(struck, plugin)
  // What a dead service didn't clear is no deed of the plugin's.
  const all =
    reply === null ? ["killed the service"] : [...harms, ...(damaged.length > 0 ? ["changed the tree"] : [])]
  return {
    outcome: [entry?.status, all.length === 0 ? undefined : `gap: ${all.join(", ")}`]
      .filter((one) => one !== undefined)
      .join("; "),
    exitCode: entry?.isolation?.exitCode,
    why: { reason: entry?.facts["reason"], error: reply?.error, damaged },
  }
}
