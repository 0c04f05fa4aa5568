import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** More than the cores have room for would have tests of slow readers and writers wait for each other. */
const forks = Math.max(2, availableParallelism())

/** They take longest, which their sizes don't show; a checkout that has run them before knows by itself. */
const longest = [
  "layers/nas/transports/RcloneTransport",
  "layers/nas/sync/realTargets",
  "property/histories",
  "layers/plugins/hostile.none",
  "layers/plugins/hostile.os",
  "layers/nas/sync/kill",
  "layers/nas/transports/RsyncOnlyTransport",
  "faults/sweep",
  "faults/sweepPlugins",
].map((name) => resolve("test", `${name}.test.ts`))

/** What begins first is what the end would have to wait for. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.includes(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  // Bundled plugins import the kit as everybody's plugins do; tests mean the sources.
  resolve: { alias: { "exlab-wizard/plugin": resolve("layers/plugins/worker/plugin.mjs") } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // The files that a fork runs share what they import: loading it for each took as long as an eighth of the tests.
    // The forks stay to the end: one that has nothing more to do might be ended twice, which ends all of them.
    poolOptions: { forks: { isolate: false, maxForks: forks, minForks: forks } },
    setupFiles: ["test/support/testersOwn.ts"],
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    silent: "passed-only",
    fakeTimers: { toFake: [] },
  },
})
