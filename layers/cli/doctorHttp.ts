import { createServer } from "node:net"
import { Effect, Option } from "effect"
import { parentPath } from "../../src/domain/Destination.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { HttpSettings } from "../http/HttpSettings.ts"
import { type Check, error, ok, warning } from "./doctorChecks.ts"
import { workable } from "./doctorPlaces.ts"
import { obstacle } from "./sentences.ts"

const name = "http"

/** Listens for a moment; what the system says when it doesn't let that happen. */
const tryListening = (host: string, port: number) =>
  Effect.async<string | null>((resume) => {
    const server = createServer()
    server.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      resume(Effect.succeed(code ?? message)),
    )
    server.listen({ host, port }, () => server.close(() => resume(Effect.succeed(null))))
    return Effect.sync(() => server.close())
  })

const hostCheck = Effect.gen(function* () {
  const { host, port } = yield* HttpSettings
  const place = `${host}, port ${port}`
  const setHost = "set http.host to a name or an address of this computer"
  switch (yield* tryListening(host, port)) {
    case null:
      return ok(name, `the service can listen on ${place}`)
    case "EADDRINUSE":
      return warning(
        name,
        `something listens on ${place} already`,
        "if it isn't this service, end it, or set http.port to another port",
      )
    case "EACCES":
      return error(name, `this user may not listen on ${place}`, "set http.port to one above 1023")
    case "EADDRNOTAVAIL":
      return error(name, `${host} isn't an address of this computer`, setHost)
    case "ENOTFOUND":
      return error(name, `nobody knows an address of ${host}`, setHost)
    default:
      return error(name, `the service can't listen on ${place}`, setHost)
  }
})

/** The file of the token, or the folder that it would be made in. */
const tokenChecks = Effect.gen(function* () {
  const disk = yield* Disk
  const { tokenFile } = yield* HttpSettings
  if (tokenFile === null) return []
  if (Option.isSome(yield* disk.lstat(tokenFile))) return [ok(name, `the token is in ${tokenFile}`)]
  const folder = parentPath(tokenFile)
  const remedy = "make that folder, or set http.token_file to a file in another"
  return Option.isNone(yield* disk.lstat(folder))
    ? [error(name, `${folder}, which the token's file belongs into, isn't there`, remedy)]
    : [yield* workable(name, folder, "let the service's user write there, or set http.token_file to another")]
}).pipe(
  Effect.catchAll((failure) =>
    Effect.succeed([
      error(name, obstacle(failure), "set http.token_file to a file in a folder that is there"),
    ]),
  ),
)

/** Whether the service can be reached where the settings say, and its token kept. */
export const httpChecks: Effect.Effect<ReadonlyArray<Check>, never, Disk | HttpSettings> = Effect.gen(
  function* () {
    return [yield* hostCheck, ...(yield* tokenChecks)]
  },
)
