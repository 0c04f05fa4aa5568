import { expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { makeTail, tailBytes } from "../../../layers/process/tail.ts"

it("a tail is the end of all that was pushed, whatever the sizes of the parts", () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: tailBytes - 2, max: tailBytes + 2 }),
    fc.integer({ min: 0, max: 3 * tailBytes }),
  )
  fc.assert(
    fc.property(fc.array(size, { maxLength: 12 }), (sizes) => {
      const tail = makeTail()
      const parts = sizes.map((length, n) => Buffer.alloc(length, `${n.toString(36)}.`))
      for (const part of parts) tail.push(part)
      expect(tail.text()).toBe(Buffer.concat(parts).subarray(-tailBytes).toString())
    }),
    { numRuns: 60 },
  )
})
