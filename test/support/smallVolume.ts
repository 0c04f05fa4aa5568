import { execFileSync } from "node:child_process"
import { mkdtempSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, type Scope } from "effect"

const mount = (path: string): void => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path], { stdio: "ignore" })
}

const unmount = (path: string): void => {
  execFileSync("umount", ["--lazy", path], { stdio: "ignore" })
}

/** Whether this user may mount something: root outside of containers. */
export const canMount: boolean = Either.isRight(
  Either.try(() => {
    const path = mkdtempSync(join(tmpdir(), "exlab-wizard-test-"))
    mount(path)
    unmount(path)
    rmdirSync(path)
  }),
)

/** Puts a volume of 1 MiB over an empty folder, until the scope closes. */
export const smallVolume = (path: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => mount(path)),
    () => Effect.sync(() => unmount(path)),
  )
