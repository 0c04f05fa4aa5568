import * as fs from "node:fs"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { RcloneSettings } from "../../layers/nas/transports/rclone/Rclone.ts"
import { freePort, serverProcess, type SshServer } from "./sshd.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

/** Settings for a remote of this description, in a configuration of its own. */
export const remote = (
  description: Readonly<Record<string, string>>,
): Effect.Effect<RcloneSettings, never, Scope.Scope> =>
  Effect.map(temporaryDirectory, (folder) => {
    const configFile = join(folder, "rclone's settings")
    const lines = Object.entries(description).map(([key, value]) => `${key} = ${value}`)
    fs.writeFileSync(configFile, ["[lab nas]", ...lines, ""].join("\n"))
    return { type: "rclone", remote: "lab nas", configFile, uploadMbps: null, schedule: [] }
  })

/** What leads to a real SSH server by SFTP. */
export const overSftp = ({ settings }: SshServer): Readonly<Record<string, string>> => ({
  type: "sftp",
  host: settings.host,
  port: String(settings.port),
  user: settings.user ?? "",
  key_file: settings.identityFile ?? "",
  known_hosts_file: settings.knownHostsFile ?? "",
  shell_type: "unix",
})

/** rclone itself as a WebDAV server of a folder; what leads to it. */
export const servedByWebDav = (
  folder: string,
): Effect.Effect<Readonly<Record<string, string>>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const port = yield* freePort
    fs.mkdirSync(folder, { recursive: true })
    const words = ["serve", "webdav", `--addr=127.0.0.1:${port}`, "--dir-cache-time=0s", folder] as const
    const home = yield* temporaryDirectory
    yield* serverProcess(["rclone", ...words], port, { ...process.env, HOME: home, XDG_CACHE_HOME: home })
    return { type: "webdav", url: `http://127.0.0.1:${port}`, vendor: "other" }
  })
