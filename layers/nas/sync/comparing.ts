import { Effect } from "effect"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import type { DigestedFile } from "./digesting.ts"

/** What a target has of a directory. */
export interface Difference {
  readonly missing: ReadonlyArray<string>
  readonly different: ReadonlyArray<string>
}

/** Compares by path. What is only there isn't looked at: nothing is ever taken away from a target. */
export const differenceOf = (
  here: ReadonlyMap<string, { readonly sha256: string }>,
  there: ReadonlyMap<string, string>,
): Difference => {
  const missing: Array<string> = []
  const different: Array<string> = []
  for (const [path, { sha256 }] of here) {
    const digest = there.get(path)
    if (digest === undefined) missing.push(path)
    else if (digest !== sha256) different.push(path)
  }
  return { missing: missing.toSorted(), different: different.toSorted() }
}

/**
 * What the target's storage gives back of these files: from where they are gathered, and for those that
 * didn't have to be sent, from their final place.
 */
export const digestsThere = (
  transport: TargetTransport,
  { final, incoming }: { readonly final: string; readonly incoming: string },
  files: ReadonlyMap<string, DigestedFile>,
): Effect.Effect<ReadonlyMap<string, string>, SyncFailure> =>
  Effect.gen(function* () {
    const paths = [...files.keys()]
    const gathered = yield* transport.digests(incoming, paths)
    const others = paths.filter((path) => gathered.get(path) !== files.get(path)?.sha256)
    const published = others.length === 0 ? new Map() : yield* transport.digests(final, others)
    return new Map<string, string>([...published, ...gathered])
  })
