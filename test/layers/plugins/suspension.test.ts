import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { ports } from "../../../layers/Embedded.ts"
import { layerWith } from "../../../layers/plugins/ProcessPluginHost.ts"
import { CreationController } from "../../../src/controller/CreationController.ts"
import type { SessionId } from "../../../src/domain/Session.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { processesAround } from "../../support/leftProcesses.ts"
import { projectRequest } from "../../support/requests.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { leftInStaging, settingsBelow, until } from "../../support/world.ts"
import type { Step } from "./model/model.ts"
import { writeScripted } from "./model/scripted.ts"

const write = (path: string): Step => ({ do: "write", path, content: "x" })
const ask: Step = { do: "ask" }

/** By name: the plugins of the template, in its order. */
type Scripts = Readonly<Record<string, ReadonlyArray<Step>>>

const writeTemplate = (root: string, plugins: ReadonlyArray<string>) => {
  const folder = join(root, "templates", "with_plugins")
  mkdirSync(folder, { recursive: true })
  const manifest = `name: with_plugins\nversion: "1"\ntype: project\nplugins: [${plugins.join(", ")}]\n`
  writeFileSync(join(folder, "template.yaml"), manifest)
  writeFileSync(join(folder, "notes.txt"), "as rendered\n")
}

/** The whole service with real plugin processes, and a template that names all of these plugins. */
const withPlugins = <A, E>(
  scripts: Scripts,
  body: (root: string) => Effect.Effect<A, E, CreationController>,
) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    writeTemplate(root, Object.keys(scripts))
    for (const [name, script] of Object.entries(scripts)) writeScripted(join(root, "plugins"), name, script)
    const service = CreationController.layer.pipe(
      Layer.provide(layerWith({ bundled: join(root, "plugins") })),
      Layer.provide(ports),
      Layer.provide(Layer.merge(NodeDisk.layer, Settings.layer(settingsBelow(root)))),
    )
    return yield* Effect.provide(body(root), service)
  }).pipe(Effect.scoped)

const create = (number: number) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const request = projectRequest()
    const name = `Project ${number}`
    const limsProject = { ...request.limsProject, shortId: `PROJ-${1000 + number}`, nameAtCreation: name }
    const { sessionId } = yield* controller.createProject({
      ...{ ...request, templatePath: "with_plugins", label: name, limsProject },
    })
    return sessionId
  })

/** Waits until a session asks something that it hasn't asked before. */
const asked = (id: SessionId, before: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const { status } = yield* CreationController
    const isWaiting = Effect.map(status(id), ({ error, pendingInput, state }) => {
      expect(error).toBeNull()
      return state === "input_required" && pendingInput !== null && !before.includes(pendingInput.promptId)
    })
    yield* until("a prompt", isWaiting)
    return yield* Effect.flatMap(status(id), ({ pendingInput }) => Effect.fromNullable(pendingInput))
  })

/** Answers what a session asks, so many times; gives back the ids of the prompts. */
const answer = (id: SessionId, times: number) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const prompts: Array<string> = []
    for (let n = 0; n < times; n++) {
      const { fields, promptId } = yield* asked(id, prompts)
      prompts.push(promptId)
      const inputs = Object.fromEntries(fields.map((field) => [field.id, `answer ${n}`]))
      yield* controller.resume(id, inputs, { promptId, answeredBy: "bsmith" })
    }
    return prompts
  })

const done = (id: SessionId) => Effect.flatMap(CreationController, (controller) => controller.awaitResult(id))

const recordIn = (path: string) =>
  JSON.parse(readFileSync(join(path, ".exlab-wizard", "creation.json"), "utf8"))

