import { createServer } from "node:http"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { defaultHttp } from "../../../layers/http/HttpSettings.ts"
import { tokenFileFor, urlOf } from "../../../layers/cli/sessions/address.ts"
import type { PluginScripts } from "../../../layers/plugins/ScriptedPluginHost.ts"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import { projectRequest } from "../../support/requests.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { until } from "../../support/world.ts"
import { startProxy } from "../../client/proxy.ts"
import { startService, type ServiceOptions } from "../http/service.ts"
import { runAtTerminal, runProgram, startProgram } from "./program.ts"

const absent = "7f1dbe2a-4c1f-4d8e-9d57-0b3f6c1a2e4d"

const plugins: PluginScripts = {
  asks: {
    moves: [
      {
        do: "ask",
        reason: "a plate is needed",
        fields: [{ id: "wells", label: "Wells", type: "integer", required: true }],
      },
    ],
  },
  breaks: { moves: [{ do: "crash", reason: "no" }] },
  offers: {
    moves: [
      {
        do: "ask",
        reason: "which lid",
        fields: [{ id: "lid", label: "Lid", type: "string", default: "none" }],
      },
    ],
  },
}

/** A service, its address for the program, and a way to open sessions in it. */
const started = (options: ServiceOptions = {}) =>
  Effect.gen(function* () {
    const service = yield* startService({ plugins, ...options })
    const cwd = yield* temporaryDirectory
    const wizard = yield* Effect.provide(WizardClient, WizardClient.layer({ url: service.url }))
    const open = (shortId: string, templatePath = "plain_project") => {
      const limsProject = { ...projectRequest().limsProject, shortId }
      const payload = { kind: "project" as const, ...projectRequest({ templatePath, limsProject }) }
      return Effect.map(wizard.sessions.create({ payload }), ({ sessionId }) => sessionId)
    }
    const asking = (shortId: string, plugin = "asks") =>
      Effect.tap(open(shortId, `${plugin}_project`), (id) =>
        until(
          "the prompt",
          Effect.map(service.store.get(id), ({ state }) => state === "input_required"),
        ),
      )
    const at = { cwd, env: { EXLAB_WIZARD_URL: service.url } }
    return { ...service, wizard, open, asking, at }
  }).pipe(Effect.provide(FetchHttpClient.layer))

interface Frame {
  readonly kind: string
  readonly seq: number
}

/** One event a line. */
const framesOf = (stdout: string): ReadonlyArray<Frame> =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("sessions list and show", () => {
  it.scopedLive("tell what the service remembers, newest first, as lines and as JSON", () =>
    Effect.gen(function* () {
      const { at, asking, localRoot, open, wizard } = yield* started()
      const done = yield* open("PROJ-1")
      yield* wizard.awaitResult(done)
      const waiting = yield* asking("PROJ-2")
      const all = yield* runProgram(["sessions", "list"], at)
      expect(all.code).toBe(0)
      const lines = all.stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t"))
      expect(lines.map(([id, state, kind]) => [id, state, kind])).toEqual([
        [waiting, "input_required", "project"],
        [done, "done", "project"],
      ])
      expect(lines[1]?.at(-1)).toBe(join(localRoot, "DEMO_01", "PROJ-1"))
      const first = yield* runProgram(["sessions", "list", "--limit", "1"], at)
      const cursor = /--cursor (\S+)/.exec(first.stderr)?.[1] ?? ""
      const next = yield* runProgram(["sessions", "list", "--json", "--limit", "1", "--cursor", cursor], at)
      expect(JSON.parse(next.stdout)).toMatchObject({ sessions: [{ session_id: done }], next_cursor: null })
      const none = yield* runProgram(["sessions", "list", "--state", "failed", "--kind", "run"], at)
      expect(none).toMatchObject({ code: 0, stdout: "", stderr: "there are no such sessions\n" })
    }),
  )

  it.scopedLive("show what one asks, made, or failed with", () =>
    Effect.gen(function* () {
      const { at, asking, localRoot, open, wizard } = yield* started()
      const waiting = yield* asking("PROJ-1")
      const asked = yield* runProgram(["sessions", "show", waiting], at)
      expect(asked.stdout).toMatch(/^asks +asks: a plate is needed\n +wells: Wells \(integer, required\)$/m)
      const offering = yield* runProgram(["sessions", "show", yield* asking("PROJ-4", "offers")], at)
      expect(offering.stdout).toContain('lid: Lid (string, default "none")\n')
      const view = yield* runProgram(["sessions", "show", "--json", waiting], at)
      expect(JSON.parse(view.stdout)).toMatchObject({
        session_id: waiting,
        pending_input: { fields: [{ id: "wells" }] },
        request: { template_path: "asks_project" },
      })
      const made = yield* open("PROJ-2")
      yield* wizard.awaitResult(made)
      const path = join(localRoot, "DEMO_01", "PROJ-2")
      expect((yield* runProgram(["sessions", "show", made], at)).stdout).toContain(`path     ${path}\n`)
      const broken = yield* open("PROJ-3", "breaks_project")
      yield* Effect.flip(wizard.awaitResult(broken))
      expect((yield* runProgram(["sessions", "show", broken], at)).stdout).toMatch(
        /^error +internal_error: /m,
      )
      yield* wizard.sessions.cancel({ path: { id: waiting }, payload: { discardFiles: true } })
      expect((yield* runProgram(["sessions", "show", waiting], at)).stdout).toMatch(
        /^ended by cancelled\nfiles +none/m,
      )
    }),
  )
})

