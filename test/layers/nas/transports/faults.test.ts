import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule } from "effect"
import { make } from "../../../../layers/nas/transports/RsyncSshTransport.ts"
import { workshopOf } from "../../../../layers/nas/transports/places.ts"
import type { SshSettings } from "../../../../layers/nas/transports/rsync/ssh.ts"
import type { ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { classOf } from "../../../contract/targetRoom.ts"
import { parcelOf, plant, treeOf } from "../../../contract/targetTrees.ts"
import { forkProgram } from "../../../support/childProcess.ts"
import { cuttingProxy } from "../../../support/cuttingProxy.ts"
import { processesAround } from "../../../support/leftProcesses.ts"
import { canMount, smallVolume } from "../../../support/smallVolume.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

const quiet = () => Effect.void

/** A target that is set up, a transport to it by some settings, and a folder to send. */
const place = (lines?: (folder: string) => ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* sshServer(lines)
    const folder = yield* temporaryDirectory
    const [root, source] = [join(folder, "share"), join(folder, "source")]
    fs.mkdirSync(root)
    fs.writeFileSync(join(root, ".exlab-target.json"), '{"schema_version":"1.0","id":"x","created_at":""}')
    plant(source, { large: "0123456789".repeat(300_000), "small one": "x" })
    const tools = yield* toolbox()
    const through = (settings: Partial<SshSettings>) => make({ ...server.settings, ...settings }, root, tools)
    const parcel = parcelOf(source, ".exlab-incoming/1")
    return { folder, parcel, root, server, source, through }
  })

const there = (root: string) => treeOf(join(root, ".exlab-incoming/1"))

/** Key and host name as in the first settings, by another port. */
const knownAt = ({ knownHostsFile, port }: SshSettings, other: number): void => {
  const text = fs.readFileSync(knownHostsFile ?? "", "utf8")
  fs.writeFileSync(knownHostsFile ?? "", text + text.replace(String(port), String(other)))
}

