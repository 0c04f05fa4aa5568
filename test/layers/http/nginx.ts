import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join, resolve } from "node:path"
import { Data, Effect, type Scope } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

const docs = resolve(import.meta.dirname, "../../../docs/http.md")

const { status } = spawnSync("nginx", ["-v"])

/** Why there is no nginx to be tried; null when there is one. */
export const nginxProblem: string | null = status === 0 ? null : "there is no program nginx"

/** A port that was free a moment ago. */
const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** What the documentation tells to write, for this service. */
const location = async (target: string): Promise<string> => {
  const [, text = ""] = /```nginx\n([\s\S]*?)```/.exec(await readFile(docs, "utf8")) ?? []
  return text.replace("http://127.0.0.1:8420", target)
}

const temporaries = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]

/** Nothing of it is tuned: nginx buffers answers unless it is told not to. */
const configuration = async (folder: string, port: number, target: string): Promise<string> => `
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${join(folder, "nginx.pid")};
events { worker_connections 1024; }
http {
  access_log off;
  ${temporaries.map((name) => `${name}_temp_path ${join(folder, name)};`).join(" ")}
  server {
    listen 127.0.0.1:${port};
    ${await location(target)}
  }
}`

class NginxEnded extends Data.TaggedError("NginxEnded")<{ readonly said: string }> {
  override get message(): string {
    return `nginx ended: ${this.said}`
  }
}

const stop = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGTERM")
  })

/** Answers once nginx listens. */
const listening = (child: ChildProcess, url: string): Effect.Effect<void, NginxEnded> =>
  Effect.async((resume) => {
    let said = ""
    let over = false
    child.stderr?.on("data", (text) => (said += String(text)))
    child.once("close", () => {
      over = true
      resume(new NginxEnded({ said }))
    })
    const attempt = (): void =>
      void fetch(url).then(
        () => resume(Effect.void),
        () => (over ? undefined : setTimeout(attempt, 10)),
      )
    attempt()
    return Effect.sync(() => (over = true))
  })

/** nginx before a service, and the URL of it; it ends with the scope. */
export const startNginx = (
  target: (port: number) => Effect.Effect<string, unknown, Scope.Scope>,
): Effect.Effect<string, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* temporaryDirectory
    const port = yield* freePort
    const url = yield* target(port)
    const file = join(folder, "nginx.conf")
    yield* Effect.promise(async () => writeFile(file, await configuration(folder, port, url)))
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("nginx", ["-p", folder, "-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] }),
      ),
      stop,
    )
    const proxied = `http://127.0.0.1:${port}`
    yield* listening(child, proxied)
    return proxied
  })
