import { constants } from "node:os"
import { Data, Option } from "effect"
import type { ProcessEnd } from "../process/WorkerProcess.ts"
import { type Line, readLine } from "./lines.ts"
import type { Log, WorkerMessage } from "./messages.ts"
import type { Question } from "./prompt.ts"
import { quoted, tidy } from "./texts.ts"

/** What a worker's run came to. */
export type Verdict = Data.TaggedEnum<{
  /** It did what it was asked to do. Errors are complaints about the variables. */
  Result: { readonly errors: ReadonlyArray<string> }
  /** It says itself that it failed. */
  Failed: { readonly message: string }
  Asked: Question
  /** It ended in a way that the protocol doesn't know. */
  Crashed: { readonly reason: string }
}>
export const Verdict = Data.taggedEnum<Verdict>()

/** What was heard of a worker so far. Only functions of this file look inside. */
export interface Conversation {
  readonly lines: number
  readonly logs: number
  readonly last: Exclude<Line, { readonly _tag: "Said" }> | null
  /** What first went against the protocol. Nothing is listened to afterwards. */
  readonly problem: string | null
}

/** Log lines of one worker that are handed on. */
const maxLogs = 1000

export const begun: Conversation = { lines: 0, logs: 0, last: null, problem: null }

const deaf = (conversation: Conversation, problem: string) =>
  [{ ...conversation, problem }, Option.none<WorkerMessage>()] as const

/**
 * Takes in one line, without its line feed, and gives back what is to be handed on of it. The work is linear
 * in the length of the line. Lines without anything but white space are no lines.
 */
export const hear = (
  before: Conversation,
  text: string,
): readonly [Conversation, Option.Option<WorkerMessage>] => {
  if (before.problem !== null || text.trim() === "") return [before, Option.none()]
  const conversation = { ...before, lines: before.lines + 1 }
  if (before.last !== null) return deaf(conversation, `it went on after its last line: ${quoted(text)}`)
  const read = readLine(text)
  if (read._tag === "Left") return deaf(conversation, `line ${conversation.lines} of its output ${read.left}`)
  const line = read.right
  if (line._tag !== "Said") return [{ ...conversation, last: line }, Option.none()]
  if (line.message.kind !== "log") return [conversation, Option.some(line.message)]
  const logs = before.logs + 1
  return [{ ...conversation, logs }, logs > maxLogs ? Option.none() : Option.some(line.message)]
}

/** For the end of the log: how many lines of it were left out, when there were too many. */
export const leftOut = ({ logs }: Conversation): Option.Option<Log> =>
  logs <= maxLogs
    ? Option.none()
    : Option.some({ kind: "log", level: "WARN", message: `${logs - maxLogs} more log lines were left out` })

/** What is wrong with an end by itself; null when it is as it should be. */
const endProblem = (end: ProcessEnd): string | null => {
  switch (end._tag) {
    case "Exited":
      return end.code === 0 ? null : `it ended with exit code ${end.code}`
    case "Signalled":
      return `it was ended by ${end.signal}`
    case "TimedOut":
      return "it took longer than it may"
    case "LineTooLong":
      return "it wrote a line that is longer than 1 MiB"
    case "TooMuchOutput":
      return "it wrote more to its standard output than it may"
    case "DiskFull":
      return "the disk ran full while it worked"
    case "NotStarted":
      return `it could not be started: ${tidy(end.reason, 500)}`
  }
}

/** What a last line adds when the end goes against it. */
const inSpiteOf = ({ last }: Conversation): string => {
  switch (last?._tag) {
    case undefined:
      return ""
    case "Failed":
      return `, after its error: ${last.message}`
    case "Result":
      return ", after its result"
    case "Asked":
      return ", after its question"
  }
}

/** What it all came to, once the process has ended. */
export const verdict = (conversation: Conversation, end: ProcessEnd): Verdict => {
  const { last, problem } = conversation
  const ended = endProblem(end)
  if (problem !== null) {
    return Verdict.Crashed({ reason: ended === null ? problem : `${ended}; ${problem}` })
  }
  if (ended !== null) return Verdict.Crashed({ reason: `${ended}${inSpiteOf(conversation)}` })
  return last ?? Verdict.Crashed({ reason: "it ended without a last line: a result, an error or a question" })
}

const numberOf = (signal: string): number =>
  Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? constants.signals.SIGKILL

/** As a shell would say it: 124 for too long, 127 for not started, 128 and the number for a signal. */
export const exitCodeOf = (end: ProcessEnd): number => {
  switch (end._tag) {
    case "Exited":
      return end.code
    case "Signalled":
      return 128 + numberOf(end.signal)
    case "TimedOut":
      return 124
    case "NotStarted":
      return 127
    // The host ends these itself.
    case "LineTooLong":
    case "TooMuchOutput":
    case "DiskFull":
      return 128 + constants.signals.SIGKILL
  }
}
