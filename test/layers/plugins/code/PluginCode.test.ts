import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { expect } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, FastCheck as fc, Fiber, Scope } from "effect"
import { describe } from "vitest"
import * as PluginCode from "../../../../layers/plugins/code/PluginCode.ts"
import { Action, atOperation, DiskFaults, type Operation, sweep } from "../../../support/FaultDisk.ts"
import { makePipe } from "../../disk/support.ts"
import { commandIn, contentsOf, nodeIn, withPlaces } from "./support.ts"

const operationsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    yield* faults.arm(() => Action.Pass())
    yield* effect
    return yield* faults.disarm
  })

const reasonFor = (plugin: Parameters<PluginCode.PluginCode["stage"]>[0]) =>
  Effect.gen(function* () {
    const { stage } = yield* PluginCode.make
    const { plugin: name, reason } = yield* Effect.flip(stage(plugin))
    expect(name).toBe(plugin.manifest.name)
    return reason
  })

describe("a stage", () => {
  withPlaces("holds a node plugin's folder as it is, the runner, and the kit as a package", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"), {
        "plugin.mjs": 'import { definePlugin } from "exlab-wizard/plugin"\nexport default definePlugin\n',
        "bin/tool": { program: "#!/bin/sh\n" },
        "node_modules/.bin/tool": { link: "../../bin/tool" },
        "node_modules/dep/index.js": "1",
      })
      const { stage } = yield* PluginCode.make
      const code = yield* stage(plugin)
      expect(code.directory).toBe(join(code.stage, "code"))
      expect(code.digest).toMatch(/^[0-9a-f]{64}$/)
      expect(contentsOf(code.directory)).toEqual(contentsOf(plugin.directory))
      expect(fs.readdirSync(code.stage).toSorted()).toEqual(["code", "node_modules", "runner.mjs"])
      expect(fs.readdirSync(join(code.stage, "node_modules/exlab-wizard")).toSorted()).toEqual([
        "package.json",
        "plugin.mjs",
      ])
      const script = `import(${JSON.stringify(join(code.directory, "plugin.mjs"))}).then((m) => console.log(typeof m.default))`
      expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("function\n")
    }),
  )

  withPlaces("of a command has nothing but its folder", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = commandIn(join(plugins, "c"), ["./run.sh"], {
        "run.sh": { program: "#!/bin/sh\necho hi\n" },
      })
      const { stage } = yield* PluginCode.make
      const code = yield* stage(plugin)
      expect(fs.readdirSync(code.stage)).toEqual(["code"])
      expect(contentsOf(code.directory)).toMatchObject({ "run.sh": "x #!/bin/sh\necho hi\n" })
    }),
  )

  withPlaces("goes with the scope, and so do those of former code", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"))
      const scope = yield* Scope.make()
      const { stage } = yield* Scope.extend(PluginCode.make, scope)
      expect(fs.readdirSync(temporary)).toEqual([])
      yield* stage(plugin)
      fs.appendFileSync(join(plugin.directory, "plugin.mjs"), "// more\n")
      yield* stage(plugin)
      expect(fs.readdirSync(temporary).length).toBe(2)
      yield* Scope.close(scope, Exit.void)
      expect(fs.readdirSync(temporary)).toEqual([])
    }),
  )
})

