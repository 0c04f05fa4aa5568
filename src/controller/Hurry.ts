import { Context, Effect } from "effect"

/**
 * Done when whoever runs the service won't wait any longer for sessions that work. They end then, with their
 * clean-up, as they do when their time is over. Default: never.
 */
export class Hurry extends Context.Reference<Hurry>()("exlab-wizard/Hurry", {
  defaultValue: (): Effect.Effect<void> => Effect.never,
}) {}
