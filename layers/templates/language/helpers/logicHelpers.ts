import { Either } from "effect"
import { isBlank } from "../../../../src/domain/Field.ts"
import type { Json } from "../../../../src/domain/Json.ts"
import { asNumber, holds } from "../values.ts"
import { type Helper, type Helpers, singleText } from "./Helper.ts"

const equal = (a: Json, b: Json): Either.Either<boolean, string> => {
  const [x, y] = [asNumber(a), asNumber(b)]
  // Two texts are compared as texts: sample 007 is not sample 7.
  if ((typeof a === "number" || typeof b === "number") && x !== null && y !== null)
    return Either.right(x === y)
  return Either.map(Either.all([singleText(a), singleText(b)]), ([one, other]) => one === other)
}

const equality = (wanted: boolean): Helper => ({
  takes: [2, 2],
  run: ([a = "", b = ""]) => Either.map(equal(a, b), (same) => same === wanted),
})

/** What has no value is neither before nor after anything. */
const order = (holdsFor: (sign: number) => boolean): Helper => ({
  takes: [2, 2],
  run: ([a = "", b = ""]) => {
    const [x, y] = [asNumber(a), asNumber(b)]
    if (x !== null && y !== null) return Either.right(holdsFor(x - y))
    return Either.map(
      Either.all([singleText(a), singleText(b)]),
      ([one, other]) => !isBlank(one) && !isBlank(other) && holdsFor(one < other ? -1 : one > other ? 1 : 0),
    )
  },
})

const many = 100

/** Comparison, boolean logic and choice. */
export const logicHelpers: Helpers = {
  eq: equality(true),
  ne: equality(false),
  lt: order((sign) => sign < 0),
  lte: order((sign) => sign <= 0),
  gt: order((sign) => sign > 0),
  gte: order((sign) => sign >= 0),
  and: { takes: [2, many], run: (values) => Either.right(values.every(holds)) },
  or: { takes: [2, many], run: (values) => Either.right(values.some(holds)) },
  not: { takes: [1, 1], run: ([value = ""]) => Either.right(!holds(value)) },
  default: { takes: [2, 2], run: ([value, other = ""]) => Either.right(isBlank(value) ? other : value) },
  when: {
    takes: [2, 3],
    run: ([condition = "", then = "", otherwise = ""]) => Either.right(holds(condition) ? then : otherwise),
  },
}
