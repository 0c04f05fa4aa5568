#!/usr/bin/env node
/** The program `exlab-wizard`. Its modules take a moment to load: until then, a signal finds nothing to clean up. */
const isService = process.argv[2]?.toLowerCase() === "serve"
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const end = () => process.exit(isService ? 0 : 130)
for (const signal of signals) process.on(signal, end)

const { run } = await import("./cli/program.ts")
run(isService)
for (const signal of signals) process.off(signal, end)
