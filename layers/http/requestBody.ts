import type { IncomingMessage } from "node:http"
import type { HttpServerRequest } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Either, ParseResult, Schema } from "effect"
import { RequestRefused } from "./RequestRefused.ts"

/** Bytes of a body. */
export const maxBodyBytes = 1024 * 1024

export const tooLarge = new RequestRefused({
  code: "payload_too_large",
  message: `the body has more than ${maxBodyBytes} bytes`,
})

/** Reads what is still on its way, for a moment: a sender who is cut off doesn't see the answer. */
export const discardBody = (source: IncomingMessage): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (source.readableEnded || source.destroyed) return resume(Effect.void)
    source.once("end", () => resume(Effect.void))
    source.once("close", () => resume(Effect.void))
    source.resume()
  }).pipe(Effect.interruptible, Effect.timeoutOption("1 second"), Effect.asVoid)

const readBytes = (source: IncomingMessage): Effect.Effect<Uint8Array, RequestRefused> =>
  Effect.async<Uint8Array, RequestRefused>((resume) => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    const onData = (chunk: Uint8Array) => {
      size += chunk.length
      if (size <= maxBodyBytes) return void chunks.push(chunk)
      stop()
      resume(Effect.zipRight(discardBody(source), tooLarge))
    }
    const onEnd = () => {
      stop()
      resume(Effect.succeed(Buffer.concat(chunks)))
    }
    const onGone = () => {
      stop()
      resume(new RequestRefused({ code: "malformed_request", message: "the body ended early" }))
    }
    const stop = () => source.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone)
    source.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone)
    return Effect.sync(stop)
  })

const isJson = (contentType: string | undefined): boolean =>
  contentType === undefined || /^application\/json\s*(?:;|$)/i.test(contentType.trim())

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parse = (bytes: Uint8Array): Either.Either<unknown, RequestRefused> =>
  Either.try({
    try: (): unknown => JSON.parse(utf8.decode(bytes)),
    catch: (error) =>
      new RequestRefused({
        code: "malformed_json",
        message: `the body is no JSON: ${error instanceof Error ? error.message : "it can't be read"}`,
      }),
  })

const checkType = ({ headers }: HttpServerRequest.HttpServerRequest): Effect.Effect<void, RequestRefused> =>
  isJson(headers["content-type"])
    ? Effect.void
    : new RequestRefused({
        code: "malformed_request",
        message: "the body must be JSON, with the content type application/json",
      })

const bytesOf = (request: HttpServerRequest.HttpServerRequest) =>
  readBytes(NodeHttpServerRequest.toIncomingMessage(request))

/** The body's JSON, whatever it says. */
export const readJson = (
  request: HttpServerRequest.HttpServerRequest,
): Effect.Effect<unknown, RequestRefused> =>
  Effect.flatMap(Effect.zipRight(checkType(request), bytesOf(request)), parse)

/** The same where a body may be left out: an empty one, of whatever type, is an empty object. */
export const readJsonIfAny = (
  request: HttpServerRequest.HttpServerRequest,
): Effect.Effect<unknown, RequestRefused> =>
  Effect.flatMap(bytesOf(request), (bytes) =>
    bytes.length === 0 ? Effect.succeed({}) : Effect.zipRight(checkType(request), parse(bytes)),
  )

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const noObject = new RequestRefused({
  code: "malformed_request",
  message: "the body must be an object",
})

/** A refusal that names every field that doesn't fit. */
const misfit = (error: ParseResult.ParseError): RequestRefused => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error).slice(0, 100)
  return new RequestRefused({
    code: "malformed_request",
    message: issues.map(({ message, path }) => `${path.join(".") || "the body"}: ${message}`).join("; "),
    details: { issues: issues.map(({ message, path }) => ({ field: path.join("."), message })) },
  })
}

/** The body as the contract's schema has it. Fields that it doesn't have are refused. */
export const readBody = <A, I>(schema: Schema.Schema<A, I>, read = readJson) => {
  const decode = Schema.decodeUnknown(schema, { errors: "all", onExcessProperty: "error" })
  return (request: HttpServerRequest.HttpServerRequest): Effect.Effect<A, RequestRefused> =>
    Effect.flatMap(read(request), (body) =>
      isObject(body) ? Effect.mapError(decode(body), misfit) : noObject,
    )
}
