import { Match, ParseResult, Predicate } from "effect"
import type { SqlError } from "@effect/sql/SqlError"

/** SQLite's own word for what went wrong, such as `SQLITE_BUSY`; none when it wasn't SQLite. */
const codeOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : ""

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Another connection writes at the moment. */
export const isBusy = (error: unknown): boolean =>
  Predicate.isTagged(error, "SqlError") &&
  Predicate.hasProperty(error, "cause") &&
  codeOf(error.cause).startsWith("SQLITE_BUSY")

/** What to do about a file that isn't a whole queue. */
export const damaged = (detail: string): string =>
  `it is damaged (${detail.replaceAll(/\s+/g, " ")}) and was left as it is. Put a backup in its place, or move it away together with ` +
  "its neighbours -wal and -shm: at the next start, what isn't on the NAS yet is queued anew"

const told = Match.type<string>().pipe(
  Match.whenOr("SQLITE_NOTADB", "SQLITE_EMPTY", () => damaged),
  Match.when(
    (code) => code.startsWith("SQLITE_CORRUPT"),
    () => damaged,
  ),
  Match.when("SQLITE_FULL", () => () => "its disk is full. Make room; nothing that was queued is lost"),
  Match.when(
    (code) => code.startsWith("SQLITE_READONLY"),
    () => () => "it can't be written. Check whose it is, and its folder",
  ),
  Match.when(
    (code) => code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_PERM"),
    () => () => "it can't be opened. Check whose it is, and its folder",
  ),
  Match.when(
    (code) => code.startsWith("SQLITE_BUSY"),
    () => () => "another program keeps it locked. End that program",
  ),
  Match.orElse((code) => (detail: string) => `${detail} (${code})`),
)

/** Why SQLite refuses, and what a person does about it. */
export const sqliteReason = (cause: unknown): string => told(codeOf(cause))(textOf(cause))

/** The same for all that a statement and the reading of its rows may fail with. */
export const failureReason = (error: SqlError | ParseResult.ParseError): string =>
  error._tag === "SqlError"
    ? sqliteReason(error.cause)
    : damaged(ParseResult.TreeFormatter.formatErrorSync(error))
