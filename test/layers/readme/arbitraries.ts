import { FastCheck as fc } from "effect"
import type { ReadmeFields } from "../../../src/domain/CreationRecord.ts"
import type { Json } from "../../../src/domain/Json.ts"

const split = (separator: string, ...lists: ReadonlyArray<string>): ReadonlyArray<string> =>
  lists.flatMap((list) => list.split(separator))

/** Texts that some YAML parser takes for something else, or that try to break out. */
export const nasty: ReadonlyArray<string> = [
  ...split(
    " ",
    "~ null Null true False yes No on OFF y n = << - ? | > { } , % ' \" \\ \\n \\u0041 @lab `a` !tag &a *a #c [a",
    "1 -1 +1 0x1F 0o7 017 0b1 1_000 1e3 1.5 .5 .inf -.INF .nan 1:30 190:20:30 2026-04-17 2026-04-17T14:32:00Z --- ...",
  ),
  ...split(
    "|",
    "|2026-04-17 14:32:00|--- x|%YAML 1.1|!!str x|a #c|a: b|{a: b}|- a|  lead|trail  |{{x}}|<id>| ",
    "\n|\r\n|a\n---\nb|\n---\n# x\n|\t|tab\there|\ttab|e\u0301|😀|👩‍🔬|a\u0085b|a\u2028b\u2029c|\ufeff|a\ufeff",
  ),
  "\u0007\u001b[31m",
  "\u007f\u0080\u009f",
  "\ufffe\uffff",
  "\u202etxt",
  "x".repeat(10_000),
  "a b\n".repeat(2_000),
]

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(...nasty) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...nasty), fc.string({ unit: "grapheme" }))
      .map((two) => two.join("")),
  },
)

const id = fc.oneof(
  fc.constantFrom("yes", "no", "on", "n", "null", "true", "label", "system", "__proto__", "constructor", "_"),
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
)

const value: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const layer = (maxKeys: number) =>
  fc.array(fc.tuple(id, value), { maxLength: maxKeys }).map((pairs) => Object.fromEntries(pairs))

export const readmeFields: fc.Arbitrary<ReadmeFields> = fc.record({
  schemaVersion: fc.constant("1.1"),
  generatedAt: fc.constant("2026-04-17T14:32:00Z"),
  coreFields: fc.record({ label: text, operator: text, objective: text }),
  templateFields: layer(8),
  configFields: layer(4),
  customFields: fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.record({ label: text, value: text }), { maxLength: 8 }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ label: text, value: text }), { minLength: 60, maxLength: 300 }),
    },
  ),
  systemFields: fc.record({
    created: fc.constant("2026-04-17T14:32:00Z"),
    created_by: text,
    equipment: fc.record({ id: fc.constant("CONFOCAL_01"), label: text }),
    template: fc.record({ name: fc.constant("confocal_run"), version: text }),
    project: text,
    run: text,
    run_kind: fc.constant("experimental"),
  }),
  body: fc.oneof(fc.constant("## Notes\n*(none)*\n"), text),
})
