import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, TestClock } from "effect"
import { beforeAll, describe } from "vitest"
import { childrenOf } from "../../../../layers/process/procfs.ts"
import { run } from "../../../../layers/plugins/process/WorkerProcess.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { processesAround } from "../../../support/leftProcesses.ts"
import { disk, nodeScript, orderOf, runScript } from "./support.ts"

const live = <E>(title: string, body: () => Effect.Effect<void, E, Disk>) =>
  it.live(title, () => Effect.provide(body(), disk), 30_000)

const handles = () => process.getActiveResourcesInfo().filter((name) => /Wrap|FSReq/.test(name))

const ignoreLines = () => Effect.void

/** A compiler that another file of tests started may live on beside it. */
let strangers: ReadonlyArray<number> = []
beforeAll(() => {
  strangers = childrenOf(process.pid)
})

const children = () => childrenOf(process.pid).filter((pid) => !strangers.includes(pid))

describe("a worker's process", () => {
  live("lines come in order, the input is one line, and the exit code is data", () =>
    Effect.gen(function* () {
      const report = yield* runScript(
        `for await (const chunk of process.stdin) console.log(JSON.stringify(String(chunk)))
         console.log("second"); console.error("bye"); process.exitCode = 3`,
        { stdin: '{"v":1}' },
      )
      expect(report).toMatchObject({
        end: { _tag: "Exited", code: 3 },
        lines: [JSON.stringify('{"v":1}\n'), "second"],
        stderr: "bye\n",
        left: [],
      })
      expect(report.peakMemoryMb).toBeGreaterThan(10)
    }),
  )

  live("a death by signal is told by its name", () =>
    Effect.gen(function* () {
      const { end } = yield* runScript(`process.kill(process.pid, "SIGUSR2"); await setTimeout(1e9)`)
      expect(end).toEqual({ _tag: "Signalled", signal: "SIGUSR2" })
    }),
  )

  live("it finds nothing in its environment but what it is given", () =>
    Effect.gen(function* () {
      const { lines } = yield* runScript(`console.log(Object.keys(process.env).sort().join())`)
      expect(lines).toEqual(["EXLAB_WORKER,PATH"])
    }),
  )

  live("what can't be started says why", () =>
    Effect.gen(function* () {
      const cases = [
        [["/nowhere/at-all"], {}, "ENOENT"],
        [["/etc"], {}, "EACCES"],
        [["true"], { cwd: "/nowhere" }, "ENOENT"],
        [["true", "a\0b"], {}, "null bytes"],
        [["true", "x".repeat(3_000_000)], {}, "E2BIG"],
      ] as const
      for (const [argv, order, reason] of cases) {
        const report = yield* run(orderOf(argv, order), ignoreLines)
        expect(report).toMatchObject({ end: { _tag: "NotStarted" }, peakMemoryMb: 0, stderr: "" })
        expect(report.end._tag === "NotStarted" ? report.end.reason : "").toContain(reason)
      }
    }),
  )

  live("input that is never read is no error", () =>
    Effect.gen(function* () {
      const { end } = yield* runScript(`process.exit(0)`, { stdin: "x".repeat(5_000_000) })
      expect(end).toEqual({ _tag: "Exited", code: 0 })
      const closing = yield* runScript(`process.stdin.destroy(); await setTimeout(50); console.log("on")`, {
        stdin: "x".repeat(5_000_000),
      })
      expect(closing).toMatchObject({ end: { _tag: "Exited", code: 0 }, lines: ["on"] })
    }),
  )

  live("all of standard output is heard although the process has ended long before", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const script = "i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); done; printf end"
      const slowly = (line: string) =>
        Effect.delay(
          Effect.sync(() => lines.push(line)),
          "1 millis",
        )
      yield* run(orderOf(["sh", "-c", script], {}), slowly)
      expect(lines).toEqual([...Array.from({ length: 300 }, (_, n) => String(n)), "end"])
    }),
  )

  live("it waits while a line is worked on", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const script = `const line = "x".repeat(65_535) + "\\n"
        for (let n = 1; ; n++) { writeSync(1, line); writeFileSync("written", String(n)) }`
      const order = orderOf(nodeScript(script), { cwd, timeout: "1 second" })
      const { end } = yield* run(order, () => Effect.sleep("400 millis"))
      expect(end._tag).toBe("TimedOut")
      const { readFile } = yield* Disk
      const written = Number(new TextDecoder().decode(yield* readFile(`${cwd}/written`)))
      // Those that were worked on, and what fits in the pipe and in our buffers.
      expect(written).toBeLessThan(16)
    }).pipe(Effect.scoped),
  )

  live("the end of standard error is kept, bytes that aren't UTF-8 and all", () =>
    Effect.gen(function* () {
      const { stderr } = yield* runScript(
        `process.stderr.write("x".repeat(5_000_000)); process.stderr.write(Buffer.of(0xff, 0x0a)); process.stderr.write("last")`,
      )
      expect(stderr).toHaveLength(64 * 1024)
      expect(stderr.endsWith("x\uFFFD\nlast")).toBe(true)
    }),
  )
})