describe("code that was staged before", () => {
  withPlaces("is only looked at when it hasn't changed", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"), { "src/a.mjs": "", "b.mjs": { link: "src/a.mjs" } })
      const { stage } = yield* PluginCode.make
      const first = yield* stage(plugin)
      // What was copied is trusted from the second look on, like everything else that is young.
      yield* stage(plugin)
      const operations = yield* operationsOf(
        Effect.map(stage(plugin), (again) => expect(again).toEqual(first)),
      )
      expect([...new Set(operations.map(({ name }) => name))].toSorted()).toEqual([
        "list",
        "lstat",
        "readLink",
      ])
    }),
  )

  withPlaces("gets another stage when it has changed; the former stays as it was", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"), { "lib.mjs": "1" })
      const { stage } = yield* PluginCode.make
      const seen = [yield* stage(plugin)]
      const pictures = [contentsOf(seen[0]?.stage ?? "")]
      const edits = [
        () => fs.writeFileSync(join(plugin.directory, "lib.mjs"), "2"),
        () => fs.chmodSync(join(plugin.directory, "lib.mjs"), 0o755),
        () => fs.renameSync(join(plugin.directory, "lib.mjs"), join(plugin.directory, "lob.mjs")),
        () => fs.symlinkSync("lob.mjs", join(plugin.directory, "lib.mjs")),
        () => fs.mkdirSync(join(plugin.directory, "empty")),
        () => fs.rmSync(join(plugin.directory, "lob.mjs")),
      ]
      for (const edit of edits) {
        edit()
        const code = yield* stage(plugin)
        expect(seen.map(({ stage }) => stage)).not.toContain(code.stage)
        expect(seen.map(({ digest }) => digest)).not.toContain(code.digest)
        seen.push(code)
        pictures.push(contentsOf(code.stage))
      }
      expect(seen.map(({ stage }) => contentsOf(stage))).toEqual(pictures)
    }),
  )

  withPlaces("keeps its stage when it was only touched", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"))
      const { stage } = yield* PluginCode.make
      const first = yield* stage(plugin)
      fs.writeFileSync(join(plugin.directory, "plugin.mjs"), "export default 1\n")
      fs.utimesSync(join(plugin.directory, "manifest.yaml"), 1, 1)
      expect(yield* stage(plugin)).toEqual(first)
      expect(fs.readdirSync(temporary).length).toBe(1)
    }),
  )

  withPlaces("is staged anew when somebody has changed the stage; additions don't count", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"))
      const { stage } = yield* PluginCode.make
      const first = yield* stage(plugin)
      const harm: ReadonlyArray<(path: string) => void> = [
        (path) => fs.writeFileSync(join(path, "code/plugin.mjs"), "export default 2\n"),
        (path) => fs.writeFileSync(join(path, "runner.mjs"), ""),
        (path) => fs.rmSync(join(path, "node_modules"), { recursive: true }),
        (path) => fs.rmSync(path, { recursive: true }),
        (path) => {
          fs.rmSync(join(path, "code/plugin.mjs"))
          fs.symlinkSync("/etc/hostname", join(path, "code/plugin.mjs"))
        },
      ]
      for (const hurt of harm) {
        const before = yield* stage(plugin)
        hurt(before.stage)
        const code = yield* stage(plugin)
        expect(code.stage).not.toBe(before.stage)
        expect(code.digest).toBe(first.digest)
        expect(contentsOf(code.directory)).toEqual(contentsOf(plugin.directory))
      }
      const last = yield* stage(plugin)
      fs.mkdirSync(join(last.directory, "__pycache__"))
      fs.writeFileSync(join(last.directory, "__pycache__/x.pyc"), "")
      expect(yield* stage(plugin)).toEqual(last)
    }),
  )
})

