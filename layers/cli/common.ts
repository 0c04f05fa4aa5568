import { Args, HelpDoc, Options } from "@effect/cli"
import { Effect, Either, Layer, type Option } from "effect"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as NodeDisk from "../disk/NodeDisk.ts"
import { HttpSettings } from "../http/HttpSettings.ts"
import * as YamlSettings from "../settings/YamlSettings.ts"
import { layer as logging } from "../telemetry/Logging.ts"
import { readYaml } from "../yaml/readYaml.ts"
import { CommandFailed, UsageError } from "./CommandFailed.ts"
import { diskSentence } from "./sentences.ts"

export const config = Options.text("config").pipe(
  Options.withPseudoName("FILE"),
  Options.withDescription("The settings file"),
  Options.optional,
)

export const json = Options.boolean("json").pipe(Options.withDescription("Results as JSON"))

/** A text among a command's words: an empty one is a variable of the shell's that wasn't set. */
export const textArgument = (name: string, what: string): Args.Args<string> =>
  Args.text({ name }).pipe(
    Args.withDescription(what),
    Args.mapEffect((text) =>
      text === "" ? Effect.fail(HelpDoc.p(`<${name}> must not be empty`)) : Effect.succeed(text),
    ),
  )

/** A path among a command's words. The parser takes an option that it doesn't know for one. */
export const pathArgument = (name: string, what: string): Args.Args<string> =>
  textArgument(name, what).pipe(
    Args.mapEffect((path) =>
      path.startsWith("-")
        ? Effect.fail(HelpDoc.p(`there is no option ${path}; a path like that is written ./${path}`))
        : Effect.succeed(path),
    ),
  )

/** The settings in force, as those commands take them that don't serve. */
export const loadSettings = (config: Option.Option<string>) =>
  YamlSettings.load({ config, environment: process.env }).pipe(
    Effect.provide(NodeDisk.layer),
    Effect.catchTag(
      "DiskError",
      (error) => new CommandFailed({ message: `the settings can't be read: ${diskSentence(error)}` }),
    ),
  )

/** What a command's own layers stand on: the disk, the settings, and logs from warnings on. */
export const base = (config: Option.Option<string>) =>
  Layer.unwrapEffect(
    Effect.map(loadSettings(config), (loaded) =>
      Layer.mergeAll(
        NodeDisk.layer,
        Settings.layer(loaded.settings),
        Layer.succeed(HttpSettings, loaded.http),
        logging({ ...loaded.logging, level: "warning" }),
      ),
    ),
  )

export const toJson = (value: unknown): string => JSON.stringify(value, null, 2)

/** `name=value`, as often as it is given. */
export const pairs = (name: string, what: string) =>
  Options.text(name).pipe(
    Options.withPseudoName("NAME=VALUE"),
    Options.withDescription(what),
    Options.repeated,
  )

/** The pairs by name; texts as they are. */
export const readPairs = (
  option: string,
  given: ReadonlyArray<string>,
): Effect.Effect<Readonly<Record<string, string>>, UsageError> => {
  const wrong = given.find((pair) => !/^[A-Za-z_][\w.]*=/.test(pair))
  if (wrong !== undefined) return new UsageError({ message: `--${option} ${wrong}: must be NAME=VALUE` })
  return Effect.succeed(
    Object.fromEntries(
      given.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    ),
  )
}

/** What a text says in YAML; the text itself when it says nothing there. */
export const fromYaml = (text: string): Json =>
  Either.match(readYaml(text), { onLeft: () => text, onRight: ({ value }) => value ?? text })

/** The pairs by name; values in YAML, so that numbers are numbers. */
export const readValues = (
  option: string,
  given: ReadonlyArray<string>,
): Effect.Effect<JsonObject, UsageError> =>
  Effect.map(readPairs(option, given), (texts) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fromYaml(text)])),
  )
