import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { parse } from "yaml"
import { CreationController } from "../../src/controller/CreationController.ts"
import { PluginFailed } from "../../src/domain/Errors.ts"
import { noPlugins } from "../../src/domain/PluginCatalog.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { Hooks } from "../support/HookedStore.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { fastTemporaryDirectory, temporaryDirectory } from "../support/temporaryDirectory.ts"
import { inWorld, leftInStaging, until } from "../support/world.ts"
import { create, done } from "./gateWorld.ts"
import { inSwapped } from "./swapped.ts"

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const
const plugins = { asks: { moves: [{ do: "ask", reason: "which slide?", fields: [slide] }] } } as const

const failureOf = (request: object) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* create(request)
    const error = yield* Effect.flip(controller.awaitResult(sessionId))
    return error._tag === "SessionFailed" ? error.envelope : yield* Effect.dieMessage(error._tag)
  })

describe("a file system", () => {
  it.effect("without locks is told at the first claim, with what to do", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        yield* faults.arm(({ name }) =>
          name === "lock" ? Action.FailBefore({ errno: "ENOLCK" }) : Action.Pass(),
        )
        const { code, message } = yield* failureOf(projectRequest())
        expect(code).toBe("io_error")
        expect(message).toMatch(/: ENOLCK, this file system has no locks .* move the local root$/)
        expect(yield* leftInStaging(join(root, "local"))).toEqual([])
      }),
    ),
  )

  it.scopedLive("of another device below the staging folder fails the session and keeps nothing", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* temporaryDirectory, yield* fastTemporaryDirectory]
      if (statSync(one).dev === statSync(other).dev) return
      yield* inWorld({ settings: { disk: { minFreeMib: 0 } } }, (root) =>
        Effect.gen(function* () {
          mkdirSync(join(root, "local", "DEMO_01"), { recursive: true })
          symlinkSync(other, join(root, "local", "DEMO_01", ".exlab-wizard"))
          const { details, message } = yield* failureOf(projectRequest())
          expect(details).toMatchObject({ errno: "EXDEV" })
          expect(message).toContain("the two places are on different volumes")
          expect(readdirSync(join(root, "local", "DEMO_01"))).toEqual([".exlab-wizard"])
          expect(readdirSync(join(other, "staging"))).toEqual([])
        }),
      )
    }),
  )
})

describe("a wall clock that is set back by hours", () => {
  it.effect("while a person thinks ends no session and loses no answer", () =>
    Effect.zipRight(
      TestClock.setTime(Date.UTC(2026, 9, 25, 12)),
      inWorld({ plugins }, () =>
        Effect.gen(function* () {
          const controller = yield* CreationController
          const { sessionId } = yield* create(projectRequest({ templatePath: "asks_project" }))
          const state = Effect.map(controller.status(sessionId), (session) => session.state)
          yield* until(
            "a prompt",
            Effect.map(state, (now) => now === "input_required"),
          )
          yield* TestClock.setTime(Date.UTC(2026, 9, 25, 6))
          yield* TestClock.adjust("10 minutes")
          expect(yield* state).toBe("input_required")
          yield* controller.resume(sessionId, { slide: 1 })
          expect((yield* controller.awaitResult(sessionId)).blocked).toBe(false)
        }),
      ),
    ),
  )
})

describe("names and paths as long as they may be", () => {
  /** A local root whose path has so many bytes. */
  const deep = (root: string, length: number): string => {
    let path = root
    while (length - path.length > 201) path += `/${"d".repeat(199)}`
    path += `/${"e".repeat(length - path.length - 1)}`
    mkdirSync(path, { recursive: true })
    return path
  }

  /** Short enough, at the limits of one step after another, and too long. */
  const lengths = { 3000: "Right", 3850: null, 3900: null, 3950: null, 4000: null, 4050: "Left" } as const

  for (const [length, expected] of Object.entries(lengths)) {
    it.scopedLive(`a local root of ${length} bytes: whole, or refused with nothing left`, () =>
      Effect.gen(function* () {
        const localRoot = deep(yield* temporaryDirectory, Number(length))
        const shortId = "P".repeat(200)
        const limsProject = { ...projectRequest().limsProject, shortId }
        yield* inSwapped(
          Layer.empty,
          {},
          () =>
            Effect.gen(function* () {
              const controller = yield* CreationController
              const { sessionId } = yield* create(projectRequest({ limsProject }))
              const result = yield* Effect.either(controller.awaitResult(sessionId))
              if (expected !== null) expect(result._tag).toBe(expected)
              const seen = readdirSync(localRoot).includes("DEMO_01")
                ? readdirSync(join(localRoot, "DEMO_01"))
                : []
              if (result._tag === "Right") {
                expect(readdirSync(result.right.path)).toContain("README.md")
                expect(seen).toContain(shortId)
              } else {
                expect(result.left).toMatchObject({ envelope: { code: "io_error" } })
                expect(result.left.message).toContain("ENAMETOOLONG")
                expect(seen.filter((name) => !name.startsWith("."))).toEqual([])
                expect(yield* leftInStaging(localRoot)).toEqual([])
              }
            }),
          { paths: { localRoot } },
        )
      }),
    )
  }
})

const nobody = 65534

/** As somebody whom permissions hold back, and under a mask. Only the superuser can become somebody else. */
const under = (mask: number, root: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const isRoot = process.geteuid?.() === 0
      if (isRoot) chownSync(root, nobody, nobody)
      const before = process.umask(mask)
      if (isRoot) process.seteuid?.(nobody)
      return { before, isRoot }
    }),
    ({ before, isRoot }) =>
      Effect.sync(() => {
        if (isRoot) process.seteuid?.(0)
        process.umask(before)
      }),
  )

