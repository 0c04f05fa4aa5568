import type { ToolEnd } from "../../../process/ToolProcess.ts"
import type { SyncFailureClass } from "../../../../src/domain/SyncFailure.ts"

/** How a tool ended, and the end of what it said about it. */
export interface Outcome {
  readonly end: ToolEnd
  readonly stderr: string
}

const maxReason = 500

/** What the scripts on the other side say from time to time. */
export const signOfLife = "exlab-alive"

/** Addresses may carry a name and a password. */
const withoutSecrets = (text: string): string => text.replaceAll(/(\w+:\/\/)[^/\s@]+@/g, "$1…@")

/** The end of what a tool said, for people: one line, without control characters. */
const lastWords = (stderr: string): string => {
  const lines = withoutSecrets(stderr)
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, "").trim())
    .filter((line) => line !== "" && line !== signOfLife)
  const text = lines.slice(-6).join("; ")
  return text.length > maxReason ? `…${text.slice(1 - maxReason)}` : text
}

/** A reason: what happened, and what the tool said; at most 500 characters. */
export const reasonWith = (what: string, stderr: string): string => {
  const words = lastWords(stderr)
  const room = maxReason - what.length - 2
  if (words === "") return what
  return `${what}: ${words.length > room ? `…${words.slice(1 - room)}` : words}`
}

const signs: ReadonlyArray<readonly [RegExp, SyncFailureClass]> = [
  [/No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/i, "target_full"],
  [/Stale (?:NFS )?file handle|Transport endpoint is not connected|Input\/output error/i, "target_away"],
  [/Read-only file system|Host is down/i, "target_away"],
]

/** What system errors on the target's side mean, whoever reports them. Null: nothing is known by its words. */
export const classBySystem = (stderr: string): SyncFailureClass | null =>
  signs.find(([sign]) => sign.test(stderr))?.[1] ?? null

/** How a tool ended when it didn't end by itself; null when it did. */
export const abnormalEnd = (program: string, end: ToolEnd): string | null => {
  switch (end._tag) {
    case "Silent":
      return `${program} was silent for too long and was ended`
    case "Signalled":
      return `${program} was ended by ${end.signal}`
    case "NotStarted":
      return `${program} can't be started: ${end.reason}`
    case "Exited":
      return null
  }
}
