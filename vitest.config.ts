import { resolve } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  // Bundled plugins import the kit as everybody's plugins do; tests mean the sources.
  resolve: { alias: { "exlab-wizard/plugin": resolve("layers/plugins/worker/plugin.mjs") } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fakeTimers: { toFake: [] },
  },
})
