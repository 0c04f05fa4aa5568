import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import type { WorkerLimits } from "../isolation/Isolation.ts"

/** What a worker may use while it looks at variables (`docs/plugins.md`). */
export const validationLimits: WorkerLimits = {
  timeoutSeconds: 10,
  cpuSeconds: 5,
  memoryMb: 256,
  network: false,
}

/** CPU seconds beyond twice the time limit: the worker's start and its end count, too. */
const spareCpuSeconds = 5

/**
 * What a worker may use while it transforms: what its manifest says. The clock ends a worker that takes too
 * long, and tells it first; the limit of CPU time is far enough behind that one that loops never meets it. It
 * is for what the clock doesn't reach.
 */
export const transformLimits = ({
  memoryMb,
  network,
  timeoutSeconds,
}: PluginManifest["isolation"]): WorkerLimits => ({
  timeoutSeconds,
  cpuSeconds: 2 * Math.ceil(timeoutSeconds) + spareCpuSeconds,
  memoryMb,
  network,
})
