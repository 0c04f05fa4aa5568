import { Effect, type Scope } from "effect"
import type { Task } from "./bareCreations.ts"
import type { Cost } from "./figures.ts"
import { helper, type HelperEnded } from "./helper.ts"
import type { PlannedOperation } from "./operations.ts"

/** The bare program, in a process of its own. */
export interface BareProgram {
  readonly perform: (task: Task) => Effect.Effect<Cost, HelperEnded>
}

export const make = (plan: ReadonlyArray<PlannedOperation>): Effect.Effect<BareProgram, never, Scope.Scope> =>
  Effect.map(helper<Task | ReadonlyArray<PlannedOperation>, Cost>("./bareCreations.js"), ({ ask, send }) => {
    send(plan)
    return { perform: ask }
  })
