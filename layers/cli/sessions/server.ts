import { resolve } from "node:path"
import { FetchHttpClient } from "@effect/platform"
import { Options } from "@effect/cli"
import { Effect, Layer, Option, Redacted } from "effect"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import * as NodeDisk from "../../disk/NodeDisk.ts"
import { defaultLogging, layer as logging } from "../../telemetry/Logging.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { config, loadSettings } from "../common.ts"
import { diskSentence } from "../sentences.ts"
import { readUrl, tokenFileFor, urlOf } from "./address.ts"

const url = Options.text("url").pipe(
  Options.withPseudoName("URL"),
  Options.withDescription("Where the service is; default: $EXLAB_WIZARD_URL, then what the settings say"),
  Options.optional,
)

const tokenFile = Options.text("token-file").pipe(
  Options.withPseudoName("FILE"),
  Options.withDescription(
    "Holds the service's token; default: the token in $EXLAB_WIZARD_TOKEN, then the settings' http.token_file",
  ),
  Options.optional,
)

/** How every command names the service that it speaks to. */
export const server = { config, url, tokenFile }

export interface Server {
  readonly config: Option.Option<string>
  readonly url: Option.Option<string>
  readonly tokenFile: Option.Option<string>
}

const variable = (name: string): Option.Option<string> =>
  Option.filter(Option.fromNullable(process.env[name]), (value) => value !== "")

const unreadable = (error: DiskError) =>
  new CommandFailed({ message: `the token can't be read: ${diskSentence(error)}` })

/** Where a token was found, and what it is. */
interface Found {
  readonly place: string
  readonly token: Redacted.Redacted
}

const readToken = Effect.fnUntraced(function* (file: string) {
  const disk = yield* Disk
  const bytes = yield* Effect.mapError(disk.readFile(file, { maxBytes: 4096 }), unreadable)
  const found: Found = { place: file, token: Redacted.make(new TextDecoder().decode(bytes).trim()) }
  return found
})

/** A file that somebody named must be there; that of the settings is made by the service when it starts. */
const tokenFor = Effect.fnUntraced(function* (address: URL, { config, tokenFile }: Server) {
  const disk = yield* Disk
  if (Option.isSome(tokenFile)) {
    return yield* readToken(yield* Effect.mapError(disk.realPath(resolve(tokenFile.value)), unreadable))
  }
  const told = variable("EXLAB_WIZARD_TOKEN")
  if (Option.isSome(told)) {
    const found: Found = { place: "$EXLAB_WIZARD_TOKEN", token: Redacted.make(told.value) }
    return found
  }
  const { http } = yield* loadSettings(config)
  const file = tokenFileFor(address, http)
  if (Option.isNone(file) || Option.isNone(yield* disk.lstat(file.value))) return undefined
  return yield* readToken(file.value)
})

const addressOf = Effect.fnUntraced(function* ({ config, url }: Server) {
  const told = Option.orElse(url, () => variable("EXLAB_WIZARD_URL"))
  return Option.isSome(told)
    ? yield* readUrl(told.value)
    : yield* Effect.flatMap(loadSettings(config), ({ http }) => urlOf(http))
})

/** The service that the options, the environment or the settings name. Nothing is sent before it is used. */
export const client = (server: Server) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const address = yield* addressOf(server)
      const found = yield* tokenFor(address, server)
      return WizardClient.layer({ url: address, token: found?.token }).pipe(
        Layer.catchAll(() => {
          const message = `${found?.place ?? "a token"} must hold a token, which is one word`
          return Layer.fail(new CommandFailed({ message }))
        }),
        Layer.provide(FetchHttpClient.layer),
      )
    }).pipe(Effect.provide(NodeDisk.layer)),
  ).pipe(Layer.merge(logging({ ...defaultLogging, level: "warning" })))
