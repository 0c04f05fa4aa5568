import { it } from "@effect/vitest"
import { Effect } from "effect"
import type { AbandonedAreas } from "../../../layers/workspace/AbandonedAreas.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { Workspace } from "../../../src/ports/Workspace.ts"
import type { DiskFaults } from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { quiet, service } from "./support.ts"

/** A test with a service over a root of its own. */
export const withService = <E>(
  name: string,
  test: (root: string) => Effect.Effect<void, E, Workspace | AbandonedAreas | DiskFaults | Disk>,
) =>
  it.scopedLive(name, () =>
    Effect.flatMap(temporaryDirectory, (root) => Effect.provide(test(root), service(root))).pipe(quiet),
  )
