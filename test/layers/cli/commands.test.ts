import { existsSync, readdirSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { nodeCheck } from "../../../layers/cli/doctor.ts"
import { initialize } from "../../../layers/cli/init.ts"
import { Output } from "../../../layers/cli/Output.ts"
import { settingsTemplate } from "../../../layers/cli/settingsTemplate.ts"
import * as YamlSettings from "../../../layers/settings/YamlSettings.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram, startProgram } from "./program.ts"

const bundled = (name: string) => new URL(`../../../templates/plugins/${name}`, import.meta.url).pathname

const nothing = () => Effect.void

const silent = Output.of({ result: nothing, page: nothing, note: nothing, progress: nothing })

describe("the program", () => {
  it.scopedLive("doesn't mind a reader that has gone", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const ran = yield* runProgram(["templates", "list"], { cwd, unread: true })
      expect(ran).toMatchObject({ code: 0, stderr: "" })
    }),
  )

  it.scopedLive("says that its result got lost, and ends with 1", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const ran = yield* runProgram(["templates", "list"], { cwd, full: true })
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain("the result could not be written to standard output: ENOSPC")
    }),
  )
})

describe("init", () => {
  it.scopedLive("writes what the other commands work with, and overwrites nothing", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const first = yield* runProgram(["init"], { cwd })
      expect(first).toMatchObject({
        code: 0,
        stdout: `${join(cwd, "templates")}\n${join(cwd, "exlab-wizard.yaml")}\n`,
      })
      const lint = yield* runProgram(["templates", "lint"], { cwd })
      expect(lint).toMatchObject({ code: 0, stdout: "" })
      const changed = join(cwd, "exlab-wizard.yaml")
      yield* Effect.promise(() => writeFile(changed, "time_zone: Asia/Tokyo\n"))
      const second = yield* runProgram(["init"], { cwd })
      expect(second).toMatchObject({ code: 0, stdout: "" })
      expect(second.stderr.match(/left as it is/g)).toHaveLength(2)
      expect(yield* Effect.promise(() => readFile(changed, "utf8"))).toBe("time_zone: Asia/Tokyo\n")
    }),
  )

  it.scopedLive("writes settings that are right with every commented group in force", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const file = join(cwd, "all.yaml")
      const inForce = settingsTemplate.replace(/^# (?=(?: {2}\S| {4}|[a-z]+:$))/gm, "")
      expect(inForce.split("\n").filter((line) => /^[a-z_]+:/.test(line)).length).toBeGreaterThan(8)
      yield* Effect.promise(() => writeFile(file, inForce))
      const { http, settings } = yield* YamlSettings.load({ config: Option.some(file), environment: {} })
      expect(settings.equipment.map(({ id }) => id)).toEqual(["DEMO_01"])
      expect(http.tokenFile).toBe(join(cwd, "exlab-wizard.token"))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it("marks what isn't the default as an example", () => {
    for (const key of [
      "plugin_dir",
      "nas_root",
      "transport",
      "defaults",
      "license",
      "organization",
      "token_file",
    ]) {
      const [before = ""] = settingsTemplate.split(` ${key}:`)
      const comments = before.split("\n").filter((line) => /# [A-Z]/.test(line))
      expect(comments.at(-1)).toContain("Example; default: ")
    }
  })

  it.scopedLive("leaves no half of the templates when a file can't be copied", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const disk = yield* Disk
      const broken = Disk.of({
        ...disk,
        copyFile: (from, to) =>
          from.endsWith("template.yaml")
            ? disk.readFile("/none").pipe(Effect.asVoid)
            : disk.copyFile(from, to),
      })
      const exit = yield* Effect.exit(Effect.provideService(initialize(cwd), Disk, broken))
      expect(Exit.isFailure(exit)).toBe(true)
      expect(existsSync(join(cwd, "templates"))).toBe(false)
      expect(existsSync(join(cwd, "exlab-wizard.yaml"))).toBe(false)
    }).pipe(Effect.provideService(Output, silent), Effect.provide(NodeDisk.layer)),
  )
})

