import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Option } from "effect"
import type { ProcessEnd } from "../../../../layers/plugins/process/WorkerProcess.ts"
import {
  begun,
  type Conversation,
  exitCodeOf,
  hear,
  leftOut,
  verdict,
} from "../../../../layers/plugins/protocol/Conversation.ts"
import type { WorkerMessage } from "../../../../layers/plugins/protocol/messages.ts"
import { isJson } from "../../../../src/domain/Json.ts"

const exited = (code: number): ProcessEnd => ({ _tag: "Exited", code })

const listen = (lines: ReadonlyArray<string>) => {
  const messages: Array<WorkerMessage> = []
  let conversation: Conversation = begun
  for (const line of lines) {
    const [after, message] = hear(conversation, line)
    conversation = after
    if (Option.isSome(message)) messages.push(message.value)
  }
  return { conversation, messages }
}

/** What a worker that ends well comes to. */
const outcomeOf = (lines: ReadonlyArray<string>, end: ProcessEnd = exited(0)) =>
  verdict(listen(lines).conversation, end)

const reasonOf = (lines: ReadonlyArray<string>, end?: ProcessEnd): string => {
  const outcome = outcomeOf(lines, end)
  return outcome._tag === "Crashed" ? outcome.reason : `not crashed: ${outcome._tag}`
}

const line = (value: unknown): string => JSON.stringify(value)
const result = line({ kind: "result" })
const field = { id: "operator", label: "Operator", type: "string" }
const question = { kind: "input_required", fields: [field], reason: "Who?" }

describe("messages on the way", () => {
  it("each kind is handed on, without what nobody knows", () => {
    const { messages } = listen([
      line({ kind: "progress", file: "a.csv", current: 1, total: 2, colour: "red" }),
      line({ kind: "file", path: "a.csv", status: "renamed", detail: "to b.csv" }),
      line({ kind: "file", path: "b.csv", status: "skipped", detail: null }),
      line({ kind: "log", level: "info", message: "hello", context: { rows: 3 } }),
    ])
    expect(messages).toEqual([
      { kind: "progress", file: "a.csv", current: 1, total: 2 },
      { kind: "file", path: "a.csv", status: "renamed", detail: "to b.csv" },
      { kind: "file", path: "b.csv", status: "skipped" },
      { kind: "log", level: "INFO", message: 'hello {"rows":3}' },
    ])
  })

  it.each([
    ["debug", "INFO"],
    ["INFO", "INFO"],
    ["Warning", "WARN"],
    ["warn", "WARN"],
    ["ERROR", "ERROR"],
    ["critical", "ERROR"],
    ["fatal", "ERROR"],
    ["__proto__", "INFO"],
  ])("the level %s is logged as %s", (level, logged) => {
    expect(listen([line({ kind: "log", level, message: "m" })]).messages).toMatchObject([{ level: logged }])
  })

  it.each(["greeting", "", "constructor", "__proto__", "x".repeat(5000)])(
    "a line of the unknown kind %j is ignored, and the log says so",
    (kind) => {
      const { conversation, messages } = listen([line({ kind, file: 3 }), result])
      expect(messages).toMatchObject([{ kind: "log", level: "WARN" }])
      expect(messages[0]).toHaveProperty("message", expect.stringContaining(kind.slice(0, 100)))
      expect(verdict(conversation, exited(0))).toEqual({ _tag: "Result", errors: [] })
    },
  )

  it("log messages are cut at 1,024 units, and no half of a pair is left", () => {
    const { messages } = listen([
      line({ kind: "log", level: "info", message: "😀".repeat(5000) }),
      line({ kind: "log", level: "info", message: "\u0000 \ud800 x", context: { long: "y".repeat(9999) } }),
    ])
    for (const message of messages) {
      expect(message.kind === "log" && message.message.length).toBeLessThanOrEqual(1024)
      expect(isJson(message)).toBe(true)
    }
    expect(messages).toHaveLength(2)
  })

  it("a thousand log lines are handed on; the others are counted", () => {
    const lines = Array.from({ length: 1234 }, (_, at) =>
      at % 2 === 0 ? line({ kind: "log", level: "info", message: "m" }) : line({ kind: `unknown${at}` }),
    )
    const { conversation, messages } = listen([...lines, result])
    expect(messages).toHaveLength(1000)
    expect(leftOut(conversation)).toEqual(
      Option.some({ kind: "log", level: "WARN", message: "234 more log lines were left out" }),
    )
    expect(verdict(conversation, exited(0))._tag).toBe("Result")
    expect(leftOut(listen(lines.slice(0, 1000)).conversation)).toEqual(Option.none())
  })

  it("blank lines are no lines, also after the last", () => {
    expect(outcomeOf(["", " \t\r", result, ""])).toEqual({ _tag: "Result", errors: [] })
    expect(outcomeOf([`${result}\r`])).toEqual({ _tag: "Result", errors: [] })
  })
})

