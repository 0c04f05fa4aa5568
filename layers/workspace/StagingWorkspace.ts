import { Effect, Layer } from "effect"
import type { Destination } from "../../src/domain/Destination.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { type Staging, Workspace } from "../../src/ports/Workspace.ts"
import { makeDirectories } from "../disk/trees.ts"
import { AbandonedAreas } from "./AbandonedAreas.ts"
import { takeDestination } from "./claiming.ts"
import { leftoversIn } from "./leftovers.ts"
import * as NewParents from "./NewParents.ts"
import { confirm, keep, publish } from "./publishing.ts"
import { release } from "./releasing.ts"
import { stagingFolder } from "./stagingLayout.ts"
import * as StagingOwner from "./StagingOwner.ts"

const make = Effect.gen(function* () {
  const disk = yield* Effect.context<Disk>()
  const { orchestrator, paths } = yield* Settings
  const owner = yield* StagingOwner.make(paths.localRoot, orchestrator.host)
  const newParents = yield* NewParents.make
  const publisher = { owner, newParents }

  return Workspace.of({
    claim: Effect.fn("Workspace.claim")(
      function* (destination: Destination, sessionId: SessionId) {
        yield* owner.live
        const made = yield* makeDirectories(stagingFolder(destination.parent))
        yield* newParents.note(made, destination.path)
        return yield* takeDestination(owner, destination, sessionId)
      },
      Effect.uninterruptible,
      Effect.provide(disk),
    ),
    confirm: Effect.fn("Workspace.confirm")(confirm, Effect.provide(disk)),
    publish: Effect.fn("Workspace.publish")(
      (staging: Staging) => publish(publisher, staging),
      Effect.provide(disk),
    ),
    discard: Effect.fn("Workspace.discard")(
      (staging: Staging) => Effect.asVoid(release(owner, staging, "tree")),
      Effect.provide(disk),
    ),
    leftovers: Effect.fn("Workspace.leftovers")(
      (parent: string) => leftoversIn(owner, parent),
      Effect.provide(disk),
    ),
    keep: Effect.fn("Workspace.keep")((staging: Staging) => keep(publisher, staging), Effect.provide(disk)),
  })
})

/** The same for programs that only look or decide: what dead sessions left stays where it is. */
export const layerStill: Layer.Layer<Workspace, never, Disk | Settings> = Layer.scoped(Workspace, make)

/**
 * Staging areas below the local root, on the disk it is given. What dead services left is cleared in the
 * background from the start on.
 */
export const layer: Layer.Layer<Workspace | AbandonedAreas, never, Disk | Settings> = Layer.merge(
  layerStill,
  AbandonedAreas.layer,
)