describe("templates", () => {
  it.scopedLive("are listed as lines and as JSON", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const lines = yield* runProgram(["templates", "list"], { cwd })
      expect(lines.code).toBe(0)
      expect(lines.stdout).toMatch(/^confocal_run\trun\t/m)
      const { stdout } = yield* runProgram(["templates", "list", "--json"], { cwd })
      const { templates, unusable } = JSON.parse(stdout)
      expect(templates).toContainEqual(expect.objectContaining({ name: "imaging_project", type: "project" }))
      expect(unusable).toEqual([])
    }),
  )

  it.scopedLive("with errors end with 2, and each is told with its file and line", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* Effect.promise(() =>
        writeFile(join(cwd, "template.yaml"), 'name: broken\nversion: "1"\ntype: neither\n'),
      )
      const lines = yield* runProgram(["templates", "lint", "."], { cwd })
      expect(lines.code).toBe(2)
      expect(lines.stderr).toMatch(/^found \d+ errors?, \d+ warnings?$/m)
      expect(lines.stdout).toMatch(/^template\.yaml:3 error manifest_invalid: type /)
      const { stdout } = yield* runProgram(["templates", "lint", "--json", "."], { cwd })
      expect(JSON.parse(stdout)).toContainEqual(
        expect.objectContaining({ file: "template.yaml", line: 3, severity: "error" }),
      )
    }),
  )
})

describe("plugins", () => {
  it.scopedLive("are listed, with how well they are isolated", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stdout } = yield* runProgram(["plugins", "list", "--json"], { cwd })
      expect(code).toBe(0)
      const { plugins, tiers } = JSON.parse(stdout)
      expect(plugins).toContainEqual(expect.objectContaining({ name: "hello", source: "bundled" }))
      expect(Object.keys(tiers).toSorted()).toEqual(["command", "node"])
    }),
  )

  it.scopedLive("are checked, and one that isn't a plugin is refused", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      expect((yield* runProgram(["plugins", "lint", bundled("hello")], { cwd })).code).toBe(0)
      const none = yield* runProgram(["plugins", "lint", "."], { cwd })
      expect(none.code).toBe(2)
      expect(none.stdout).toContain("manifest.yaml")
    }),
  )
})

describe("doctor", () => {
  it("knows which Node.js is too old", () => {
    expect(nodeCheck("v20.20.0").status).toBe("ok")
    expect(nodeCheck("v24.0.0").status).toBe("ok")
    expect(nodeCheck("v20.9.0")).toMatchObject({ status: "error", remedy: expect.stringContaining("20.20") })
  })

  it.scopedLive("finds nothing wrong here, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stdout } = yield* runProgram(["doctor", "--json"], { cwd })
      expect(code).toBe(0)
      const checks: ReadonlyArray<{ readonly name: string; readonly status: string }> = JSON.parse(stdout)
      expect(new Set(checks.map(({ name }) => name))).toEqual(
        new Set([
          "node",
          "local_root",
          "room",
          "state_dir",
          "templates",
          "plugins",
          "isolation",
          "sync",
          "http",
        ]),
      )
      expect(checks.filter(({ status }) => status === "error")).toEqual([])
      expect(existsSync(join(cwd, "exlab-data"))).toBe(false)
    }),
  )

  it.scopedLive(
    "tells each thing that keeps the service from working, with its remedy, and ends with 1",
    () =>
      Effect.gen(function* () {
        const cwd = yield* temporaryDirectory
        const env = {
          EXLAB_PATHS__LOCAL_ROOT: "/proc/lab",
          EXLAB_PATHS__TEMPLATES_DIR: join(cwd, "none"),
          EXLAB_DISK__MIN_FREE_MIB: "1000000000000",
          EXLAB_HTTP__HOST: "192.0.2.1",
          EXLAB_HTTP__TOKEN_FILE: join(cwd, "none", "token"),
        }
        const { code, stderr, stdout } = yield* runProgram(["doctor"], { cwd, env })
        expect(code).toBe(1)
        for (const name of ["local_root", "room", "templates", "http"]) {
          expect(stdout).toMatch(new RegExp(`^error {3}${name}: .+\\n {8}→ .+`, "m"))
        }
        expect(stdout).toContain("http: 192.0.2.1 isn't an address of this computer")
        expect(stdout).toContain(
          `http: ${join(cwd, "none")}, which the token's file belongs into, isn't there`,
        )
        expect(stderr).toContain("5 things keep the service from working")
      }),
  )
})

