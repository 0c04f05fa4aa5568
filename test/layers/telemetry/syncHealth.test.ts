import { describe, expect, it } from "vitest"
import { judgeSync } from "../../../layers/telemetry/syncHealth.ts"
import { SyncJobState } from "../../../src/domain/SyncJob.ts"
import type { SyncStanding } from "../../../src/ports/SyncService.ts"

const now = Date.UTC(2026, 2, 14)
const minute = 60_000

const none = Object.fromEntries(SyncJobState.literals.map((state) => [state, 0])) as SyncStanding["counts"]

const well: SyncStanding = {
  counts: none,
  pausedTargets: [],
  oldestUnclaimed: null,
  problems: [],
  workersSilent: [0, minute],
}

const judged = (over: Partial<SyncStanding>) => judgeSync({ ...well, ...over }, now)

const pause = { equipmentId: "DEMO_01", reason: "the disk is full", since: now - minute, until: now + minute }

describe("how the sync is", () => {
  it("is ok when its workers show themselves and nothing is amiss", () => {
    expect(judged({})).toMatchObject({ status: "ok", message: "" })
    expect(judged({ workersSilent: [] }).status).toBe("ok")
  })

  it("is an error when a worker was not seen for two minutes, and says so first", () => {
    const { message, status } = judged({
      workersSilent: [2 * minute + 1, 0],
      problems: ["DEMO_01: no rsync"],
    })
    expect(status).toBe("error")
    expect(message).toBe("1 of 2 workers gave no sign of life for 2 minutes; DEMO_01: no rsync")
    expect(judged({ workersSilent: [2 * minute] }).status).toBe("ok")
  })

  it("warns of targets that are paused, and says since when and until when", () => {
    expect(judged({ pausedTargets: [pause] })).toMatchObject({
      status: "warn",
      message: "DEMO_01: the disk is full",
      details: {
        paused_targets: [
          { equipment_id: "DEMO_01", since: "2026-03-13T23:59:00.000Z", until: "2026-03-14T00:01:00.000Z" },
        ],
      },
    })
  })

  it("warns of tools that are missing, and of jobs that have failed", () => {
    expect(judged({ problems: ["DEMO_01: no rsync"] })).toMatchObject({ message: "DEMO_01: no rsync" })
    expect(judged({ counts: { ...none, failed: 2 } })).toMatchObject({
      status: "warn",
      message: "2 jobs have failed: `sync status` says why",
    })
  })

  it("warns of a job that nobody took for more than an hour, and always says how old the oldest is", () => {
    expect(judged({ oldestUnclaimed: now - 60 * minute })).toMatchObject({
      status: "ok",
      details: { oldest_unclaimed_seconds: 3600 },
    })
    expect(judged({ oldestUnclaimed: now - 60 * minute - 1 }).status).toBe("warn")
  })
})
