import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  // Bundled plugins import the kit as everybody's plugins do; tests mean the sources.
  resolve: { alias: { "exlab-wizard/plugin": resolve("layers/plugins/worker/plugin.mjs") } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Many tests wait for processes and disks: by default vitest leaves a core to itself.
    poolOptions: { forks: { maxForks: Math.max(2, availableParallelism() - 1), minForks: 1 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: "passed-only",
    fakeTimers: { toFake: [] },
  },
})