const nameArbitrary = fc.stringMatching(/^[a-cA-C"\\]{1,3}$/)
const folderArbitrary = fc.dictionary(
  nameArbitrary,
  fc.record({ text: fc.string({ maxLength: 4 }), isProgram: fc.boolean() }),
  { maxKeys: 5 },
)

withPlaces("a digest is of names, contents and executable bits: not of place or time", ({ plugins }) =>
  Effect.gen(function* () {
    const { stage } = yield* PluginCode.make
    const digests = new Map<string, string>()
    let count = 0
    for (const folder of fc.sample(folderArbitrary, 60)) {
      const entries = Object.fromEntries(
        Object.entries(folder).map(([name, { isProgram, text }]) => [
          name,
          isProgram ? { program: text } : text,
        ]),
      )
      const copies = [join(plugins, `a${(count += 1)}`), join(plugins, `b${count}`)]
      const found = yield* Effect.forEach(copies, (path) => stage(nodeIn(path, entries)))
      const [one, other] = found.map(({ digest }) => digest)
      expect(one).toBe(other)
      const key = JSON.stringify(Object.entries(folder).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      expect(digests.get(key) ?? one).toBe(one)
      digests.set(key, one ?? "")
    }
    expect(new Set(digests.values()).size).toBe(digests.size)
  }),
)

describe("a folder can't be run", () => {
  const refused = (name: string, spoil: (directory: string) => void, expected: string) =>
    withPlaces(name, ({ plugins, temporary }) =>
      Effect.gen(function* () {
        const plugin = nodeIn(join(plugins, "p"), { "a.mjs": "" })
        spoil(plugin.directory)
        expect(yield* reasonFor(plugin)).toContain(expected)
        expect(fs.readdirSync(temporary)).toEqual([])
      }),
    )
  const link = (target: string) => (directory: string) => fs.symlinkSync(target, join(directory, "x"))

  refused("with an absolute link", link("/etc/passwd"), '"x" is a link to "/etc/passwd", which is absolute')
  refused(
    "with a link that leads out",
    link("../other"),
    '"x" is a link to "../other", which leads out of the tree',
  )
  refused(
    "with a link that leads out by way of another",
    (directory) => {
      fs.mkdirSync(join(directory, "sub/deep"), { recursive: true })
      fs.symlinkSync("sub/deep", join(directory, "d"))
      fs.symlinkSync("d/../../..", join(directory, "x"))
    },
    '"x" is a link to "d/../../.."',
  )
  refused("with a pipe", (directory) => makePipe(join(directory, "x")), '"x" is neither a file nor a folder')
  refused(
    "with a set-uid program",
    (directory) => fs.chmodSync(join(directory, "a.mjs"), 0o4755),
    '"a.mjs" is set-uid or set-gid',
  )
  refused(
    "of more than 200 MiB, which isn't read",
    (directory) => fs.truncateSync(join(directory, "a.mjs"), 200 * 1024 * 1024 + 1),
    "it has more than 200 MiB",
  )
  refused(
    "of more than 20000 entries",
    (directory) => {
      for (let index = 0; index < 20_000; index += 1) fs.writeFileSync(join(directory, `f${index}`), "")
    },
    "it has more than 20000 files and folders",
  )
  refused(
    "nested without end",
    (directory) => fs.mkdirSync(join(directory, "d/".repeat(70)), { recursive: true }),
    "it is nested deeper than 64 folders",
  )
  refused(
    "without its entry",
    (directory) => fs.rmSync(join(directory, "plugin.mjs")),
    "plugin.mjs is not there",
  )
  refused("that isn't there", (directory) => fs.rmSync(directory, { recursive: true }), "ENOENT")
  refused(
    "that became a link",
    (directory) => {
      fs.renameSync(directory, `${directory}-away`)
      fs.symlinkSync("p-away", directory)
    },
    "ENOTDIR",
  )

  withPlaces("when its program isn't executable", ({ plugins }) =>
    Effect.gen(function* () {
      const plugin = commandIn(join(plugins, "c"), ["./run.sh"], { "run.sh": "#!/bin/sh\n" })
      expect(yield* reasonFor(plugin)).toBe("./run.sh is not executable (chmod +x)")
    }),
  )
})

const versionOf = (directory: string): ReadonlyArray<string> =>
  ["a.mjs", "z.mjs"].map((path) => fs.readFileSync(join(directory, path), "utf8"))

describe("a plugin that is edited while it is staged", () => {
  // Between the two are more files than are copied at a time.
  const between = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`f${index}.mjs`, ""]))
  const old = { ...between, "a.mjs": "// 1", "z.mjs": "// 1" }
  const rewrite = (directory: string, text: string) =>
    Effect.sync(() => {
      for (const path of ["a.mjs", "z.mjs"]) fs.writeFileSync(join(directory, path), text)
    })

  withPlaces("is staged as it was before or after, its digest of what was staged", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const faults = yield* DiskFaults
      const digestFor = (text: string) =>
        Effect.scoped(
          Effect.flatMap(PluginCode.make, ({ stage }) =>
            Effect.map(
              stage(nodeIn(join(plugins, `of${text.length}`), { ...between, "a.mjs": text, "z.mjs": text })),
              ({ digest }) => digest,
            ),
          ),
        )
      const digests = new Map([
        ["// 1", yield* digestFor("// 1")],
        ["// 22", yield* digestFor("// 22")],
      ])
      const plugin = nodeIn(join(plugins, "p"), old)
      let tried = 0
      for (let k = 0, more = true; more; k += 1) {
        yield* rewrite(plugin.directory, "// 1")
        yield* faults.arm(atOperation(k, Action.RunBefore({ effect: rewrite(plugin.directory, "// 22") })))
        yield* Effect.gen(function* () {
          const { stage } = yield* PluginCode.make
          const code = yield* stage(plugin)
          const [one = "", other = ""] = versionOf(code.directory)
          expect([k, one]).toEqual([k, other])
          expect([k, code.digest]).toEqual([k, digests.get(one)])
          expect(fs.readdirSync(temporary).length).toBe(1)
        }).pipe(Effect.scoped)
        more = (yield* faults.disarm).length > k
        tried += 1
      }
      expect(tried).toBeGreaterThan(20)
    }),
  )

  withPlaces("without end is refused, and nothing is left of the tries", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const faults = yield* DiskFaults
      const plugin = nodeIn(join(plugins, "p"), old)
      const { stage } = yield* PluginCode.make
      let edits = 0
      const edit = Effect.suspend(() => rewrite(plugin.directory, "x".repeat((edits += 1))))
      yield* faults.arm(({ name }: Operation) =>
        name === "copyFile" ? Action.RunBefore({ effect: edit }) : Action.Pass(),
      )
      expect((yield* Effect.flip(stage(plugin))).reason).toBe("it was changed while it was copied")
      expect(fs.readdirSync(temporary)).toEqual([])
      yield* faults.disarm
      expect(Either.isRight(yield* Effect.either(stage(plugin)))).toBe(true)
    }),
  )
})

