import { Clock, DateTime, Duration, Effect } from "effect"
import { Settings } from "../../src/ports/Settings.ts"
import { SyncService, type SyncStanding } from "../../src/ports/SyncService.ts"
import { type Finding, sound } from "./componentFinding.ts"

/** A worker that works or waits shows itself every half minute. */
const lostAfter = Duration.toMillis("2 minutes")
const longUnclaimed = Duration.toMillis("1 hour")
/** Tools are asked whether they are there; one that hangs must not keep the report. */
const patience = "10 seconds"

const isoOf = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

const detailsOf = ({ counts, oldestUnclaimed, pausedTargets, problems }: SyncStanding, now: number) => ({
  jobs: counts,
  oldest_unclaimed_seconds:
    oldestUnclaimed === null ? null : Math.max(0, Math.round((now - oldestUnclaimed) / 1000)),
  paused_targets: pausedTargets.map(({ equipmentId, reason, since, until }) => ({
    equipment_id: equipmentId,
    reason,
    since: isoOf(since),
    until: isoOf(until),
  })),
  problems,
})

const concerns = (
  { counts, oldestUnclaimed, pausedTargets, problems }: SyncStanding,
  now: number,
): ReadonlyArray<string> => [
  ...pausedTargets.map(({ equipmentId, reason }) => `${equipmentId}: ${reason}`),
  ...problems,
  ...(counts.failed === 0
    ? []
    : [
        `${counts.failed === 1 ? "1 job has" : `${counts.failed} jobs have`} failed: \`sync status\` says why`,
      ]),
  ...(oldestUnclaimed === null || now - oldestUnclaimed <= longUnclaimed
    ? []
    : ["a job has waited for more than an hour, and nobody works on it"]),
]

/** What is to be said of the sync, as it stands at a moment (milliseconds since 1970). */
export const judgeSync = (standing: SyncStanding, now: number): Finding => {
  const details = detailsOf(standing, now)
  const { workersSilent } = standing
  const lost = workersSilent.filter((millis) => millis > lostAfter).length
  const dead = `${lost} of ${workersSilent.length} workers gave no sign of life for 2 minutes`
  const all = [...(lost === 0 ? [] : [dead]), ...concerns(standing, now)]
  if (all.length === 0) return sound(details)
  return { status: lost === 0 ? "warn" : "error", message: all.join("; "), details }
}

export const syncHealth = Effect.zipWith(SyncService, Settings, ({ standing }, { sync: { enabled } }) =>
  Effect.zipWith(standing, Clock.currentTimeMillis, judgeSync).pipe(
    Effect.disconnect,
    Effect.timeoutTo({
      duration: patience,
      onSuccess: (finding) => finding,
      onTimeout: (): Finding => ({
        status: "warn",
        message: `the sync doesn't say within ${patience} how it is`,
        details: {},
      }),
    }),
    Effect.catchAll(({ message }) => Effect.succeed<Finding>({ status: "error", message, details: {} })),
    Effect.when(() => enabled),
    Effect.map((finding) => (finding._tag === "None" ? sound({ enabled }) : finding.value)),
  ),
)