describe("sessions watch", () => {
  it.scopedLive("follows a session, says how to answer, and ends with its path and 0", () =>
    Effect.gen(function* () {
      const { at, asking, localRoot, wizard } = yield* started()
      const id = yield* asking("PROJ-1")
      const text = yield* startProgram(["sessions", "watch", id], at)
      const json = yield* startProgram(["sessions", "watch", "--json", id], at)
      yield* json.shown('"kind":"input_required"')
      yield* wizard.sessions.resume({ path: { id }, payload: { extraInputs: { wells: 96 } } })
      const ran = yield* text.ended
      expect(ran).toMatchObject({ code: 0, stdout: `${join(localRoot, "DEMO_01", "PROJ-1")}\n` })
      expect(ran.stderr).toContain(`answer with: exlab-wizard sessions resume --answer wells=… ${id}\n`)
      expect(ran.stderr).toMatch(/^writing_cache$/m)
      const events = yield* json.ended
      expect(events.code).toBe(0)
      const frames = framesOf(events.stdout)
      const numbered = frames.filter(({ kind }) => kind !== "progress")
      expect(numbered.map(({ seq }) => seq)).toEqual(numbered.map((_, index) => index + 1))
      expect(frames.at(-1)).toMatchObject({ kind: "done", result: { path: ran.stdout.trimEnd() } })
    }),
  )

  it.scopedLive("draws progress at a terminal, and Ctrl-C leaves the session as it is", () =>
    Effect.gen(function* () {
      const { at, asking, store } = yield* started()
      const id = yield* asking("PROJ-1")
      const program = yield* startProgram(["sessions", "watch", id], { ...at, terminal: true })
      yield* program.shown("answer with")
      const step = { kind: "progress", phase: "running_plugins", total: 3 } as const
      yield* store.emit(id, { ...step, current: 1, detail: "a.txt" })
      yield* program.shown("\r\u001B[K  1/3 a.txt")
      yield* store.emit(id, { ...step, current: 2, detail: `b\u001B[2J${"c".repeat(200)}` })
      yield* program.shown("\r\u001B[K  2/3 b\uFFFD[2Jc")
      yield* program.type("\u0003")
      const { code, stdout } = yield* program.ended
      expect(code).toBe(130)
      // A line of the terminal holds it: it couldn't be drawn over otherwise.
      expect(stdout).not.toContain("c".repeat(80))
      expect((yield* store.get(id)).state).toBe("input_required")
    }),
  )

  it.scopedLive("goes on after lost connections, with every event once", () =>
    Effect.gen(function* () {
      const proxy = yield* startProxy
      const allowedHosts = [`127.0.0.1:${proxy.port}`]
      const { at, asking, store, url, wizard } = yield* started({ http: { allowedHosts } })
      proxy.target = url
      proxy.bytesUntilCut = () => 6000
      const id = yield* asking("PROJ-1")
      const through = `http://127.0.0.1:${proxy.port}`
      const program = yield* startProgram(["sessions", "watch", "--json", "--url", through, id], at)
      yield* program.shown('"kind":"input_required"')
      for (let count = 0; count < 100; count += 1)
        yield* store.emit(id, { kind: "warning", message: `${count} ${"µ".repeat(60)}` })
      yield* wizard.sessions.resume({ path: { id }, payload: { extraInputs: { wells: 96 } } })
      const { code, stdout } = yield* program.ended
      expect(code).toBe(0)
      const numbers = framesOf(stdout).flatMap(({ kind, seq }) => (kind === "progress" ? [] : [seq]))
      expect(numbers.length).toBeGreaterThan(100)
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
      expect(proxy.connections).toBeGreaterThan(2)
    }),
  )

  it.scopedLive("ends with 1 at a session that failed, was ended, or is unknown", () =>
    Effect.gen(function* () {
      const { at, asking, open, wizard } = yield* started()
      const failed = yield* open("PROJ-1", "breaks_project")
      const broken = yield* runProgram(["sessions", "watch", failed], at)
      expect(broken).toMatchObject({ code: 1, stdout: "" })
      expect(broken.stderr).toContain(`session ${failed} failed: `)
      const waiting = yield* asking("PROJ-2")
      yield* wizard.sessions.cancel({ path: { id: waiting }, payload: { discardFiles: false } })
      const ended = yield* runProgram(["sessions", "watch", "--after", "1000", waiting], at)
      expect(ended).toMatchObject({
        code: 1,
        stdout: "",
        stderr: `session ${waiting} was aborted: cancelled\n`,
      })
      const unknown = yield* runProgram(["sessions", "watch", absent], at)
      expect(unknown.code).toBe(1)
      expect(unknown.stderr).toContain(`there is no session ${absent}`)
    }),
  )
})

