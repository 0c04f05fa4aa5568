import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join, resolve } from "node:path"
import { Data, Effect } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

const docs = resolve(import.meta.dirname, "../../../docs/http.md")

const { status } = spawnSync("nginx", ["-v"])

/** Why there is no nginx to be tried; null when there is one. */
export const nginxProblem: string | null = status === 0 ? null : "there is no program nginx"

/** A port that was free a moment ago. */
export const freePort = Effect.async<number>((resume) => {
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

/**
 * The documented way, and below `/old/` the one without any tuning: there nginx speaks HTTP/1.0 to the service,
 * and keeps what it gets until a buffer is full, unless it is told not to.
 */
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
    location /old/ {
      proxy_pass ${target}/;
      proxy_set_header Host $http_host;
    }
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

/** nginx before a service, at a port and under its URL; it ends with the scope. */
export const startNginx = Effect.fnUntraced(function* (port: number, target: string) {
  const folder = yield* temporaryDirectory
  const file = join(folder, "nginx.conf")
  yield* Effect.promise(async () => writeFile(file, await configuration(folder, port, target)))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("nginx", ["-p", folder, "-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] }),
    ),
    stop,
  )
  const url = `http://127.0.0.1:${port}`
  yield* listening(child, url)
  return url
})
