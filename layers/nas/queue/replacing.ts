import type { SyncJobState } from "../../../src/domain/SyncJob.ts"
import type { Replaced } from "../../../src/ports/SyncQueue.ts"
import { type Entry, toJob } from "./Entry.ts"
import { transferStates } from "./states.ts"
import { moved, released, type Step } from "./steps.ts"

const verifiedStates: ReadonlyArray<SyncJobState> = ["verified", "cleanup_eligible"]

/** States in which a job has something on its target. */
export const boundStates: ReadonlyArray<SyncJobState> = [...verifiedStates, ...transferStates]

/** What becomes of an equipment's jobs in those states with another target; `steps` is null when it isn't to be taken. */
export const replaced = (
  entries: ReadonlyArray<Entry>,
  reason: string,
  now: number,
): { readonly result: Replaced; readonly steps: ReadonlyArray<Step> | null } => {
  const isVerified = ({ state }: Entry): boolean => verifiedStates.includes(state)
  const isHeld = ({ holder, leaseUntil }: Entry): boolean => holder !== null && (leaseUntil ?? 0) > now
  const held = entries.filter((entry) => isVerified(entry) && isHeld(entry)).length
  if (held > 0) return { result: { held, verified: [], underWay: [] }, steps: null }
  const again = (entry: Entry): Step =>
    released(moved(entry, "queued", { reason, verifyPasses: 0, attempt: 0 }, now))
  const verified = entries.filter(isVerified).map(again)
  const underWay = entries.filter((entry) => !isVerified(entry)).map(again)
  const jobs = (steps: ReadonlyArray<Step>) => steps.map(({ entry }) => toJob(entry))
  return {
    result: { held, verified: jobs(verified), underWay: jobs(underWay) },
    steps: [...verified, ...underWay],
  }
}