/** What doctor says of places that can't be used. */
const diagnosis = (place: string, noTemplates: string) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    yield* Effect.promise(() => writeFile(join(cwd, "file"), ""))
    const env = {
      EXLAB_PATHS__LOCAL_ROOT: place,
      EXLAB_PATHS__STATE_DIR: place,
      EXLAB_PATHS__TEMPLATES_DIR: noTemplates,
      EXLAB_PATHS__PLUGIN_DIR: noTemplates,
    }
    return yield* runProgram(["doctor"], { cwd, env })
  })

describe("doctor, of places", () => {
  it.scopedLive.each([
    ["file", "none", "file isn't a folder", "none isn't there: check how"],
    ["file/lab", "file", "file isn't a folder", "file isn't a folder"],
    ["/proc/lab", "/proc/lab", "no file can be made in /proc", "/proc/lab isn't there: check how"],
    ["a".repeat(300), "a".repeat(300), "is too long, or a name in it is", "is too long, or a name in it is"],
  ] as const)("that are %s and %s speaks in words, and names the remedy", ([place, folder, said, ofFolder]) =>
    Effect.gen(function* () {
      const { code, stdout } = yield* diagnosis(place, folder)
      expect(code).toBe(1)
      const told = (status: string, name: string, message: string, remedy: string) =>
        expect(stdout).toMatch(
          new RegExp(
            `^${status} +${name}: .*${message}.*\\n {8}→ .*set paths\\.${remedy} to a (?:local )?folder`,
            "m",
          ),
        )
      told("error", "local_root", said, "local_root")
      told("error", "state_dir", said, "state_dir")
      told("error", "templates", ofFolder, "templates_dir")
      told("warning", "plugins", ofFolder, "plugin_dir")
      // Neither the names of operations, nor of errors, nor of what was tried are for people.
      expect(stdout).not.toMatch(/\bE[A-Z]{4,}\b|realPath|lstat|list |exlab-wizard-doctor/)
    }),
  )
})

describe("serve", () => {
  it.scopedLive("says where it listens, and ends with 0 when it is told to", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const program = yield* startProgram(["serve"], { cwd, env: { EXLAB_HTTP__PORT: "0" } })
      yield* program.shown("curl -sS")
      // More threads for files than Node has by itself: shares that hang keep some.
      expect(readdirSync(`/proc/${program.pid}/task`).length).toBeGreaterThan(16)
      yield* program.signal("SIGTERM")
      const { code, stderr, stdout } = yield* program.ended
      expect(code).toBe(0)
      expect(stderr).toContain("there is no settings file: defaults are in force")
      expect(stdout).toMatch(/^exlab-wizard listens on http:\/\/127\.0\.0\.1:\d+/)
      expect(stdout).toContain('"equipment_id":"DEMO_01"')
      // Logs have their own place, once.
      expect(stdout).not.toContain("defaults are in force")
      expect(stderr.match(/defaults are in force/g)).toHaveLength(1)
    }),
  )
  it.scopedLive("tries only what there is: an equipment of its settings, a template of its folder", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const tried = (folder: string) =>
        Effect.scoped(
          Effect.gen(function* () {
            const settings = `paths: { templates_dir: ${folder} }\nequipment: [{ id: SCOPE_7, label: S }]\n`
            yield* Effect.promise(() => writeFile(join(cwd, "exlab-wizard.yaml"), settings))
            const program = yield* startProgram(["serve"], { cwd, env: { EXLAB_HTTP__PORT: "0" } })
            yield* program.shown("/docs.")
            yield* program.signal("SIGTERM")
            return (yield* program.ended).stdout
          }),
        )
      yield* runProgram(["init"], { cwd })
      expect(yield* tried("templates")).toContain('"equipment_id":"SCOPE_7"')
      yield* Effect.promise(() => mkdir(join(cwd, "none")))
      expect(yield* tried("none")).not.toContain("curl")
    }),
  )
})