describe("a mask for new files", () => {
  it.effect("that leaves rights to nobody else still lets the service work", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* under(0o077, root)
        const { path } = yield* done(projectRequest())
        expect(statSync(path).mode & 0o777).toBe(0o700)
        expect(statSync(join(path, "README.md")).mode & 0o777).toBe(0o600)
        yield* done(runRequest())
      }).pipe(Effect.scoped),
    ),
  )

  it.effect("that takes all rights from its owner, too, fails the session", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* under(0o777, root)
        const { code, message } = yield* failureOf(projectRequest())
        expect(code).toBe("io_error")
        expect(message).toContain("EACCES, the user that this service runs as isn't allowed to")
      }).pipe(Effect.scoped),
    ),
  )
})

describe("directories that a plugin made for reading only", () => {
  const locking = (outcome: ReturnType<PluginHost["Type"]["start"]>) =>
    Layer.succeed(PluginHost, {
      inventory: Effect.succeed(noPlugins),
      declarations: () => Effect.succeed([]),
      check: () => Effect.void,
      candidates: () => Effect.succeed([]),
      start: ({ tree }) =>
        Effect.zipRight(
          Effect.sync(() => {
            mkdirSync(join(tree, "locked", "inner"), { recursive: true })
            writeFileSync(join(tree, "locked", "inner", "data.txt"), "measured")
            chmodSync(join(tree, "locked", "inner"), 0o555)
            chmodSync(join(tree, "locked"), 0o555)
          }),
          outcome,
        ),
      continue: () => Effect.dieMessage("nobody asked"),
    }) as Layer.Layer<never>

  it.effect("are published as they are by a service that isn't the superuser's", () =>
    inSwapped(locking(Effect.succeed({ _tag: "Finished", applied: [] })), {}, (root) =>
      Effect.gen(function* () {
        yield* under(0o022, root)
        const { path } = yield* done(projectRequest())
        expect(statSync(join(path, "locked")).mode & 0o777).toBe(0o555)
        expect(readFileSync(join(path, "locked", "inner", "data.txt"), "utf8")).toBe("measured")
      }).pipe(Effect.scoped),
    ),
  )

  it.effect("are gone when the session fails", () =>
    inSwapped(locking(new PluginFailed({ plugin: "locks", reason: "no" })), {}, (root) =>
      Effect.gen(function* () {
        yield* under(0o022, root)
        expect((yield* failureOf(projectRequest())).code).toBe("plugin_failed")
        expect(yield* leftInStaging(join(root, "local"))).toEqual([])
      }).pipe(Effect.scoped),
    ),
  )
})

describe("what a person enters", () => {
  const hostile = [
    "---",
    "# heading",
    "--- !!python/object:os.system x",
    "<script>alert(1)</script>",
    "a: b # c",
    "*alias &anchor !tag",
    '"]}\\',
    "```",
    "{{label}} ${x} <sample_id>",
    "- [x] task",
    "\u2028line\u0085breaks\u2029",
  ]
  const objectives = ["---\nlabel: other\n---\n# fake", "line\r\n...\n%YAML 1.1\n---", "|\n  text", "\t- x"]

  for (const [n, label] of hostile.entries()) {
    const objective = objectives[n % objectives.length] ?? ""
    it.effect(`stands in the README as it was entered: ${JSON.stringify(label)}`, () =>
      inWorld({}, () =>
        Effect.gen(function* () {
          const { path } = yield* done(projectRequest({ label, objective, readmeExtra: { note: label } }))
          const readme = readFileSync(join(path, "README.md"), "utf8")
          const front = /^---\n([^]*?)\n---\n/.exec(readme)?.[1] ?? ""
          expect(parse(front)).toMatchObject({
            label: label.trim(),
            objective: objective.trim(),
            operator: "asmith",
            custom_fields: [{ label: "note", value: label }],
          })
        }),
      ),
    )
  }
})

describe("a template that goes away or changes once the gate has passed", () => {
  const changes = {
    deleted: (folder: string) => rmSync(folder, { recursive: true }),
    "without its copied file": (folder: string) => rmSync(join(folder, "raw", "table.bin")),
    "with another copied file": (folder: string) => writeFileSync(join(folder, "raw", "table.bin"), "other"),
    "with another text": (folder: string) => writeFileSync(join(folder, "notes.txt.hbs"), "other {{nope}}"),
    "with another manifest": (folder: string) => writeFileSync(join(folder, "template.yaml"), "name: ["),
  }
  for (const [how, change] of Object.entries(changes)) {
    it.effect(`${how}: the directory is as it was checked, or the session fails and leaves nothing`, () =>
      inWorld({}, (root) =>
        Effect.gen(function* () {
          const hooks = yield* Hooks
          yield* hooks.once({
            when: "after",
            matches: (call) => call.name === "transition" && call.change.to === "rendering",
            run: () => Effect.sync(() => change(join(root, "templates", "plain_project"))),
          })
          const controller = yield* CreationController
          const { sessionId } = yield* create(projectRequest())
          const result = yield* Effect.either(controller.awaitResult(sessionId))
          const folder = join(root, "local", "DEMO_01")
          if (result._tag === "Right") {
            const { path } = result.right
            expect(readFileSync(join(path, "notes.txt"), "utf8")).toContain("by asmith")
            expect(readFileSync(join(path, "raw", "table.bin"))).toEqual(Buffer.from([0, 1, 2, 255]))
          } else {
            expect(result.left).toMatchObject({ envelope: { code: "template_render_failed" } })
            expect(readdirSync(folder)).toEqual([".exlab-wizard"])
            expect(yield* leftInStaging(folder)).toEqual([])
          }
        }),
      ),
    )
  }
})
