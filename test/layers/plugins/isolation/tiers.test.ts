import { readFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe } from "vitest"
import { problemOf, tryTier } from "../../../../layers/plugins/isolation/canary.ts"
import { look } from "../../../../layers/plugins/isolation/Machine.ts"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"
import { disk } from "../process/support.ts"
import { start } from "./support.ts"

const tiers = ["os", "permission", "none"] as const

const problemAt = (tier: IsolationTier) =>
  Effect.map(
    Effect.flatMap(look([]), (machine) => tryTier(machine, tier)),
    (trial) => problemOf(tier, trial),
  )

const problems = await Effect.runPromise(
  Effect.all({ os: problemAt("os"), permission: problemAt("permission"), none: problemAt("none") }).pipe(
    Effect.provide(disk),
  ),
)

const notRun = (tier: IsolationTier): string =>
  problems[tier] === null ? "" : ` (not run: ${problems[tier]})`

const onTier = <E>(tier: IsolationTier, title: string, body: () => Effect.Effect<void, E, Disk>) =>
  it.skipIf(problems[tier] !== null)(
    `${tier}: ${title}${notRun(tier)}`,
    () => Effect.runPromise(Effect.provide(body(), disk)),
    30_000,
  )

it("where this is built for others, every tier is tried", () => {
  if (process.env.CI === "true") expect(problems).toEqual({ os: null, permission: null, none: null })
  expect(problems.none).toBe(null)
})

const node = (script: string) => ({
  "runner.mjs": `import * as fs from "node:fs"
    import { connect } from "node:net"
    const root = fs.readFileSync(0, "utf8").trim()
    const attempt = (name, act) => { try { console.log(name, act()) } catch (error) { console.log(name, error.code) } }
    ${script}`,
  "plugin.mjs": "export default 1",
})

describe("tiers", () => {
  for (const tier of tiers) {
    onTier(tier, "a worker reads its code and works in its copy", () =>
      Effect.gen(function* () {
        const script = `fs.writeFileSync("new", "x"); const { default: one } = await import(process.argv[2])
          console.log(one, process.cwd() === root + "/tree", process.env.HOME === root + "/tree",
            process.env.EXLAB_PLUGIN_DIR === root + "/stage/code", 
            Object.keys(process.env).filter((name) => name !== "PWD").sort().join())`
        const { end, lines, stderr, tree } = yield* start({ tier, files: node(script) })
        expect({ end, lines, stderr }).toEqual({
          end: { _tag: "Exited", code: 0 },
          lines: ["1 true true true EXLAB_PLUGIN_DIR,EXLAB_WORKER,HOME,LANG,PATH"],
          stderr: "",
        })
        expect(readFileSync(`${tree}/new`, "utf8")).toBe("x")
      }).pipe(Effect.scoped),
    )

    onTier(tier, "memory has an end, for buffers as for objects", () =>
      Effect.gen(function* () {
        const buffers = `const all = []; for (let n = 1; n < 1000; n++) { all.push(Buffer.alloc(1 << 20, 1)); console.log(n) }`
        const objects = `const all = []; for (let n = 1; n < 1000; n++) { all.push(Array(131072).fill(n + 0.5)); fs.writeSync(1, n + "\\n") }`
        for (const script of [buffers, objects]) {
          const { end, lines } = yield* start({ tier, files: node(script), limits: { memoryMb: 256 } })
          expect(end).not.toEqual({ _tag: "Exited", code: 0 })
          expect(Number(lines.at(-1))).toBeGreaterThan(64)
          expect(Number(lines.at(-1))).toBeLessThan(256)
        }
      }).pipe(Effect.scoped),
    )

    onTier(tier, "CPU time, the size of a file and open files have an end", () =>
      Effect.gen(function* () {
        const spin = yield* start({ tier, files: node(`for (;;) {}`), limits: { cpuSeconds: 1 } })
        expect(spin.end._tag).not.toBe("TimedOut")
        expect(spin.end).not.toEqual({ _tag: "Exited", code: 0 })
        const script = `process.on("SIGXFSZ", () => {})
          attempt("file", () => { fs.writeFileSync("large", ""); fs.truncateSync("large", 2 ** 30); fs.truncateSync("large", 2 ** 30 + 1) })
          attempt("files", () => { for (;;) fs.openSync("large") })`
        expect((yield* start({ tier, files: node(script) })).lines).toEqual(["file EFBIG", "files EMFILE"])
      }).pipe(Effect.scoped),
    )
  }

  for (const tier of ["os", "permission"] as const) {
    onTier(tier, "what is outside can't be read or written, nor the code changed", () =>
      Effect.gen(function* () {
        const script = `attempt("read", () => fs.readFileSync(root + "/outside"))
          attempt("write", () => fs.writeFileSync(root + "/outside", "changed"))
          attempt("code", () => fs.writeFileSync(process.env.EXLAB_PLUGIN_DIR + "/new", ""))
          attempt("people", () => fs.readFileSync("/etc/passwd"))
          attempt("root", () => fs.writeFileSync("/new", ""))`
        const { lines, root } = yield* start({ tier, files: node(script) })
        expect(readFileSync(`${root}/outside`, "utf8")).toBe("outside")
        // What is written to temporary folders goes to those of the sandbox.
        const onOs = ["read ENOENT", "write undefined", "code EROFS", "people ENOENT", "root EROFS"]
        expect(lines).toEqual(
          tier === "os" ? onOs : onOs.map((line) => line.replace(/ .*/, " ERR_ACCESS_DENIED")),
        )
      }).pipe(Effect.scoped),
    )
  }

  onTier("os", "the network is there when it is declared, and not otherwise", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(
          () =>
            new Promise<Server>((done) => {
              const made = createServer((socket) => socket.end()).listen(0, "127.0.0.1", () => done(made))
            }),
        ),
        (made) => Effect.sync(() => made.close()),
      )
      const address = server.address()
      const port = typeof address === "object" ? address?.port : 0
      const script = `connect(${port}, "127.0.0.1").on("connect", function () { console.log("connected"); this.destroy() })
        .on("error", (error) => console.log(error.code))`
      const said = (network: boolean) =>
        Effect.map(start({ tier: "os", files: node(script), limits: { network } }), ({ lines }) => lines)
      expect(yield* said(false)).toEqual(["ECONNREFUSED"])
      expect(yield* said(true)).toEqual(["connected"])
    }).pipe(Effect.scoped),
  )

  onTier("os", "temporary folders are small, and gone with the worker", () =>
    Effect.gen(function* () {
      const script = `fs.writeFileSync("/tmp/new", ""); fs.writeFileSync("/dev/shm/new", "")
        attempt("full", () => { for (;;) fs.appendFileSync("/tmp/large", Buffer.alloc(1 << 20)) })
        attempt("dev", () => fs.writeFileSync("/dev/new", ""))`
      const { lines } = yield* start({ tier: "os", files: node(script) })
      expect(lines).toEqual(["full ENOSPC", "dev EROFS"])
      expect(() => readFileSync("/tmp/new")).toThrow("ENOENT")
    }).pipe(Effect.scoped),
  )
})