describe("a worker's limits", () => {
  live("a line without an end ends it, in little memory", () =>
    Effect.gen(function* () {
      const before = process.memoryUsage().rss
      const { end, left } = yield* runScript(`const x = Buffer.alloc(1 << 20, "x"); for (;;) writeSync(1, x)`)
      expect(end).toEqual({ _tag: "LineTooLong" })
      expect(left).toEqual([])
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    }),
  )

  live("a line that is too long counts although its writer has ended well", () =>
    Effect.gen(function* () {
      const { end } = yield* runScript(`writeSync(1, "x".repeat(1 << 20)); writeSync(1, "x\\n")`)
      expect(end).toEqual({ _tag: "LineTooLong" })
    }),
  )

  live("too many lines, or too many bytes in all, end it", () =>
    Effect.gen(function* () {
      for (const line of [`"\\n".repeat(1000)`, `("x".repeat(999_999) + "\\n")`]) {
        const { end } = yield* runScript(`const x = ${line}; for (;;) writeSync(1, x)`)
        expect(end).toEqual({ _tag: "TooMuchOutput" })
      }
    }),
  )

  live("a process that ignores SIGTERM is killed, with its children", () =>
    Effect.gen(function* () {
      const script = `process.on("SIGTERM", () => console.log("no")); start(forever); console.log("up"); await setTimeout(1e9)`
      const report = yield* runScript(script, { timeout: "700 millis" })
      expect(report).toMatchObject({ end: { _tag: "TimedOut" }, lines: ["up", "no"], left: [] })
      expect(report.durationMs).toBeGreaterThanOrEqual(1700)
    }),
  )

  it.effect("its time is that of the clock", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const order = orderOf(["sh", "-c", "echo up; exec sleep 1000"], { timeout: "3 hours" })
      const running = yield* Effect.fork(run(order, () => Deferred.succeed(started, undefined)))
      yield* Deferred.await(started)
      yield* TestClock.adjust("179 minutes")
      expect(yield* Fiber.poll(running)).toEqual(Option.none())
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(running)).toMatchObject({ end: { _tag: "TimedOut" }, durationMs: 10_800_000 })
    }).pipe(Effect.provide(disk)),
  )

  live("a volume that doesn't answer at all doesn't keep its time from running out", () =>
    Effect.gen(function* () {
      const real = yield* Disk
      const hanging = { ...real, freeBytes: () => Effect.uninterruptible(Effect.never) }
      const report = yield* Effect.provideService(
        runScript("await setTimeout(1e9)", { timeout: "300 millis" }),
        Disk,
        hanging,
      )
      expect(report).toMatchObject({ end: { _tag: "TimedOut" }, left: [] })
    }),
  )

  live("a process may tidy up when its time is over", () =>
    Effect.gen(function* () {
      const script = `process.on("SIGTERM", () => { console.log("tidy"); process.exit(0) }); await setTimeout(1e9)`
      const report = yield* runScript(script, { timeout: "700 millis" })
      expect(report).toMatchObject({ end: { _tag: "TimedOut" }, lines: ["tidy"] })
      expect(report.durationMs).toBeLessThan(1700)
    }),
  )

  live("a volume that runs full ends it; one that can't be asked doesn't", () =>
    Effect.gen(function* () {
      const full = { path: "/", minFreeBytes: Number.MAX_SAFE_INTEGER }
      const { end } = yield* runScript(`await setTimeout(1e9)`, { volume: full })
      expect(end).toEqual({ _tag: "DiskFull" })
      const unknown = yield* runScript(`await setTimeout(150)`, { volume: { ...full, path: "/nowhere" } })
      expect(unknown.end).toEqual({ _tag: "Exited", code: 0 })
    }),
  )

  live("the memory of all its processes is told", () =>
    Effect.gen(function* () {
      const eat = `const x = Buffer.alloc(60 << 20, 1); setTimeout(() => process.exit(x[0] - 1), 400)`
      const { peakMemoryMb } = yield* runScript(
        `start(${JSON.stringify(eat)}); start(${JSON.stringify(eat)}); await setTimeout(500)`,
      )
      expect(peakMemoryMb).toBeGreaterThan(150)
      expect(peakMemoryMb).toBeLessThan(600)
    }),
  )
})

