import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck as fc } from "effect"
import { formatLogLine, logFileName, maxLineBytes } from "../../../layers/records/logText.ts"
import type { LogLine } from "../../../src/ports/WizardLog.ts"

const at = DateTime.unsafeMake("2026-04-17T14:31:55.999Z")

const line = (message: string, rest: Partial<LogLine> = {}): LogLine => ({
  at,
  level: "INFO",
  message,
  tags: { equip: "CONFOCAL_01", proj: "PROJ-0042", kind: "experimental" },
  ...rest,
})

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "a] [proj:EVIL",
    "\n2026-04-17T00:00:00Z [ERROR] forged",
    "\u202egnp.exe",
    "\ud800",
    "👩‍🔬".repeat(200),
  ),
  fc.string({ unit: "grapheme", minLength: 200, maxLength: 2000 }),
  fc.integer({ min: 850, max: 1100 }).map((length) => "é".repeat(length / 2) + "x".repeat(length % 2)),
)

describe("a log line", () => {
  it("looks as documented", () => {
    expect(formatLogLine("labpc-04", line("message"))).toBe(
      "2026-04-17T14:31:55Z [INFO ] [host:labpc-04] [equip:CONFOCAL_01] [proj:PROJ-0042] [kind:experimental] message\n",
    )
    expect(formatLogLine("h", line("m", { level: "WARN", tags: { run: "Run_1" } }))).toBe(
      "2026-04-17T14:31:55Z [WARN ] [host:h] [run:Run_1] m\n",
    )
    expect(formatLogLine("", line("m", { level: "ERROR", tags: {} }))).toBe(
      "2026-04-17T14:31:55Z [ERROR] m\n",
    )
  })

  it("escapes what would break the line, forge a tag, or turn the text around", () => {
    expect(
      formatLogLine("h", line("a\nb\r\tc\u0000\u001b[31m\u2028\u202e\\", { tags: { proj: "x] [run:y\n" } })),
    ).toBe(
      "2026-04-17T14:31:55Z [INFO ] [host:h] [proj:x\\u005d \\u005brun:y\\n] " +
        "a\\nb\\r\\tc\\u0000\\u001b[31m\\u2028\\u202e\\\\\n",
    )
  })

  it("is one line of at most 1 KiB, cut at a whole character, whatever the texts", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (host, proj, message) => {
        const text = formatLogLine(host, line(message, { tags: { proj } }))
        const bytes = Buffer.from(text, "utf8")
        expect(bytes.length).toBeLessThanOrEqual(maxLineBytes)
        expect(bytes.toString("utf8")).toBe(text)
        expect(text.indexOf("\n")).toBe(text.length - 1)
        expect(text).toMatch(/^2026-04-17T14:31:55Z \[INFO \] /)
        expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u)
        const head = text.split(/(?<=^[^ ]+ \[INFO \] )/)[1] ?? ""
        expect(head.split("] [").length).toBeLessThanOrEqual(2 + message.split("] [").length)
      }),
      { numRuns: 500 },
    )
  })

  it("is cut only when it must be, and never inside an escape", () => {
    const width = (message: string) =>
      Buffer.byteLength(formatLogLine("h", line(message, { tags: {} })), "utf8")
    const room = maxLineBytes - width("")
    expect(formatLogLine("h", line("x".repeat(room), { tags: {} }))).not.toContain("truncated")
    expect(formatLogLine("h", line("x".repeat(room + 1), { tags: {} }))).toMatch(/x\.\.\.\[truncated\]\n$/)
    expect(width("x".repeat(room + 1))).toBe(maxLineBytes)
    for (let shift = 0; shift < 8; shift += 1) {
      const cut = formatLogLine("h", line("x".repeat(shift) + "\u0001".repeat(2000), { tags: {} }))
      expect(cut).toMatch(/\\u0001\.\.\.\[truncated\]\n$/)
    }
  })

  it("takes no longer for a message of 100 MB", () => {
    expect(formatLogLine("h", line("x".repeat(100_000_000))).length).toBe(maxLineBytes)
  })
})

describe("the log's file name", () => {
  it.each([
    ["labpc-04", "wizard.labpc-04.log"],
    ["../../etc/x y\n", "wizard..._.._etc_x_y_.log"],
    ["", "wizard.unknown.log"],
    ["h".repeat(300), `wizard.${"h".repeat(64)}.log`],
  ])("of %j is %j", (host, name) => {
    expect(logFileName(host)).toBe(name)
  })
})
