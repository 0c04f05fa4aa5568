import { Effect } from "effect"

/** Never run: a TypeScript without the Effect language service sees nothing wrong here. */
export const floating = (): void => {
  Effect.succeed("lost")
}
