import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Socket } from "@effect/platform"
import { NodeSocket } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, Either, Fiber } from "effect"
import { forkProgram } from "../../support/childProcess.ts"
import { processesAround } from "../../support/leftProcesses.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { leftInStaging, until } from "../../support/world.ts"
import { type Answer, call, framesOf, post, projectNamed } from "./calls.ts"

const program = new URL("./programs/server.ts", import.meta.url)

const transforms = {
  asks: `(file, ctx) => ctx.requestInput([{ id: "plate", label: "Plate", type: "string" }], "to wait")`,
  works: `() => new Promise(() => setInterval(() => {}, 1000))`,
}

const writePlugin = async (folder: string, name: keyof typeof transforms) => {
  await mkdir(join(folder, name), { recursive: true })
  const manifest = `name: ${name}\nversion: "1"\napi_version: "1"\nruntime: node\nentry: plugin.mjs\nmatches: [".${name}"]\nisolation: { timeout_seconds: 300 }\n`
  await writeFile(join(folder, name, "manifest.yaml"), manifest)
  const code = `import { definePlugin } from "exlab-wizard/plugin"\nexport default definePlugin({ transform: ${transforms[name]} })\n`
  await writeFile(join(folder, name, "plugin.mjs"), code)
}

/** Plugins work on files whose names end like theirs, whether a template names them or not. */
const writeTemplate = async (folder: string, name: string, plugins: string) => {
  await mkdir(join(folder, name), { recursive: true })
  const manifest = `name: ${name}\nversion: "1"\ntype: project\nplugins: [${plugins}]\n`
  await writeFile(join(folder, name, "template.yaml"), manifest)
  await writeFile(join(folder, name, `notes.${name}`), "notes\n")
}

const workingPlaces = 3

/** The service as a process of its own, with a plugin that waits for a person, and one that never ends. */
const startProcess = (graceSeconds: number) =>
  Effect.gen(function* () {
    const dataDir = yield* temporaryDirectory
    const templates = join(dataDir, "templates")
    const plugins = join(dataDir, "plugins")
    yield* Effect.promise(async () => {
      await writePlugin(plugins, "asks")
      await writePlugin(plugins, "works")
      await writeTemplate(templates, "plain", "")
      await writeTemplate(templates, "asks", "asks")
      await writeTemplate(templates, "works", "works")
    })
    const variables = {
      EXLAB_DATA_DIR: dataDir,
      EXLAB_HTTP__PORT: "0",
      EXLAB_PATHS__TEMPLATES_DIR: templates,
      EXLAB_PATHS__PLUGIN_DIR: plugins,
      EXLAB_SESSIONS__MAX_WORKING: String(workingPlaces),
      EXLAB_SESSIONS__SHUTDOWN_GRACE_SECONDS: String(graceSeconds),
    }
    const child = yield* forkProgram(program, [], { variables })
    const api = `${String(yield* child.next)}/api/v1`
    return { child, dataDir, api, created: join(dataDir, "local", "DEMO_01") }
  })

type Service = Effect.Effect.Success<ReturnType<typeof startProcess>>

const open = ({ api }: Service, template: string, count: number, prefix = template.toUpperCase()) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => `${prefix}-${n}`),
    (shortId) =>
      Effect.map(
        post(`${api}/sessions`, projectNamed(shortId, { template_path: template })),
        ({ json, status }) => {
          expect(status).toBe(201)
          return `${api}/sessions/${String(json["session_id"])}`
        },
      ),
    { concurrency: 4 },
  )

const inState = (sessions: ReadonlyArray<string>, ...states: ReadonlyArray<string>) =>
  until(
    states.join(" or "),
    Effect.map(
      Effect.forEach(sessions, (session) => call(session)),
      (answers) => answers.every(({ json }) => states.includes(String(json["state"]))),
    ),
  )

/** The kinds of all messages until the connection is closed, which must be as it should. */
const overWebSocket = Effect.fnUntraced(function* (session: string) {
  const kinds: Array<unknown> = []
  const socket = yield* Socket.makeWebSocket(`${session.replace("http:", "ws:")}/events`, {
    closeCodeIsError: (code) => code !== 1000,
  })
  yield* socket.runRaw(
    (message) => void kinds.push((JSON.parse(String(message)) as { readonly kind: string }).kind),
  )
  return kinds
}, Effect.provide(NodeSocket.layerWebSocketConstructor))

