import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Stream } from "effect"
import type { Ports } from "../../layers/Embedded.ts"
import type { PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { noPlugins } from "../../src/domain/PluginCatalog.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { EquipmentWriter } from "../../src/ports/EquipmentWriter.ts"
import { NasSync } from "../../src/ports/NasSync.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { WizardLog } from "../../src/ports/WizardLog.ts"
import { projectRequest } from "../support/requests.ts"
import { inWorld, until } from "../support/world.ts"
import { asTimePasses, inSwapped } from "./swapped.ts"

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const
const move = (path: string) => ({ moves: [{ do: "write", path, content: "mine" } as const] })
const plugins: PluginScripts = {
  asks: { moves: [{ do: "ask", reason: "which slide?", fields: [slide] }] },
  readme: move("readme.md"),
  runs: move("Runs"),
  metadata: move(".exlab-wizard"),
}

const breaks = (): never => {
  throw new Error("thrown, not failed")
}

const events = (id: SessionId) =>
  Effect.flatMap(CreationController, (controller) => Stream.runCollect(controller.subscribe(id))).pipe(
    Effect.map(Chunk.toReadonlyArray),
  )

const createWith = (swapped: Layer.Layer<Ports> | Layer.Layer<never>) =>
  inSwapped(swapped, {}, () =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      const { sessionId } = yield* controller.createProject(projectRequest())
      const seen = yield* events(sessionId)
      const { destination } = yield* controller.status(sessionId)
      const published = existsSync(join(destination ?? "", ".exlab-wizard", "creation.json"))
      return { seen, last: seen.at(-1), published, there: existsSync(destination ?? "") }
    }),
  )

describe("a layer that breaks", () => {
  const finishing = {
    "a NAS that throws": Layer.succeed(NasSync, { enqueue: breaks }),
    "a NAS that dies": Layer.succeed(NasSync, { enqueue: () => Effect.dieMessage("no") }),
    "an equipment record that throws": Layer.succeed(EquipmentWriter, {
      recordEquipment: breaks,
      markFolder: breaks,
    }),
  }
  for (const [what, layer] of Object.entries(finishing)) {
    it.live(`${what}, after the directory was published, is a warning`, () =>
      Effect.gen(function* () {
        const { last, published, seen } = yield* createWith(layer as Layer.Layer<never>)
        expect(last?.kind).toBe("done")
        expect(seen.some(({ kind }) => kind === "warning")).toBe(true)
        expect(published).toBe(true)
      }),
    )
  }

  const failing = {
    "a log that throws": Layer.succeed(WizardLog, { append: breaks }),
    "a plugin host that fails with nothing": Layer.succeed(PluginHost, {
      inventory: Effect.succeed(noPlugins),
      declarations: () => Effect.succeed([]),
      check: () => Effect.void,
      candidates: () => Effect.succeed([]),
      start: () => Effect.fail(undefined as never),
      continue: () => Effect.dieMessage("no"),
    }),
  }
  for (const [what, layer] of Object.entries(failing)) {
    it.live(`${what} ends the session as failed, once`, () =>
      Effect.gen(function* () {
        const { last, seen, there } = yield* createWith(layer as Layer.Layer<never>)
        expect(last).toMatchObject({ kind: "failed", error: { code: "internal_error" } })
        expect(seen.filter(({ kind }) => kind === "failed").length).toBe(1)
        expect(there).toBe(false)
      }),
    )
  }

  const stubborn = () => Effect.uninterruptible(Effect.never)
  const hanging = {
    "a NAS": Layer.succeed(NasSync, { enqueue: stubborn }),
    "an equipment record": Layer.succeed(EquipmentWriter, {
      recordEquipment: stubborn,
      markFolder: stubborn,
    }),
  }
  for (const [what, layer] of Object.entries(hanging)) {
    it.effect(`${what} that never comes back, and won't be interrupted, is a warning`, () =>
      Effect.gen(function* () {
        const { last, published, seen } = yield* asTimePasses(createWith(layer as Layer.Layer<never>))
        expect(last?.kind).toBe("done")
        expect(published).toBe(true)
        expect(seen).toContainEqual(
          expect.objectContaining({
            kind: "warning",
            message: expect.stringContaining("nothing came back within") as string,
          }),
        )
      }),
    )
  }
})