describe("sessions resume", () => {
  it.scopedLive("answers by options, and refuses answers that nothing asks for or that don't fit", () =>
    Effect.gen(function* () {
      const { at, asking, store } = yield* started()
      const id = yield* asking("PROJ-1")
      for (const [answers, said] of [
        [[], "nobody answers: give it with --answer wells=VALUE"],
        [["--answer", "rows=8"], "nothing asks for rows; answers are wanted for wells"],
        [["--answer", "wells=many"], "must be a whole number"],
      ] as const) {
        const refused = yield* runProgram(["sessions", "resume", ...answers, id], at)
        expect(refused).toMatchObject({ code: 1, stdout: "" })
        expect(refused.stderr).toContain(said)
      }
      expect((yield* store.get(id)).state).toBe("input_required")
      const args = ["sessions", "resume", "--json", "--answer", "wells=96", "--answered-by", "jdoe", id]
      const { code, stderr, stdout } = yield* runProgram(args, at)
      expect(code).toBe(0)
      expect(stderr).toContain("asks asks: a plate is needed\n")
      expect(JSON.parse(stdout)).toMatchObject({ session_id: id })
      expect((yield* runProgram(["sessions", "watch", id], at)).code).toBe(0)
      const again = yield* runProgram(["sessions", "resume", "--answer", "wells=1", id], at)
      expect(again).toMatchObject({
        code: 1,
        stderr: `session ${id} asks for nothing: it is in done; \`exlab-wizard sessions show\` tells how it is\n`,
      })
    }),
  )

  it.scopedLive("asks at a terminal, and again what was refused", () =>
    Effect.gen(function* () {
      const { at, asking, wizard } = yield* started()
      const id = yield* asking("PROJ-1")
      const typing = [
        ["Wells", "x\r"],
        ["must be a whole number", "\u007F96\r"],
      ] as const
      const { code, stdout } = yield* runAtTerminal(
        ["sessions", "resume", "--answer", "wells=9.5", id],
        typing,
        at,
      )
      expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" })
      expect(stdout).toContain(`it goes on: exlab-wizard sessions watch ${id}`)
      expect((yield* wizard.awaitResult(id)).blocked).toBe(false)
    }),
  )

  it.scopedLive("ends with 130 at Ctrl-C in its question, and the session goes on waiting", () =>
    Effect.gen(function* () {
      const { at, asking, store } = yield* started()
      const id = yield* asking("PROJ-1")
      const { code } = yield* runAtTerminal(["sessions", "resume", id], [["Wells", "\u0003"]], at)
      expect(code).toBe(130)
      expect((yield* store.get(id)).state).toBe("input_required")
    }),
  )
})

describe("sessions cancel", () => {
  it.scopedLive("keeps the files and tells where, or deletes them", () =>
    Effect.gen(function* () {
      const { asking, at, localRoot } = yield* started()
      const kept = yield* runProgram(["sessions", "cancel", yield* asking("PROJ-1")], at)
      const path = join(localRoot, "DEMO_01", "PROJ-1")
      expect(kept).toEqual({ code: 0, stdout: `${path}\n`, stderr: "cancelled; its files are kept\n" })
      const second = yield* asking("PROJ-2")
      const args = ["sessions", "cancel", "--discard-files", "--json", second]
      const discarded = yield* runProgram(args, at)
      expect(JSON.parse(discarded.stdout)).toEqual({ code: "cancelled", discarded: true })
      const third = yield* runProgram(["sessions", "cancel", "--discard-files", yield* asking("PROJ-3")], at)
      expect(third).toEqual({ code: 0, stdout: "", stderr: "cancelled; no files are left\n" })
      const unknown = yield* runProgram(["sessions", "cancel", absent], at)
      expect(unknown.code).toBe(1)
      expect(unknown.stderr).toContain(`there is no session ${absent}`)
    }),
  )
})

