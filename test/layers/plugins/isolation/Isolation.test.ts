import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { afterEach, describe, vi } from "vitest"
import { programsNamed } from "../../../../layers/plugins/isolation/programs.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { disk } from "../process/support.ts"
import { prepare, start, type Trial } from "./support.ts"

const live = <E>(title: string, body: () => Effect.Effect<void, E, Disk>) =>
  it.live(title, () => Effect.provide(body(), disk), 30_000)

afterEach(() => vi.unstubAllEnvs())

/** A search path on which these programs stand in front of the others of these names; no others are there. */
const programs = (own: Readonly<Record<string, string>>, others: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const folder = join(yield* temporaryDirectory, "bin")
    const real = yield* Effect.forEach(others, (name) => programsNamed(name, process.env.PATH ?? ""))
    yield* Effect.promise(async () => {
      await mkdir(folder)
      for (const [name, text] of Object.entries(own)) {
        await writeFile(join(folder, name), text)
        await chmod(join(folder, name), 0o755)
      }
      for (const [{ real: path } = { real: "" }] of real)
        await symlink(path, join(folder, path.replace(/.*\//, "")))
    })
    vi.stubEnv("PATH", folder)
    return folder
  })

const found = (trial: Trial = {}) =>
  Effect.gen(function* () {
    const { isolation } = yield* prepare(trial)
    return { tiers: yield* isolation.tiers, limitations: (yield* isolation.limitations).join("\n") }
  })

describe("what is found out", () => {
  live("without bubblewrap Node has its permission model, commands have nothing", () =>
    Effect.gen(function* () {
      yield* programs({}, ["prlimit"])
      const { limitations, tiers } = yield* found()
      expect(tiers).toEqual({ node: "permission", command: "none" })
      expect(limitations).toContain("tier os can't be had: bubblewrap (the program bwrap) isn't installed")
      expect(limitations).not.toContain("prlimit")
    }).pipe(Effect.scoped),
  )

  live("a bubblewrap that may not do its work says why", () =>
    Effect.gen(function* () {
      const bwrap = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
      yield* programs({ bwrap }, ["prlimit"])
      const { limitations, tiers } = yield* found()
      expect(tiers).toEqual({ node: "permission", command: "none" })
      expect(limitations).toContain("tier os can't be had: bwrap: setting up uid map: Permission denied")
    }).pipe(Effect.scoped),
  )

  live("a bubblewrap that keeps nothing apart isn't believed", () =>
    Effect.gen(function* () {
      const bwrap = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n'
      yield* programs({ bwrap }, ["prlimit"])
      const { limitations, tiers } = yield* found()
      expect(tiers).toEqual({ node: "permission", command: "none" })
      expect(limitations).toMatch(/tier os doesn't stop reading a file outside its folders, .*signals/)
    }).pipe(Effect.scoped),
  )

  live("limits that can't be set are told", () =>
    Effect.gen(function* () {
      yield* programs({}, [])
      expect((yield* found()).limitations).toContain("the program prlimit isn't installed")
    }).pipe(Effect.scoped),
  )

  live("many who ask at once, interrupted or not, make one trial of it", () =>
    Effect.gen(function* () {
      const bwrap = '#!/bin/sh\necho x >> "${0%/*}/../tried"; exit 1\n'
      const folder = yield* programs({ bwrap }, ["prlimit"])
      const { isolation } = yield* prepare({})
      yield* Effect.timeoutOption(isolation.tiers, "1 millis")
      yield* Effect.all(
        Array.from({ length: 10 }, () => isolation.tiers),
        { concurrency: "unbounded" },
      )
      const tried = yield* Effect.promise(() => readFile(join(folder, "../tried"), "utf8"))
      // The one that was interrupted may have begun.
      expect(["x\n", "x\nx\n"]).toContain(tried)
    }).pipe(Effect.scoped),
  )

  live("a trial that a disk spoils says nothing: nothing is started, and the next one counts", () =>
    Effect.gen(function* () {
      const real = yield* Disk
      let isBroken = true
      const broken: typeof Disk.Service = {
        ...real,
        makeLink: (target, path) =>
          isBroken ? real.makeLink(target, "/nowhere/x") : real.makeLink(target, path),
      }
      yield* Effect.gen(function* () {
        const { isolation, order } = yield* prepare({ files: { "runner.mjs": "", "plugin.mjs": "" } })
        expect(yield* Effect.flip(order)).toMatchObject({ _tag: "IsolationUnavailable", plugin: "p" })
        expect(yield* isolation.tiers).toEqual({ node: "none", command: "none" })
        expect((yield* isolation.limitations)[0]).toMatch(/^isolation could not be tried: /)
        isBroken = false
        expect((yield* isolation.tiers).node).not.toBe("none")
        expect(Either.isRight(yield* Effect.either(order))).toBe(true)
      }).pipe(Effect.provideService(Disk, broken))
    }).pipe(Effect.scoped),
  )

  live("a tier that is forced is believed, and its trial left out; only Node has a permission model", () =>
    Effect.gen(function* () {
      yield* programs({}, ["prlimit"])
      expect((yield* found({ tier: "permission" })).tiers).toEqual({ node: "permission", command: "none" })
      expect((yield* found({ tier: "none" })).tiers).toEqual({ node: "none", command: "none" })
      const { order } = yield* prepare({ tier: "os", command: ["/usr/bin/true"] })
      expect((yield* Effect.flip(order)).message).toContain("bubblewrap (the program bwrap) isn't installed")
    }).pipe(Effect.scoped),
  )
})

describe("a command's words", () => {
  const script = '#!/bin/sh\necho "$0" "$@"\n'
  const argvOf = (trial: Trial) =>
    Effect.gen(function* () {
      const { directory, order } = yield* prepare({ tier: "none", ...trial })
      const { argv } = yield* order
      return argv.slice(argv.indexOf("--core=0") + 1).map((word) => word.replace(`${directory}/`, "code:"))
    })

  live("name files of the plugin's folder, wherever they are; every other word stays", () =>
    Effect.gen(function* () {
      const files = { "run.sh": script, "bin/tool": script, "-x": script }
      const words = [
        "./run.sh",
        "bin/tool",
        "run.sh",
        "-x",
        "bin",
        "..",
        "../code/run.sh",
        "/etc/hosts",
        ".",
        "",
      ]
      expect(yield* argvOf({ files, command: ["./run.sh", ...words] })).toEqual([
        "code:run.sh",
        ...["code:run.sh", "code:bin/tool", "code:run.sh", "code:-x"],
        ...["bin", "..", "../code/run.sh", "/etc/hosts", ".", ""],
      ])
    }).pipe(Effect.scoped),
  )

  live("begin with a program of the search path, or one that is there", () =>
    Effect.gen(function* () {
      const folder = yield* programs({ mine: script }, ["prlimit"])
      expect(yield* argvOf({ command: ["mine", "x"] })).toEqual([`${folder}/mine`, "x"])
      for (const command of [["absent"], ["./absent"], ["/nowhere/at-all"], ["/etc/passwd"], ["/usr"]]) {
        const { order } = yield* prepare({ tier: "none", command })
        expect((yield* Effect.flip(order)).message).toContain(`there is no program ${command[0]}`)
      }
    }).pipe(Effect.scoped),
  )

  live("name programs that a sandbox can show; others are refused with what to set", () =>
    Effect.gen(function* () {
      const folder = yield* programs({ mine: script }, ["prlimit", "bwrap"])
      const { order } = yield* prepare({ tier: "os", command: ["mine"] })
      const { reason } = yield* Effect.flip(order)
      expect(reason).toContain(`${folder}/mine`)
      expect(reason).toContain(`lies in ${folder.replace("/bin", "")}, which`)
      expect(reason).toContain("plugins.readable_paths")
      const readablePaths = [folder.replace("/bin", "")]
      const { lines } = yield* start({ tier: "os", command: ["mine", "x"], readablePaths })
      expect(lines).toEqual([`${folder}/mine x`])
    }).pipe(Effect.scoped),
  )

  live("skip a program that a sandbox can't show when there is another further on", () =>
    Effect.gen(function* () {
      const folder = yield* programs({ env: script }, ["prlimit", "bwrap"])
      vi.stubEnv("PATH", `${folder}:/usr/bin`)
      const { order } = yield* prepare({ tier: "os", command: ["env"] })
      expect((yield* order).argv.at(-1)).toBe("/usr/bin/env")
    }).pipe(Effect.scoped),
  )
})
