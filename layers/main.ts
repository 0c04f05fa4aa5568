#!/usr/bin/env node
/** The program `exlab-wizard`. */
import { stripVTControlCharacters } from "node:util"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { exitCode, main } from "./cli/cli.ts"

const isPlain = process.stdout.isTTY !== true || (process.env["NO_COLOR"] ?? "") !== ""

const plain = (log: (text: string) => Effect.Effect<void>) => (text: unknown) =>
  log(stripVTControlCharacters(String(text)))

/** Help and its kin come in colours, whoever reads them. */
const withoutColours = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.consoleWith((console) =>
    Console.withConsole(effect, { ...console, log: plain(console.log), error: plain(console.error) }),
  )

const program = Effect.provide(main(process.argv), NodeContext.layer)

NodeRuntime.runMain(isPlain ? withoutColours(program) : program, {
  disableErrorReporting: true,
  teardown: (exit, end) => end(exitCode(exit, process.argv[2] === "serve")),
})
