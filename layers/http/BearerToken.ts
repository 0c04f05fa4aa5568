import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { Context, Effect, Layer, Option } from "effect"
import { parentPath } from "../../src/domain/Destination.ts"
import { type DiskError, SettingsInvalid } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { HttpSettings, isLoopback } from "./HttpSettings.ts"

/** What tells nothing about the lab: a browser's reader and a supervisor have no token to send. */
const publicPaths = new Set(["/api/v1/docs", "/api/v1/openapi.json", "/api/v1/ready"])

export const isPublic = (url: string): boolean => publicPaths.has(url.replace(/\?.*$/s, ""))

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** The time that it takes says nothing about the token. */
const comparison = (token: string) => {
  const expected = digest(token)
  return (authorization: string | undefined): boolean => {
    const sent = /^Bearer +([^\s]+) *$/i.exec(authorization ?? "")?.[1]
    return timingSafeEqual(digest(sent ?? ""), expected) && sent !== undefined
  }
}

const invalid = (problem: string) => new SettingsInvalid({ problems: [`http.token_file: ${problem}`] })

const minLength = 16

const readToken = Effect.fnUntraced(function* (path: string, mode: number) {
  const disk = yield* Disk
  if ((mode & 0o077) !== 0) return yield* invalid(`others may read ${path}: chmod 600 ${path}`)
  const text = new TextDecoder().decode(yield* disk.readFile(path, { maxBytes: 4096 })).trim()
  return text.length >= minLength && !/\s/.test(text)
    ? text
    : yield* invalid(`${path} must hold one word of at least ${minLength} characters`)
})

const makeToken = Effect.fnUntraced(function* (path: string) {
  const disk = yield* Disk
  const token = randomBytes(32).toString("base64url")
  yield* Effect.catchIf(
    disk.createFile(path, `${token}\n`, { mode: 0o600, flush: true }),
    ({ errno }) => errno === "ENOENT",
    () => invalid(`the folder ${parentPath(path)} isn't there: make it, or name a file in another`),
  )
  yield* Effect.logInfo(`a token for this service was written to ${path}`)
  return token
})

const tokenAt = Effect.fnUntraced(function* (path: string) {
  const disk = yield* Disk
  const info = yield* disk.lstat(path)
  if (Option.isNone(info)) return yield* makeToken(path)
  return info.value.type === "file"
    ? yield* readToken(path, info.value.mode)
    : yield* invalid(`${path} is not a file`)
})

/** What whoever calls has to know, when the service is reached from other machines. */
export class BearerToken extends Context.Tag("exlab-wizard/BearerToken")<
  BearerToken,
  { readonly isRight: (authorization: string | undefined) => boolean }
>() {
  /** Starts on an address that others reach only with a token; its file is made, or must be its owner's alone. */
  static readonly layer: Layer.Layer<BearerToken, SettingsInvalid | DiskError, HttpSettings | Disk> =
    Layer.effect(
      BearerToken,
      Effect.gen(function* () {
        const { host, tokenFile } = yield* HttpSettings
        if (tokenFile !== null) return { isRight: comparison(yield* tokenAt(tokenFile)) }
        return isLoopback(host)
          ? { isRight: () => true }
          : yield* invalid(`${host} is reached from other machines, so a token is needed: name its file`)
      }),
    )
}
