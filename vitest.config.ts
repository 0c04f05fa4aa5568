import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  // Bundled plugins import the kit as everybody's plugins do; tests mean the sources.
  resolve: { alias: { "exlab-wizard/plugin": resolve("layers/plugins/worker/plugin.mjs") } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Many tests wait for processes and disks: a core has more than one fork to turn to.
    // The files that a fork runs share what they import: loading it for each took as long as a fifth of the tests.
    poolOptions: { forks: { isolate: false, maxForks: availableParallelism() + 1, minForks: 1 } },
    setupFiles: ["test/support/testersOwn.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: "passed-only",
    fakeTimers: { toFake: [] },
  },
})