describe("the last line", () => {
  it.each([{}, { errors: [] }, { errors: null }, { errors: [], extra: { a: 1 } }])("a result: %j", (more) => {
    expect(outcomeOf([line({ kind: "result", ...more })])).toEqual({ _tag: "Result", errors: [] })
  })

  it("a result's complaints are kept: a hundred, each at most 2,000 units", () => {
    const errors = ["operator is unknown", "x".repeat(9000), "\ud800", ...Array.from({ length: 500 }, String)]
    const outcome = outcomeOf([line({ kind: "result", errors })])
    expect(outcome).toMatchObject({ _tag: "Result" })
    const kept = outcome._tag === "Result" ? outcome.errors : []
    expect(kept).toHaveLength(100)
    expect(kept[0]).toBe("operator is unknown")
    expect(kept.every((error) => error.length <= 2000 && isJson(error))).toBe(true)
  })

  it("an error is a failure, also without a reason", () => {
    expect(outcomeOf([line({ kind: "error", message: "no such column" })])).toEqual({
      _tag: "Failed",
      message: "no such column",
    })
    expect(outcomeOf([line({ kind: "error", message: " " })])).toEqual({
      _tag: "Failed",
      message: "it failed and gave no reason",
    })
  })

  it("a question comes with its file, when it has one", () => {
    expect(outcomeOf([line(question)])).toEqual({ _tag: "Asked", fields: [field], reason: "Who?" })
    expect(outcomeOf([line({ ...question, file: null })])).not.toHaveProperty("file")
    expect(outcomeOf([line({ ...question, file: "a.csv" })])).toHaveProperty("file", "a.csv")
  })

  const manyFields = (count: number) => Array.from({ length: count }, (_, at) => ({ ...field, id: `f${at}` }))

  it("50 fields may be asked for", () => {
    expect(outcomeOf([line({ ...question, fields: manyFields(50) })])._tag).toBe("Asked")
  })

  it.each([
    ["no fields", { fields: [] }, "it has no fields"],
    ["51 fields", { fields: manyFields(51) }, "more than 50 fields"],
    ["something else for fields", { fields: { a: 1 } }, "fields"],
    ["a field that is none", { fields: [field, 3] }, "fields.1"],
    ["an id that is none", { fields: [{ ...field, id: "a b" }] }, "fields.0.id: must be a letter"],
    ["an id twice", { fields: [field, field] }, "the same id"],
    ["a type that is none", { fields: [{ ...field, type: "colour" }] }, "fields.0.type"],
    ["a choice without options", { fields: [{ ...field, type: "choice" }] }, "a choice needs options"],
    ["a pattern that is none", { fields: [{ ...field, pattern: "(" }] }, "not a regular expression"],
    [
      "a default of another type",
      { fields: [{ ...field, default: 3 }] },
      "operator: its default must be a string",
    ],
    [
      "a default that is no choice",
      { fields: [{ ...field, type: "choice", options: ["a"], default: "b" }] },
      "its default must be one of: a",
    ],
    ["half of a pair in a label", { fields: [{ ...field, label: "\udc00" }] }, "surrogate pair"],
    ["NUL in a hint", { fields: [{ ...field, hint: "\u0000" }] }, "NUL"],
    ["NUL in its file", { file: "a\u0000" }, "NUL"],
    ["an empty reason", { reason: " \n" }, "the reason is empty"],
    ["a long reason", { reason: "x".repeat(2001) }, "longer than 2000"],
    ["no reason", { reason: null }, "reason"],
  ])("a question with %s is a crash", (_, wrong, told) => {
    const reason = reasonOf([line({ ...question, ...wrong })])
    expect(reason).toContain("line 1 of its output of kind input_required is wrong")
    expect(reason).toContain(told)
  })

  it("a question whose pattern may take for ever is none", () => {
    const slow = { ...field, pattern: "^(a+)+$", default: `${"a".repeat(60)}!` }
    expect(outcomeOf([line({ ...question, fields: [slow] })])._tag).toBe("Crashed")
  })
})