const token = "a-token-that-nobody-guesses"

/** Somebody else's server. */
const startStranger = (body: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(body))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )

describe("the service that is spoken to", () => {
  it.scopedLive("isn't there: the error says where, why and what to do", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const env = { EXLAB_HTTP__PORT: "9" }
      for (const args of [
        ["list"],
        ["show", absent],
        ["watch", absent],
        ["resume", absent],
        ["cancel", absent],
      ]) {
        const { code, stderr, stdout } = yield* runProgram(["sessions", ...args], { cwd, env })
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
        expect(stderr).toContain("no service answers at http://127.0.0.1:9/")
        expect(stderr).toContain("start it with `exlab-wizard serve`, or name its URL with --url")
      }
    }),
  )

  it.scopedLive("is somebody else's: the error doubts the URL", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { url } = yield* startStranger("<html>hello</html>")
      const { code, stderr } = yield* runProgram(["sessions", "list", "--url", url], { cwd })
      expect(code).toBe(1)
      expect(stderr).toContain("this is no answer of exlab-wizard's")
    }),
  )

  it.scopedLive("gets its token from an option's file, the environment, or the settings' file", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const file = join(cwd, "token")
      yield* Effect.promise(() => writeFile(file, `${token}\n`, { mode: 0o600 }))
      const { at } = yield* started({ http: { tokenFile: file } })
      const list = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
        runProgram(["sessions", "list", ...args], { ...at, env: { ...at.env, ...env } })
      const refused = yield* list([])
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain("--token-file FILE or $EXLAB_WIZARD_TOKEN")
      expect((yield* list(["--token-file", file])).code).toBe(0)
      expect((yield* list([], { EXLAB_WIZARD_TOKEN: token })).code).toBe(0)
      expect((yield* list([], { EXLAB_HTTP__TOKEN_FILE: file })).code).toBe(0)
      yield* Effect.promise(() => writeFile(join(cwd, "words"), "two words\n"))
      const words = yield* list(["--token-file", join(cwd, "words")])
      expect(words).toMatchObject({ code: 1, stdout: "" })
      expect(words.stderr).toContain("must hold a token, which is one word")
      const told = yield* list([], { EXLAB_WIZARD_TOKEN: "secret\nword" })
      expect(told).toMatchObject({
        code: 1,
        stdout: "",
        stderr: "$EXLAB_WIZARD_TOKEN must hold a token, which is one word\n",
      })
    }),
  )

  it.scopedLive.each([
    [["list", "--url", "localhost"], "it isn't one"],
    [["list", "--url", "ftp://localhost"], "it must begin with http:// or https://"],
    [["list", "--url", "http://me:secret@localhost"], "who calls is told by a token"],
    [["list", "--url", "http://localhost/?token=secret"], "nothing may follow its path"],
    [["list", "--limit", "1001"], "--limit must be 1–1000"],
    [["list", "--cursor", "foo"], "--cursor must be one that a page before told"],
    [["list", "--state", "over"], "input_required"],
    [["watch", "--after", "-1", absent], "--after must be 0 or more"],
    [["show", "PROJ-1"], "PROJ-1 is no session's id"],
    [["resume", "--answer", "wells", absent], "--answer wells: must be NAME=VALUE"],
  ] as const)("is named wrongly, or asked for what there can't be: 2 for sessions %s", ([args, said]) =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stderr, stdout } = yield* runProgram(["sessions", ...args], { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr).toContain(said)
      expect(stderr).not.toContain("secret")
    }),
  )

  it.effect("is by default where the settings let it listen, by a name that this machine has", () =>
    Effect.gen(function* () {
      const urlAt = (host: string) => Effect.map(urlOf({ ...defaultHttp, host }), ({ origin }) => origin)
      expect(yield* urlAt("127.0.0.1")).toBe("http://127.0.0.1:8420")
      expect(yield* urlAt("0.0.0.0")).toBe("http://127.0.0.1:8420")
      expect(yield* urlAt("::")).toBe("http://[::1]:8420")
      expect(yield* urlAt("lab.example.org")).toBe("http://lab.example.org:8420")
      const { message } = yield* Effect.flip(urlOf({ ...defaultHttp, port: 0 }))
      expect(message).toContain("--url")
    }),
  )

  it("gets the settings' token only on this machine, or where the settings say it is", () => {
    const http = { ...defaultHttp, host: "lab.example.org", tokenFile: "/token" }
    for (const url of ["http://localhost:9", "http://[::1]:9", "https://lab.example.org"])
      expect(tokenFileFor(new URL(url), http)).toEqual(Option.some("/token"))
    expect(tokenFileFor(new URL("http://elsewhere.example.org"), http)).toEqual(Option.none())
  })
})