describe("a log that never comes back once a session is on its way to its end", () => {
  /** Hangs for every directory but those in a staging area. */
  const log = Layer.succeed(WizardLog, {
    append: (directory) =>
      directory.includes("/staging/") ? Effect.void : Effect.uninterruptible(Effect.never),
  }) as Layer.Layer<never>

  const asked = Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* controller.createProject(projectRequest({ templatePath: "asks_project" }))
    yield* until(
      "a prompt",
      Effect.map(controller.status(sessionId), ({ pendingInput }) => pendingInput !== null),
    )
    return { controller, sessionId }
  })

  it.effect("keeps no creation from being done", () =>
    Effect.gen(function* () {
      const { last, published } = yield* asTimePasses(createWith(log))
      expect(last?.kind).toBe("done")
      expect(published).toBe(true)
    }),
  )

  it.effect("keeps no cancel from its end, which says that it wasn't noted", () =>
    inSwapped(log, plugins, () =>
      Effect.gen(function* () {
        const { controller, sessionId } = yield* asked
        const result = yield* asTimePasses(controller.cancel(sessionId, { discardFiles: true }))
        expect(result).toMatchObject({ code: "cancelled", discarded: true })
        const seen = yield* events(sessionId)
        expect(seen.at(-2)).toMatchObject({
          kind: "warning",
          message: "the end was not noted: nothing came back within 5s",
        })
      }),
    ),
  )

  it.effect("keeps no shutdown from its end", () =>
    asTimePasses(inSwapped(log, plugins, () => Effect.asVoid(asked))),
  )
})

describe("a request that reads differently each time", () => {
  it.effect("is what it was at the first look: nothing is made elsewhere", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        let looks = 0
        const limsProject = Object.defineProperty({ ...projectRequest().limsProject }, "shortId", {
          enumerable: true,
          get: () => (++looks > 2 ? "../../evil" : "PROJ-0042"),
        })
        const { sessionId } = yield* controller.createProject(projectRequest({ limsProject }))
        const { path } = yield* controller.awaitResult(sessionId)
        expect(path).toBe(join(root, "local", "DEMO_01", "PROJ-0042"))
        expect(existsSync(join(root, "evil"))).toBe(false)
      }),
    ),
  )
})

describe("a staging area that was deleted from outside and claimed again", () => {
  const create = (label: string) =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      const request = projectRequest({ templatePath: "asks_project", label })
      const { sessionId } = yield* controller.createProject(request)
      yield* until(
        "a prompt",
        Effect.map(controller.status(sessionId), ({ pendingInput }) => pendingInput !== null),
      )
      return sessionId
    })

  for (const what of ["answered", "cancelled", "discarded"] as const) {
    it.effect(`isn't touched when the first session is ${what}`, () =>
      inWorld({ plugins }, (root) =>
        Effect.gen(function* () {
          const controller = yield* CreationController
          const first = yield* create("FIRST")
          rmSync(join(root, "local", "DEMO_01", ".exlab-wizard", "staging", "PROJ-0042"), { recursive: true })
          const second = yield* create("SECOND")
          if (what === "answered") yield* controller.resume(first, { slide: 1 })
          else yield* controller.cancel(first, { discardFiles: what === "discarded" })
          expect((yield* Effect.either(controller.awaitResult(first)))._tag).toBe("Left")
          yield* controller.resume(second, { slide: 2 })
          const { path } = yield* controller.awaitResult(second)
          expect(readFileSync(join(path, "notes.txt"), "utf8")).toContain("SECOND")
          expect(readFileSync(join(path, "README.md"), "utf8")).toContain("SECOND")
        }),
      ),
    )
  }
})

describe("a plugin that takes a name of the service's", () => {
  for (const name of ["readme", "runs", "metadata"]) {
    it.effect(`${name} fails the session, by the plugin's name, and nothing is published`, () =>
      inWorld({ plugins }, (root) =>
        Effect.gen(function* () {
          const controller = yield* CreationController
          const { sessionId } = yield* controller.createProject(
            projectRequest({ templatePath: `${name}_project` }),
          )
          const error = yield* Effect.flip(controller.awaitResult(sessionId))
          expect(error).toMatchObject({ envelope: { code: "plugin_failed", details: { plugin: name } } })
          expect(existsSync(join(root, "local", "DEMO_01", "PROJ-0042"))).toBe(false)
        }),
      ),
    )
  }
})