describe("when many want the same code", () => {
  withPlaces("it is copied once", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"))
      const { stage } = yield* PluginCode.make
      const all = yield* Effect.all(
        Array.from({ length: 30 }, () => stage(plugin)),
        { concurrency: "unbounded" },
      )
      expect(new Set(all.map((code) => code.stage)).size).toBe(1)
      expect(fs.readdirSync(temporary).length).toBe(1)
    }),
  )

  withPlaces("the one who copies may be interrupted: another one begins anew", ({ plugins, temporary }) =>
    Effect.gen(function* () {
      const plugin = nodeIn(join(plugins, "p"))
      const { stage } = yield* PluginCode.make
      const faults = yield* DiskFaults
      const reached = yield* Deferred.make<void>()
      let held = false
      yield* faults.arm(({ name }) => {
        if (name !== "copyFile" || held) return Action.Pass()
        held = true
        return Action.RunBefore({
          effect: Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never),
        })
      })
      const first = yield* Effect.fork(stage(plugin))
      yield* Deferred.await(reached)
      const others = yield* Effect.forkAll(Array.from({ length: 10 }, () => stage(plugin)))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      const [one, ...more] = yield* Fiber.join(others)
      expect(more.every((code) => code.stage === one?.stage)).toBe(true)
      expect(fs.readdirSync(temporary).length).toBe(1)
      expect(contentsOf(one?.directory ?? "")).toEqual(contentsOf(plugin.directory))
    }),
  )
})

withPlaces("whatever operation fails or is interrupted: a whole stage or none", ({ plugins, temporary }) =>
  Effect.gen(function* () {
    const plugin = nodeIn(join(plugins, "p"), { "src/a.mjs": "1", "b.mjs": { link: "src/a.mjs" } })
    const wanted = contentsOf(plugin.directory)
    const attempt = Effect.gen(function* () {
      const { stage } = yield* PluginCode.make
      const first = yield* Effect.either(stage(plugin))
      if (Either.isLeft(first)) expect(fs.readdirSync(temporary)).toEqual([])
      const code = Either.isRight(first) ? first.right : yield* stage(plugin)
      expect(contentsOf(code.directory)).toEqual(wanted)
      expect(fs.existsSync(join(code.stage, "node_modules/exlab-wizard/plugin.mjs"))).toBe(true)
      return Either.isRight(first)
    }).pipe(Effect.scoped)
    yield* sweep(attempt, ({ how, operation }, exit) =>
      Effect.sync(() => {
        const where = `${how} ${operation.name} ${operation.paths.join(" ")}`
        expect([where, fs.readdirSync(temporary)]).toEqual([where, []])
        if (Exit.isFailure(exit)) expect([where, Exit.isInterrupted(exit)]).toEqual([where, true])
        else if (how.startsWith("interrupted")) expect.fail(where)
      }),
    )
  }),
)
