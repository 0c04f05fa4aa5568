import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join, relative } from "node:path"
import { expect } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { EquipmentSync, TransportSettings } from "../../../../src/domain/SyncSettings.ts"
import { onlyRsync } from "../../../support/onlyRsync.ts"
import { overSftp, remote } from "../../../support/rclone.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

/** Somewhere that a transport leads to, and where that is on this computer. */
interface RealTarget {
  readonly nasRoot: string
  readonly transport: TransportSettings
}

const inFolder = (
  transport: Effect.Effect<TransportSettings, never, Scope.Scope>,
): Effect.Effect<RealTarget, never, Scope.Scope> =>
  Effect.gen(function* () {
    const nasRoot = join(yield* temporaryDirectory, "the share")
    mkdirSync(nasRoot)
    return { nasRoot, transport: yield* transport }
  })

const ssh = ["rsync", "ssh", "sshd", "ssh-keygen"]

/** Every transport with its real tools, by name, and the programs that it needs. */
export const realTargets = {
  "a mounted target": {
    programs: [],
    make: inFolder(Effect.succeed({ type: "mounted", uploadMbps: null, schedule: [] })),
  },
  "a target behind rsync and ssh": {
    programs: ssh,
    make: inFolder(Effect.map(sshServer(), ({ settings }) => settings)),
  },
  "a target behind an account without a shell": {
    programs: ssh,
    make: inFolder(Effect.map(sshServer(onlyRsync), ({ settings }) => ({ ...settings, hasShell: false }))),
  },
  "a target behind rclone": {
    programs: ["rclone", "sshd", "ssh-keygen"],
    make: inFolder(Effect.flatMap(sshServer(), (server) => remote(overSftp(server)))),
  },
} as const

/** An equipment's settings for a target, at so many megabits a second. */
export const equipmentFor = (
  { nasRoot, transport }: RealTarget,
  uploadMbps: number | null = null,
): Partial<EquipmentSync> & { readonly nasRoot: string } => ({
  nasRoot,
  transport: { ...transport, uploadMbps },
})

/** Where a directory is on the target. */
export const copyOf = ({ nasRoot }: RealTarget, root: string, path: string): string =>
  join(nasRoot, relative(join(root, "local/DEMO_01"), path))

/** Whoever has the directory can check it with the usual tool. */
export const expectSums = (...folders: ReadonlyArray<string>): void => {
  for (const cwd of folders) {
    const said = execFileSync(
      "sha256sum",
      ["--check", "--strict", "--quiet", ".exlab-wizard/checksums.sha256"],
      { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    )
    expect(said).toBe("")
  }
}