describe("crashes", () => {
  it.each([
    ["text", ["hello"], "line 1 of its output is not JSON"],
    ["a truncated line", [result.slice(0, 9)], "line 1 of its output is not JSON"],
    ["two objects on a line", [`${result}${result}`], "is not JSON"],
    ["NaN", ['{"kind":"progress","file":"a","current":NaN,"total":1}'], "is not JSON"],
    ["a list", [line([{ kind: "result" }])], "is not a JSON object"],
    ["null", ["null"], "is not a JSON object"],
    ["deep nesting", ['{"a":'.repeat(100_000)], "nested deeper"],
    ["no kind", ["{}"], "has no kind"],
    ["a kind that is no text", [line({ kind: 7 })], "has no kind"],
    ["a __proto__ key", ['{"kind":"result","__proto__":{"errors":["x"]}}'], "__proto__"],
    ["an escaped, deep one", ['{"kind":"log","x":[{"\\u005f_proto__":1}]}'], "__proto__"],
    [
      "a wrong type",
      [line({ kind: "progress", file: 1, current: 1, total: 1 })],
      "of kind progress is wrong",
    ],
    ["half a file", [line({ kind: "progress", file: "a", current: 0.5, total: 1 })], "current"],
    ["a status that is none", [line({ kind: "file", path: "a", status: "eaten" })], "status"],
    ["errors that are no texts", [line({ kind: "result", errors: [1] })], "errors.0"],
    ["two last lines", [result, result], "it went on after its last line"],
    [
      "a message after the last line",
      [result, line({ kind: "log", level: "info", message: "m" })],
      "went on",
    ],
    ["an unknown kind after the last line", [result, line({ kind: "x" })], "it went on after its last line"],
    ["rubbish after the last line", [result, "}"], "it went on after its last line"],
    ["nothing", [], "without a last line"],
    ["no last line", [line({ kind: "log", level: "info", message: "m" })], "without a last line"],
  ])("%s", (_, lines, told) => {
    expect(reasonOf(lines)).toContain(told)
  })

  it("after one, nothing more is handed on", () => {
    const log = line({ kind: "log", level: "info", message: "m" })
    expect(listen([log, "rubbish", log, log]).messages).toHaveLength(1)
  })

  it.each<readonly [string, ReadonlyArray<string>, ProcessEnd, string]>([
    ["an exit code", [], exited(3), "it ended with exit code 3"],
    ["an exit code after a result", [result], exited(3), "it ended with exit code 3, after its result"],
    [
      "an exit code after an error",
      [line({ kind: "error", message: "no such column" })],
      exited(1),
      "it ended with exit code 1, after its error: no such column",
    ],
    [
      "a signal after a question",
      [line(question)],
      { _tag: "Signalled", signal: "SIGKILL" },
      "ended by SIGKILL",
    ],
    ["a timeout", [], { _tag: "TimedOut" }, "it took longer than it may"],
    ["a long line", [result], { _tag: "LineTooLong" }, "longer than 1 MiB"],
    ["many lines", [result], { _tag: "TooMuchOutput" }, "more to its standard output than it may"],
    ["a full disk", [], { _tag: "DiskFull" }, "the disk ran full"],
    ["no start", [], { _tag: "NotStarted", reason: "no such file" }, "not be started: no such file"],
    ["rubbish and an exit code", ["rubbish"], exited(2), "it ended with exit code 2; line 1"],
  ])("an end by %s", (_, lines, end, told) => {
    expect(reasonOf(lines, end)).toContain(told)
  })

  it.each<readonly [ProcessEnd, number]>([
    [exited(0), 0],
    [exited(152), 152],
    [{ _tag: "TimedOut" }, 124],
    [{ _tag: "NotStarted", reason: "" }, 127],
    [{ _tag: "Signalled", signal: "SIGTERM" }, 143],
    [{ _tag: "Signalled", signal: "SIGSEGV" }, 139],
    [{ _tag: "Signalled", signal: "SIGODD" }, 137],
    [{ _tag: "LineTooLong" }, 137],
    [{ _tag: "TooMuchOutput" }, 137],
    [{ _tag: "DiskFull" }, 137],
  ])("the exit code of %j is %i", (end, code) => {
    expect(exitCodeOf(end)).toBe(code)
  })
})

