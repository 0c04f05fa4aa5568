import { dateHelpers } from "./dateHelpers.ts"
import { formatHelpers } from "./formatHelpers.ts"
import type { Helper } from "./Helper.ts"
import { logicHelpers } from "./logicHelpers.ts"
import { textHelpers } from "./textHelpers.ts"

/** Every function that a template can call. A map: no name reaches a prototype. */
export const helpers: ReadonlyMap<string, Helper> = new Map(
  Object.entries({ ...textHelpers, ...logicHelpers, ...formatHelpers, ...dateHelpers }),
)

export const helperNames = [...helpers.keys()].toSorted().join(", ")
