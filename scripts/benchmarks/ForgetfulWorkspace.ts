import { Effect, Layer } from "effect"
import { Workspace } from "../../src/ports/Workspace.ts"

/** The `Workspace` below it, on a disk that forgets: an area is its session's though nothing is there. */
export const layer: Layer.Layer<Workspace, never, Workspace> = Layer.effect(
  Workspace,
  Effect.map(Workspace, (workspace) =>
    Workspace.of({
      ...workspace,
      confirm: () => Effect.void,
      publish: (staging) => Effect.as(workspace.discard(staging), { warnings: [] }),
    }),
  ),
)
