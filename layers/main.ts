#!/usr/bin/env node
/** The program `exlab-wizard`. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { exitCode, main } from "./cli/cli.ts"
import { isPlain, withoutColours } from "./cli/colours.ts"

const program = main(process.argv)

NodeRuntime.runMain(Effect.provide(isPlain() ? withoutColours(program) : program, NodeContext.layer), {
  disableErrorReporting: true,
  // It would write beside ours, and on standard output.
  disablePrettyLogger: true,
  // A result that got lost has said so already.
  teardown: (exit, end) => end(exitCode(exit, process.argv[2] === "serve") || Number(process.exitCode ?? 0)),
})