describe("plugins that ask", () => {
  it.live("code that was changed meanwhile isn't run: its plugin fails, the others' work is kept", () =>
    withPlugins(
      { first: [write("1.txt")], asker: [write("2.txt"), ask, write("3.txt")], last: [write("4.txt")] },
      (root) =>
        Effect.gen(function* () {
          const id = yield* create(1)
          yield* asked(id)
          appendFileSync(join(root, "plugins", "asker", "plugin.py"), "\n# another\n")
          yield* answer(id, 1)
          const { path } = yield* done(id)
          expect(readdirSync(path).filter((name) => /^\d/.test(name))).toEqual(["1.txt", "4.txt"])
          const { plugins_applied: applied } = recordIn(path)
          expect(applied).toMatchObject([{ status: "success" }, { status: "failed" }, { status: "success" }])
          expect(JSON.stringify(recordIn(path))).toContain("its code was changed since it asked")
        }),
    ),
  )

  it.live(
    "several prompts in a row: what was done stays, each has an id of its own, each answer is recorded",
    () =>
      withPlugins({ asker: [write("1.txt"), ask, write("2.txt"), ask, write("3.txt"), ask] }, () =>
        Effect.gen(function* () {
          const id = yield* create(1)
          const prompts = yield* answer(id, 3)
          expect(new Set(prompts).size).toBe(3)
          const { path } = yield* done(id)
          for (const name of ["1.txt", "2.txt", "3.txt"]) expect(existsSync(join(path, name))).toBe(true)
          const text = JSON.stringify(recordIn(path))
          for (const part of ["answer 0", "answer 1", "answer 2", "bsmith"]) expect(text).toContain(part)
        }),
      ),
  )

  it.live("twenty prompts of one pass are asked; who wants one more fails", () =>
    withPlugins(
      { patient: Array.makeBy(19, () => ask), last: [ask, write("1.txt")], more: [ask, write("2.txt")] },
      () =>
        Effect.gen(function* () {
          const id = yield* create(1)
          yield* answer(id, 20)
          const { path } = yield* done(id)
          expect([existsSync(join(path, "1.txt")), existsSync(join(path, "2.txt"))]).toEqual([true, false])
          expect(recordIn(path).plugins_applied).toMatchObject([
            { status: "skipped" },
            { status: "success" },
            { status: "failed" },
          ])
        }),
    ),
  )

  it.live("cancelled while it waits: no file and no process is left", () =>
    withPlugins({ asker: [write("1.txt"), ask] }, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const id = yield* create(1)
        yield* asked(id)
        yield* controller.cancel(id, { discardFiles: true })
        expect((yield* controller.status(id)).state).toBe("aborted")
        expect(yield* leftInStaging(root)).toEqual([])
        expect(processesAround(root, [])).toEqual([])
      }),
    ),
  )

  it.live("cancelled while it works: no file and no process is left", () =>
    withPlugins({ worker: [write("1.txt"), { do: "wait", path: "2.txt" }] }, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const id = yield* create(1)
        const isWorking = Effect.map(leftInStaging(root), (paths) =>
          paths.some((path) => path.endsWith("2.txt")),
        )
        yield* until("the plugin's work", isWorking)
        expect(processesAround(root, [])).not.toEqual([])
        yield* controller.cancel(id, { discardFiles: true })
        expect((yield* controller.status(id)).state).toBe("aborted")
        expect(yield* leftInStaging(root)).toEqual([])
        expect(processesAround(root, [])).toEqual([])
      }),
    ),
  )

  it.live("fifty sessions that wait hold no process", () =>
    withPlugins({ asker: [write("1.txt"), ask] }, (root) =>
      Effect.gen(function* () {
        const ids = yield* Effect.forEach(Array.range(1, 50), create, { concurrency: 10 })
        yield* Effect.forEach(ids, (id) => asked(id))
        expect(processesAround(root, [])).toEqual([])
        yield* Effect.forEach(ids, (id) => answer(id, 1), { concurrency: 10 })
        const ended = yield* Effect.forEach(ids, done)
        expect(new Set(ended.map(({ path }) => path)).size).toBe(50)
      }),
    ),
  )
})
