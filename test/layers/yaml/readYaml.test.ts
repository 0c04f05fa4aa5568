import { expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { parse } from "yaml"
import { readYaml } from "../../../layers/yaml/readYaml.ts"

const name = fc.constantFrom("a", "b", "c")

/** Flow values with anchors and aliases, some of which stand for nothing. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("1", "x", "null"),
    fc.tuple(name, fc.constantFrom("1", "x", "null")).map(([anchor, text]) => `&${anchor} ${text}`),
    name.map((alias) => `*${alias} `),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
    fc
      .tuple(name, fc.array(tie("value"), { maxLength: 4 }))
      .map(([anchor, items]) => `&${anchor} { ${items.map((item, i) => `k${i}: ${item}`).join(", ")} }`),
  ),
}))

const isSound = (text: string) => Either.isRight(Either.try(() => JSON.stringify(parse(text))))

it("an alias stands for what had its anchor last, and one that stands for nothing is told", () => {
  fc.assert(
    fc.property(value, (text) => {
      const read = readYaml(text)
      if (isSound(text)) expect(Either.getOrThrow(read).value).toEqual(parse(text))
      else expect(Either.isLeft(read)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

it("an alias isn't looked for through the whole text, however many there are", () => {
  const text = `a: &x 1\nb: [${"*x,".repeat(40_000)}]`
  expect(Either.flip(readYaml(text)).pipe(Either.getOrThrow)).toEqual([
    { kind: "syntax", line: 1, message: "holds too many or too deeply nested values" },
  ])
})