const text = fc.string({ unit: "binary", maxLength: 20 })
const name = fc.constantFrom("a", "b", "__proto__", "toString")
const fieldLike = fc.record(
  {
    id: fc.oneof(name, text),
    label: text,
    type: fc.constantFrom("string", "choice", "integer", "colour"),
    options: fc.array(text, { maxLength: 3 }),
    default: fc.oneof(text, fc.nat()),
    pattern: fc.constantFrom("^a", "("),
  },
  { requiredKeys: ["id", "label", "type"] },
)
const soundField = fc.record({ id: name, label: fc.string(), type: fc.constantFrom("string", "integer") })
const messages = [
  fc.record({ kind: fc.constant("progress"), file: text, current: fc.nat(), total: fc.nat() }),
  fc.record({
    kind: fc.constant("file"),
    path: text,
    status: fc.constantFrom("modified", "created", "eaten"),
  }),
  fc.record({ kind: fc.constant("log"), level: fc.constantFrom("info", "x"), message: text }),
  fc.record({ kind: text, context: fc.jsonValue({ maxDepth: 2 }) }),
]
const lasts = [
  fc.record({ kind: fc.constant("result"), errors: fc.array(text, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant("error"), message: text }),
  fc.record({
    kind: fc.constant("input_required"),
    fields: fc.array(fc.oneof(soundField, fieldLike), { maxLength: 3 }),
    reason: text,
  }),
  fc.record({
    kind: fc.constant("input_required"),
    fields: fc.tuple(soundField),
    reason: fc.constant("why"),
  }),
]
const wayLine = fc.oneof(...messages).map(line)
const lastLine = fc.oneof(...lasts).map(line)
const anyMessage = fc.oneof({ weight: 3, arbitrary: wayLine }, lastLine)
const broken = fc.tuple(anyMessage, fc.nat(), text).map(([whole, at, rubbish]) => {
  const place = at % (whole.length + 1)
  return whole.slice(0, place) + rubbish + whole.slice(place)
})
const anyLine = fc.oneof({ weight: 5, arbitrary: anyMessage }, broken, text)

const anyEnd: fc.Arbitrary<ProcessEnd> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(exited(0)) },
  fc.nat({ max: 255 }).map(exited),
  fc.constantFrom<ProcessEnd>(
    { _tag: "TimedOut" },
    { _tag: "LineTooLong" },
    { _tag: "TooMuchOutput" },
    { _tag: "DiskFull" },
    { _tag: "Signalled", signal: "SIGKILL" },
    { _tag: "NotStarted", reason: "because" },
  ),
)

const isWellFormed = (value: unknown): boolean => isJson(JSON.parse(JSON.stringify(value)))

it.effect.prop(
  "whatever is said comes to one verdict, which can be stored and is short",
  { lines: fc.array(anyLine, { maxLength: 8 }), end: anyEnd },
  ({ lines, end }) =>
    Effect.sync(() => {
      const { conversation, messages } = listen(lines)
      const outcome = verdict(conversation, end)
      expect(["Result", "Failed", "Asked", "Crashed"]).toContain(outcome._tag)
      if (end._tag !== "Exited" || end.code !== 0) expect(outcome._tag).toBe("Crashed")
      if (outcome._tag === "Crashed") expect(outcome.reason.length).toBeLessThan(2500)
      expect(messages.every(isWellFormed)).toBe(true)
      expect(isWellFormed(outcome)).toBe(true)
      expect({}).not.toHaveProperty("errors")
    }),
  { fastCheck: { numRuns: 300 } },
)

it.effect.prop(
  "a last line counts when it is the last, and nothing before it was wrong",
  { before: fc.array(anyLine, { maxLength: 4 }), last: lastLine },
  ({ before, last }) =>
    Effect.sync(() => {
      const { last: earlier, problem } = listen(before).conversation
      const alone = outcomeOf([last])
      const isOpen = earlier === null && problem === null
      if (isOpen && alone._tag !== "Crashed") expect(outcomeOf([...before, last])).toEqual(alone)
      else expect(outcomeOf([...before, last])._tag).toBe("Crashed")
    }),
  { fastCheck: { numRuns: 300 } },
)

const mebibyte = 1024 * 1024
const fill = (part: string, before = "", after = ""): string =>
  before + part.repeat(Math.floor((mebibyte - before.length - after.length) / part.length)) + after

it.each([
  ["brackets", fill("[")],
  ["escapes", fill("\\\\", '{"kind":"log","level":"info","message":"', '"}')],
  ["quotes", fill('"')],
  ["blanks", fill(" ")],
  ["keys", fill('"a":1,', "{", '"kind":"x"}')],
  ["numbers", fill("1,", '{"kind":"log","level":"info","message":"m","context":{"a":[', "1]}}")],
  ["fields", fill(`${line(field)},`, '{"kind":"input_required","reason":"r","fields":[', `${line(field)}]}`)],
  ["errors", fill('"e",', '{"kind":"result","errors":[', '"e"]}')],
  ["surrogates", fill("\\ud800", '{"kind":"error","message":"', '"}')],
  ["digits", fill("9", '{"kind":"progress","file":"a","total":1,"current":', "}")],
])("a line of 1 MiB of %s, many times over", (_, long) => {
  // Anything that isn't linear in its length takes hours.
  for (let time = 0; time < 5; time += 1) expect(listen([long]).messages.length).toBeLessThan(2)
})