/** Sessions that have ended, wait for a person, work, and wait for a place to work at; all are followed. */
const busy = Effect.fnUntraced(function* (service: Service) {
  const done = yield* open(service, "plain", 4)
  yield* inState(done, "done")
  const asks = yield* open(service, "asks", 4)
  yield* inState(asks, "input_required")
  const works = yield* open(service, "works", workingPlaces)
  yield* inState(works, "plugin_pass")
  const queued = yield* open(service, "plain", 3, "QUEUED")
  yield* inState(queued, "rendering")
  const followed = [...asks, ...works, ...queued]
  const streams = yield* Effect.forEach(followed, (session) => Effect.fork(call(`${session}/events`)))
  const sockets = yield* Effect.forEach(followed, (session) => Effect.fork(overWebSocket(session)))
  yield* until(
    "the readers",
    Effect.map(call(`${service.api}/metrics`), ({ text }) =>
      text.includes(`exlab_event_subscribers ${2 * followed.length}\n`),
    ),
  )
  return { streams, sockets }
})

type Readers = Effect.Effect.Success<ReturnType<typeof busy>>

const attempt = (request: Effect.Effect<Answer>): Effect.Effect<Either.Either<Answer, "refused">> =>
  Effect.map(Effect.exit(request), (exit) =>
    exit._tag === "Success" ? Either.right(exit.value) : Either.left("refused" as const),
  )

/** New sessions in every state that passes quickly. */
const rush = ({ api }: Service) =>
  Effect.fork(
    Effect.forEach(
      Array.from({ length: 40 }, (_, n) => `RUSH-${n}`),
      (shortId) => attempt(post(`${api}/sessions`, projectNamed(shortId, { template_path: "plain" }))),
      { concurrency: "unbounded" },
    ),
  )

/** All who followed heard the end, what is there is whole, and nothing else is. */
const expectCleanEnd = Effect.fnUntraced(function* (
  { child, created, dataDir }: Service,
  { sockets, streams }: Readers,
) {
  for (const stream of streams) {
    const last = framesOf((yield* Fiber.join(stream)).text).at(-1)
    expect(last).toMatchObject({ event: "aborted", data: { result: { code: "shutdown", discarded: true } } })
  }
  for (const socket of sockets) {
    expect((yield* Fiber.join(socket)).at(-1)).toBe("aborted")
  }
  expect(yield* child.ended).toEqual({ code: 0, signal: null })
  const made = yield* Effect.promise(() => readdir(created))
  const projects = made.filter((name) => name !== ".exlab-wizard")
  for (const name of projects) {
    expect(name).toMatch(/^(?:PLAIN|RUSH)-/)
    const record = yield* Effect.promise(() =>
      readFile(join(created, name, ".exlab-wizard", "creation.json"), "utf8"),
    )
    expect(JSON.parse(record)).toMatchObject({ paths: { local: join(created, name) } })
    expect(existsSync(join(created, name, "README.md"))).toBe(true)
  }
  expect(projects.filter((name) => name.startsWith("PLAIN-"))).toHaveLength(4)
  expect(yield* leftInStaging(join(dataDir, "local"))).toEqual([])
  expect(processesAround(dataDir, [])).toEqual([])
  return projects
})

it.scopedLive("when the time for sessions that work is over, they end, and nothing of them is left", () =>
  Effect.gen(function* () {
    const service = yield* startProcess(1)
    const readers = yield* busy(service)
    const rushed = yield* rush(service)
    yield* service.child.signal("SIGTERM")
    yield* expectCleanEnd(service, readers)
    for (const answer of yield* Fiber.join(rushed)) {
      if (Either.isLeft(answer)) continue
      const { json, status } = answer.right
      expect(status === 201 || json["code"] === "shutting_down").toBe(true)
    }
  }),
)

it.scopedLive("on the way down new work gets 503, and a second signal ends what still works at once", () =>
  Effect.gen(function* () {
    const service = yield* startProcess(3600)
    const readers = yield* busy(service)
    yield* service.child.signal("SIGINT")
    const { api } = service
    yield* until(
      "the way down",
      Effect.map(call(`${api}/ready`), ({ status }) => status === 503),
    )
    expect((yield* call(`${api}/ready`)).json).toMatchObject({ code: "shutting_down" })
    const refused = yield* post(`${api}/sessions`, projectNamed("LATE-1", { template_path: "plain" }))
    expect([refused.status, refused.json["code"]]).toEqual([503, "shutting_down"])
    const unqueued = yield* post(`${api}/sync/jobs`, { path: "DEMO_01/PLAIN-0" })
    expect([unqueued.status, unqueued.json["code"]]).toEqual([503, "shutting_down"])
    const working = (yield* call(`${api}/sessions?state=plugin_pass`)).json["sessions"]
    expect(working).toHaveLength(workingPlaces)
    yield* service.child.signal("SIGTERM")
    yield* expectCleanEnd(service, readers)
  }),
)
