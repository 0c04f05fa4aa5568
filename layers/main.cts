#!/usr/bin/env node
/**
 * The program `exlab-wizard`. Its modules take a moment to load: until then, a signal finds nothing to clean up.
 * Not a module itself: Node would have started its threads for files before a module's first line, and only four. A
 * share that hangs keeps some of them for ever, and the rest of the service needs others.
 */
process.env["UV_THREADPOOL_SIZE"] ??= "16"

const isService = process.argv[2]?.toLowerCase() === "serve"
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const end = () => process.exit(isService ? 0 : 130)
for (const signal of signals) process.on(signal, end)

void import("./cli/program.ts").then(({ run }) => {
  run(isService)
  for (const signal of signals) process.off(signal, end)
})
