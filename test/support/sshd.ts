import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import { connect, createServer } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { Effect, Schedule, type Scope } from "effect"
import type { SshSettings } from "../../layers/nas/transports/rsync/ssh.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

/** A port of the loopback that nobody uses at the moment. */
export const freePort: Effect.Effect<number> = Effect.async((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" ? (address?.port ?? 0) : 0)))
  })
})

const answers = (port: number): Effect.Effect<void, string> =>
  Effect.async((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.void)
    })
    socket.once("error", () => resume(Effect.fail("nobody listens")))
  })

/** A server that runs until the scope closes; waited for until it answers. */
export const serverProcess = (
  argv: readonly [string, ...ReadonlyArray<string>],
  port: number,
  env: NodeJS.ProcessEnv = process.env,
): Effect.Effect<{ readonly kill: Effect.Effect<void> }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(argv[0], argv.slice(1), { stdio: "ignore", env })
      const ended = new Promise<void>((done) => child.once("exit", () => done()))
      child.once("error", () => undefined)
      return { child, ended }
    }),
    ({ child, ended }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
          ? Promise.resolve()
          : ended
      }),
  ).pipe(
    Effect.tap(() =>
      answers(port).pipe(
        Effect.retry(Schedule.spaced("20 millis")),
        Effect.timeout("20 seconds"),
        Effect.orDie,
      ),
    ),
    Effect.map(({ child, ended }) => ({
      kill: Effect.promise(() => {
        child.kill("SIGKILL")
        return ended
      }),
    })),
  )

const makeKey = (path: string): void => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])
}

export interface SshServer {
  readonly settings: SshSettings
  /** Its folder: keys, configuration. Blanks and quotes are in its name. */
  readonly folder: string
  readonly kill: Effect.Effect<void>
  /** Begins to listen again on the same port. */
  readonly again: Effect.Effect<void, never, Scope.Scope>
}

/** An sshd of one's own on the loopback, for the user that runs the tests. `lines` are added to its configuration. */
export const sshServer = (
  lines: (folder: string) => ReadonlyArray<string> = () => [],
): Effect.Effect<SshServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const top = yield* temporaryDirectory
    const port = yield* freePort
    const secret = join(top, `key's "and" %h`)
    const folder = join(top, "server")
    fs.mkdirSync(secret)
    fs.mkdirSync(folder)
    makeKey(join(secret, "id"))
    makeKey(join(folder, "host"))
    fs.copyFileSync(join(secret, "id.pub"), join(folder, "authorized"))
    const hostKey = fs.readFileSync(join(folder, "host.pub"), "utf8")
    fs.writeFileSync(join(secret, "known hosts"), `[127.0.0.1]:${port} ${hostKey}`)
    const configuration = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "authorized")}`,
      `PidFile ${join(folder, "pid")}`,
      "UsePAM no",
      "StrictModes no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "MaxStartups 100",
      "Subsystem sftp internal-sftp",
      // Login scripts of whoever runs the tests stay out, and connections are many.
      `SetEnv HOME=${folder}`,
      "KexAlgorithms curve25519-sha256",
      ...lines(folder),
    ]
    fs.writeFileSync(join(folder, "config"), `${configuration.join("\n")}\n`)
    if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
    const start = serverProcess(["/usr/sbin/sshd", "-D", "-e", "-f", join(folder, "config")], port)
    const first = yield* start
    return {
      settings: {
        type: "rsync_ssh",
        host: "127.0.0.1",
        port,
        user: userInfo().username,
        identityFile: join(secret, "id"),
        knownHostsFile: join(secret, "known hosts"),
        hasShell: true,
        uploadMbps: null,
        schedule: [],
      },
      folder,
      kill: first.kill,
      again: Effect.asVoid(start),
    }
  })
