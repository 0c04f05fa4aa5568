import { expect, it } from "@effect/vitest"
import { Effect, Either, Ref } from "effect"
import { answersTo, parseAnswers, suggestion } from "../../scripts/demoAnswers.ts"
import { checkAnswers, type Field, FieldType } from "../../src/domain/Field.ts"

const field = (type: FieldType, more: Partial<Field> = {}): Field => ({
  ...{ id: "a", label: "A", type, required: true },
  ...(type === "choice" ? { options: ["x", "y"] } : {}),
  ...more,
})

it("reads answers that options give, with whatever is in them", () => {
  expect(parseAnswers(["barcode=P-1", "note=a=b", "empty="])).toEqual(
    Either.right({ barcode: "P-1", note: "a=b", empty: "" }),
  )
  for (const wrong of ["barcode", "=1", "bar code=1"]) {
    expect(parseAnswers(["a=1", wrong])).toEqual(Either.left(`--answer ${wrong}: must be name=value`))
  }
})

it("suggests for every kind of required field something that is accepted", () => {
  for (const type of FieldType.literals) {
    const one = field(type)
    expect(Either.isRight(checkAnswers([one], { a: suggestion(one) }, "inputs"))).toBe(true)
  }
  expect(suggestion(field("number", { default: 25 }))).toBe(25)
  expect(suggestion(field("string", { required: false }))).toBe(null)
})

it.effect("without a terminal answers by options, then by what is suggested, and says which", () =>
  Effect.gen(function* () {
    const said = yield* Ref.make<ReadonlyArray<string>>([])
    const say = (text: string) => Ref.update(said, (all) => [...all, text])
    const fields = [
      field("string", { id: "barcode", label: "Barcode" }),
      field("number", { id: "gain", label: "Gain", default: 2 }),
      field("text", { id: "note", label: "Note", required: false }),
    ]
    const answers = yield* answersTo({ given: { barcode: "P-1" }, isTerminal: false, say }, fields)
    expect(answers).toEqual({ barcode: "P-1", gain: 2 })
    expect(yield* Ref.get(said)).toEqual(["  Barcode: P-1", "  Gain: 2 (nobody was asked)"])
  }),
)
