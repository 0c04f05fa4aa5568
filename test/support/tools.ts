import { accessSync, constants } from "node:fs"
import { join } from "node:path"
import { describe } from "@effect/vitest"
import { Duration, Effect, Either } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Toolbox from "../../layers/nas/transports/tools/Toolbox.ts"

const isThere = (program: string): boolean =>
  [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"].some((folder) =>
    Either.isRight(Either.try(() => accessSync(join(folder, program), constants.X_OK))),
  )

/** Tests with programs that must be installed: where one is missing they aren't run, and fail where everything is checked. */
export const describeWith = (programs: ReadonlyArray<string>, title: string, tests: () => void): void => {
  const missing = programs.filter((program) => !isThere(program))
  const isRun = missing.length === 0 || process.env["CI"] === "true"
  const note = isRun ? "" : ` (not run: ${missing.join(", ")} missing)`
  describe.skipIf(!isRun)(`${title}${note}`, () => {
    tests()
  })
}

/** The tools of this machine, or of another search path. */
export const toolbox = (
  variables: NodeJS.ProcessEnv = process.env,
  silence: Duration.DurationInput = "60 seconds",
): Effect.Effect<Toolbox.Toolbox> =>
  Toolbox.make(variables, Duration.decode(silence)).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)
