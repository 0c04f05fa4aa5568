import { Either, ParseResult, Schema } from "effect"
import { RecordUnreadable, SchemaMajorMismatch } from "./Errors.ts"
import type { JsonObject } from "./Json.ts"
import { parseJsonObject } from "./JsonText.ts"

/** A record on disk whose version this service speaks. */
export interface RecordFile {
  readonly path: string
  /** The whole file, without a byte order mark. */
  readonly text: string
  readonly json: JsonObject
  /** How its minor version stands to the one that this service writes. */
  readonly minor: "older" | "own" | "newer"
}

export type RecordProblem = RecordUnreadable | SchemaMajorMismatch

/** A bigger record counts as unreadable. */
export const maxRecordBytes = 16 * 1024 * 1024

const versionPattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)$/

interface Version {
  readonly major: number
  readonly minor: number
}

const parseVersion = (value: unknown): Version | null => {
  const match = typeof value === "string" ? versionPattern.exec(value) : null
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) }
}

/** What a mismatch reports: the version as it stands there, shortened. */
const asFound = (value: unknown): string | null =>
  value === undefined || value === null
    ? null
    : (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 64)

const decoder = new TextDecoder("utf-8", { fatal: true })

const decodeText = (bytes: Uint8Array): Either.Either<string, string> =>
  Either.try({ try: () => decoder.decode(bytes), catch: () => "is not UTF-8" })

/**
 * Reads a record up to its version: the own major version, whatever the minor, is taken; another one, or
 * none that can be read, is a mismatch. `ownVersion` is the version that this service writes.
 */
export const openRecord = (
  path: string,
  bytes: Uint8Array,
  ownVersion: string,
): Either.Either<RecordFile, RecordProblem> =>
  Either.gen(function* () {
    const unreadable = (reason: string) => new RecordUnreadable({ path, reason })
    const text = yield* Either.mapLeft(decodeText(bytes), unreadable)
    const json = yield* Either.mapLeft(parseJsonObject(text), unreadable)
    const own = parseVersion(ownVersion)
    const written = Object.hasOwn(json, "schema_version") ? json["schema_version"] : undefined
    const found = parseVersion(written)
    if (own === null || found === null || found.major !== own.major) {
      const expectedMajor = own?.major ?? 0
      return yield* Either.left(new SchemaMajorMismatch({ path, expectedMajor, found: asFound(written) }))
    }
    const minor = found.minor < own.minor ? "older" : found.minor > own.minor ? "newer" : "own"
    return { path, text, json, minor }
  })

const firstProblem = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const where = issue === undefined ? "" : issue.path.map(String).join(".")
  return `has a wrong value at ${where === "" ? "its root" : where}: ${issue?.message ?? error.message}`
}

/** Decodes an opened record; a value that doesn't fit is named by its path in the file. */
export const decodeRecord =
  <A, I>(schema: Schema.Schema<A, I>) =>
  (file: RecordFile): Either.Either<A, RecordUnreadable> =>
    Either.mapLeft(
      Schema.decodeUnknownEither(schema)(file.json),
      (error) => new RecordUnreadable({ path: file.path, reason: firstProblem(error).slice(0, 500) }),
    )