describe("what a worker leaves behind", () => {
  const escapes: ReadonlyArray<readonly [title: string, script: string]> = [
    ["a child in its group", `start(forever)`],
    ["a child that holds its pipes", `start(forever, { stdio: "inherit" })`],
    ["a child in a session of its own", `start(forever, { detached: true, stdio: "inherit" })`],
    [
      "a grandchild in a session of its own, whose parent is gone",
      `start("require('child_process').spawn(process.execPath, ['-e', '" + forever + "'], { detached: true, stdio: 'inherit' }).unref()", { detached: true, stdio: "inherit" }); await setTimeout(200)`,
    ],
    [
      "a child that knows nothing of its mark, in a session of its own",
      `start(forever, { detached: true, stdio: "inherit", env: {} }); await setTimeout(300)`,
    ],
    ["a hundred children", `for (let n = 0; n < 100; n++) spawn("sleep", ["100"], { stdio: "inherit" })`],
  ]
  for (const [title, script] of escapes) {
    live(`${title} is gone with it`, () =>
      Effect.gen(function* () {
        const report = yield* runScript(`${script}; console.log("done"); process.exit(0)`)
        expect(report).toMatchObject({ end: { _tag: "Exited", code: 0 }, lines: ["done"], left: [] })
      }),
    )
  }

  live("who escapes every look and holds the pipes doesn't hold up the report", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const lines: Array<string> = []
      const order = orderOf(["sh", "-c", "env -i setsid sleep 20 & echo said"], { cwd })
      const { end } = yield* run(order, (line) => Effect.sync(() => lines.push(line)))
      const left = processesAround(cwd, [])
      for (const pid of left) process.kill(pid)
      expect({ end, lines }).toEqual({ end: { _tag: "Exited", code: 0 }, lines: ["said"] })
    }).pipe(Effect.scoped),
  )

  live("whenever it is interrupted, no process of it is left", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const script = `start(forever, { detached: true }); process.on("SIGTERM", () => process.exit());
        console.log("x"); await setTimeout(1e9)`
      for (const delay of [0, 1, 3, 10, 30, 60, 100, 200]) {
        const cut = yield* Effect.timeoutOption(runScript(script, { cwd }), delay)
        expect(cut._tag).toBe("None")
        expect([...processesAround(cwd, []), ...children()]).toEqual([])
      }
    }).pipe(Effect.scoped),
  )

  live("when hearing a line breaks down, it is ended and the defect goes on", () =>
    Effect.gen(function* () {
      const order = orderOf(["sh", "-c", "echo x; exec sleep 1000"], {})
      const exit = yield* Effect.exit(run(order, () => Effect.die("deaf")))
      expect(exit).toMatchObject({ _tag: "Failure", cause: { defect: "deaf" } })
      expect(children()).toEqual([])
    }),
  )

  live("after many runs, no handle and no zombie is left", () =>
    Effect.gen(function* () {
      const one = run(orderOf(["sh", "-c", "echo x; echo y >&2"], { stdin: "z" }), ignoreLines)
      const before = handles().length
      yield* Effect.all(
        Array.from({ length: 120 }, () => one),
        { concurrency: 4, discard: true },
      )
      // What is closed goes with one of the next turns of the event loop.
      const turn = Effect.promise(() => new Promise((done) => setImmediate(done)))
      yield* Effect.repeat(turn, { times: 1000, until: () => handles().length <= before })
      expect(handles().length).toBeLessThanOrEqual(before)
      expect(children()).toEqual([])
    }),
  )
})