/** The key as it stands in the arguments of ssh. */
const keyAsSaid = ({ identityFile }: SshSettings): string =>
  (identityFile ?? "").replaceAll("%", "%%").replaceAll('"', String.raw`\"`)

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "faults on the way to a target behind ssh", () => {
  it.scopedLive("a connection that is cut passes, and the next transfer goes on", () =>
    Effect.gen(function* () {
      const { parcel, root, server, source, through } = yield* place()
      // Random bytes: nothing on the way makes them fewer.
      fs.writeFileSync(join(source, "large"), crypto.getRandomValues(new Uint8Array(60_000)))
      const proxy = yield* cuttingProxy(server.settings.port, 40_000)
      knownAt(server.settings, proxy.port)
      const transport = through({ port: proxy.port })
      expect(yield* classOf(transport.send(parcel, quiet))).toBe("transient")
      expect(there(root)["large"]).toBe(undefined)
      yield* proxy.heal
      yield* transport.send(parcel, quiet)
      expect(there(root)).toEqual(treeOf(source))
    }),
  )

  it.scopedLive("a server that is gone passes; when it is back, everything goes on", () =>
    Effect.gen(function* () {
      const { parcel, root, server, source, through } = yield* place()
      yield* server.kill
      expect(yield* classOf(through({}).send(parcel, quiet))).toBe("transient")
      expect(yield* classOf(through({}).readMarker)).toBe("transient")
      yield* server.again
      yield* through({}).send(parcel, quiet)
      expect(there(root)).toEqual(treeOf(source))
    }),
  )

  it.scopedLive("a key that is refused needs a person", () =>
    Effect.gen(function* () {
      const { parcel, server, through } = yield* place()
      fs.writeFileSync(join(server.folder, "authorized"), "")
      const failure = yield* Effect.flip(through({}).send(parcel, quiet))
      expect(failure.class).toBe("permanent")
      expect(failure.reason).toContain("Permission denied")
    }),
  )

  it.scopedLive("a host whose key is another one, or unknown, needs a person", () =>
    Effect.gen(function* () {
      const { folder, server, through } = yield* place()
      const { knownHostsFile, port } = server.settings
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "other")])
      const other = fs.readFileSync(join(folder, "other.pub"), "utf8")
      fs.writeFileSync(knownHostsFile ?? "", `[127.0.0.1]:${port} ${other}`)
      expect(yield* classOf(through({}).readMarker)).toBe("permanent")
      fs.writeFileSync(knownHostsFile ?? "", "")
      expect(yield* classOf(through({}).exists("a"))).toBe("permanent")
    }),
  )

  it.scopedLive("what login scripts print doesn't get into answers; rsync says what is to be done", () =>
    Effect.gen(function* () {
      const noisy = (folder: string): ReadonlyArray<string> => {
        const script = join(folder, "noisy")
        const text = '#!/bin/sh\necho "Welcome to the NAS"\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n'
        fs.writeFileSync(script, text, { mode: 0o755 })
        return [`ForceCommand ${script}`]
      }
      const { parcel, through } = yield* place(noisy)
      const transport = through({})
      expect(yield* transport.readMarker).toMatchObject({ value: "x" })
      expect(yield* transport.exists(".exlab-incoming/1")).toBe(false)
      const failure = yield* Effect.flip(transport.send(parcel, quiet))
      expect(failure.class).toBe("permanent")
      expect(failure.reason).toContain("login scripts")
    }),
  )

  it.scopedLive("tools that aren't installed are named, with their packages", () =>
    Effect.gen(function* () {
      const { parcel, root, server } = yield* place()
      const transport = make(server.settings, root, yield* toolbox({ PATH: "/nonexistent" }))
      const attempts = [transport.check, transport.send(parcel, quiet), transport.publish("a", "b")]
      for (const attempt of attempts) {
        const failure = yield* Effect.flip(attempt)
        expect(failure.class).toBe("permanent")
        expect(failure.reason).toMatch(/package (?:rsync|openssh-client)/)
      }
    }),
  )

  it.scopedLive("a tool that says nothing is ended, with what it started", () =>
    Effect.gen(function* () {
      const { folder, parcel, root, server } = yield* place()
      const stub = join(folder, "bin")
      fs.mkdirSync(stub)
      fs.writeFileSync(join(stub, "rsync"), "#!/bin/sh\nsleep 600 &\nwait\n", { mode: 0o755 })
      const tools = yield* toolbox({ ...process.env, PATH: `${stub}:${process.env["PATH"]}` }, "3 seconds")
      const failure = yield* Effect.flip(make(server.settings, root, tools).send(parcel, quiet))
      expect(failure.class).toBe("transient")
      expect(failure.reason).toContain("silent")
      expect(processesAround(stub, [])).toEqual([])
    }),
  )

  it.scopedLive.skipIf(!canMount)("a target that is full is told to be", () =>
    Effect.gen(function* () {
      const { parcel, root, source, through } = yield* place()
      yield* smallVolume(root)
      fs.writeFileSync(join(root, ".exlab-target.json"), "")
      fs.writeFileSync(join(source, "large"), crypto.getRandomValues(new Uint8Array(65_536)))
      fs.appendFileSync(join(source, "large"), Buffer.alloc(3_000_000, 1))
      const refused = yield* Effect.flip(through({}).send(parcel, quiet))
      expect(`${refused.class}: ${refused.message}`).toMatch(/^target_full/)
      expect(there(root)["large"]).toBe(undefined)
    }),
  )

  it.scopedLive("a transfer that is interrupted leaves no process", () =>
    Effect.gen(function* () {
      const { parcel, server, through } = yield* place()
      const begun = yield* Deferred.make<void>()
      const slow = { ...parcel, bytesPerSecond: 100_000 }
      const sending = yield* Effect.fork(through({}).send(slow, () => Deferred.succeed(begun, undefined)))
      yield* Deferred.await(begun)
      expect(processesAround(keyAsSaid(server.settings), []).length).toBeGreaterThan(0)
      yield* Fiber.interrupt(sending)
      expect(processesAround(keyAsSaid(server.settings), [])).toEqual([])
    }),
  )

  it.scopedLive(
    "what has arrived of a file when a transfer is interrupted is kept apart, and gone on with",
    () =>
      Effect.gen(function* () {
        const { parcel, root, source, through } = yield* place()
        const begun = yield* Deferred.make<void>()
        const report = ({ bytes }: ParcelProgress) =>
          bytes > 1_000_000 ? Deferred.succeed(begun, undefined) : Effect.void
        const slow = { ...parcel, bytesPerSecond: 800_000 }
        const sending = yield* Effect.fork(through({}).send(slow, report))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(sending)
        const partial = join(root, workshopOf(parcel.to), "partial/large")
        yield* Effect.sync(() => fs.existsSync(partial)).pipe(
          Effect.repeat({ until: (isThere) => isThere, schedule: Schedule.spaced("50 millis") }),
          Effect.timeout("20 seconds"),
          Effect.orDie,
        )
        expect(fs.statSync(partial).size).toBeGreaterThan(100_000)
        expect(there(root)["large"]).toBe(undefined)
        yield* through({}).send(parcel, quiet)
        expect(there(root)).toEqual(treeOf(source))
        expect(fs.existsSync(partial)).toBe(false)
      }),
  )

  it.scopedLive("a service that is killed takes its tools along", () =>
    Effect.gen(function* () {
      const { root, server, source } = yield* place()
      const program = new URL("./programs/sending.ts", import.meta.url)
      const child = yield* forkProgram(program, [JSON.stringify(server.settings), root, source])
      expect(yield* child.next).toBe("sending")
      const key = keyAsSaid(server.settings)
      expect(processesAround(key, [child.pid]).length).toBeGreaterThan(0)
      yield* child.signal("SIGKILL")
      yield* child.ended
      const left = Effect.sync(() => processesAround(key, [child.pid]))
      yield* left.pipe(
        Effect.filterOrFail((pids) => pids.length === 0),
        Effect.retry(Schedule.spaced("50 millis")),
        Effect.timeout("10 seconds"),
        Effect.orDie,
      )
    }),
  )
})
