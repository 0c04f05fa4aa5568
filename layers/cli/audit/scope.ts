import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Audit } from "../../../src/audit/Audit.ts"
import { scopeAt } from "../../../src/domain/AuditScope.ts"
import { joinPath } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"

/** What a path stands for, from where the caller is or below the local root, links resolved; all without one. */
export const scopeOf = (said: Option.Option<string>) =>
  Effect.gen(function* () {
    const { scopeOf } = yield* Audit
    const { localRoot } = (yield* Settings).paths
    if (Option.isNone(said)) return yield* scopeOf("")
    const here = resolve(said.value)
    if (scopeAt(localRoot, here) !== null) return yield* scopeOf(here)
    const disk = yield* Disk
    const real = yield* Effect.option(Effect.all([disk.realPath(localRoot), disk.realPath(here)]))
    if (Option.isNone(real)) return yield* scopeOf(said.value)
    const [realRoot, realHere] = real.value
    const below = realHere.startsWith(`${joinPath(realRoot)}/`)
      ? realHere.slice(joinPath(realRoot).length + 1)
      : null
    return yield* scopeOf(realHere === joinPath(realRoot) ? "" : (below ?? said.value))
  })
