import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { run, type ToolOrder } from "../../../layers/process/ToolProcess.ts"
import { processesAround } from "../../support/leftProcesses.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

const order = (script: string, some: Partial<ToolOrder> = {}): ToolOrder => ({
  argv: ["/bin/sh", "-c", script],
  cwd: "/",
  env: { PATH: process.env["PATH"] ?? "" },
  stdin: "",
  silence: Duration.seconds(20),
  busyIsAlive: false,
  ...some,
})

const heard = (one: ToolOrder) =>
  Effect.gen(function* () {
    const chunks: Array<Buffer> = []
    const report = yield* run(one, (chunk) => Effect.sync(() => void chunks.push(chunk)))
    return { ...report, stdout: Buffer.concat(chunks).toString() }
  })

describe("a tool's process", () => {
  it.live("input, output and exit code are what they are", () =>
    Effect.gen(function* () {
      const stdin = Uint8Array.of(0, 255, 10, 65)
      const { end, stderr, stdout } = yield* heard(order("od -An -tx1; echo no >&2; exit 3", { stdin }))
      expect(stdout.trim()).toBe("00 ff 0a 41")
      expect(stderr).toBe("no\n")
      expect(end).toEqual({ _tag: "Exited", code: 3 })
    }),
  )

  it.live("one that can't be started says why", () =>
    Effect.gen(function* () {
      const { end } = yield* heard(order("", { argv: ["/nonexistent/tool"] }))
      expect(end._tag).toBe("NotStarted")
    }),
  )

  it.scopedLive("one that is silent is ended, with its children, however stubborn", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const script = "trap '' TERM; sleep 600 & setsid sleep 600 & wait; wait"
      const { end } = yield* heard(order(script, { cwd, silence: Duration.millis(300) }))
      expect(end).toEqual({ _tag: "Silent" })
      expect(processesAround(cwd, [])).toEqual([])
    }),
  )

  it.live("a sign of life on either stream counts", () =>
    Effect.gen(function* () {
      const script = "for i in 1 2 3 4 5 6; do sleep 0.4; echo . >&2; done; echo done"
      const { end, stdout } = yield* heard(order(script, { silence: Duration.seconds(2) }))
      expect(end).toEqual({ _tag: "Exited", code: 0 })
      expect(stdout).toBe("done\n")
    }),
  )

  it.scopedLive("reading counts for a tool that works here, and not for one that waits for others", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      // The shell reads and writes by itself, and says nothing.
      const script = "i=0; while [ $i -lt 300000 ]; do echo x > file; read y < file; i=$((i + 1)); done"
      const silence = Duration.millis(1000)
      const busy = yield* Effect.fork(heard(order(script, { cwd, silence, busyIsAlive: true })))
      const idle = yield* heard(order(script, { cwd, silence }))
      expect(idle.end).toEqual({ _tag: "Silent" })
      expect(processesAround(cwd, []).length).toBe(1)
      yield* Fiber.interrupt(busy)
      expect(processesAround(cwd, [])).toEqual([])
    }),
  )

  it.scopedLive("when it is interrupted nothing of it is left", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        run(order("echo begun; sleep 600", { cwd }), () => Deferred.succeed(begun, undefined)),
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      expect(processesAround(cwd, [])).toEqual([])
    }),
  )
})
