import { mkdir, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import * as YamlSettings from "../../../layers/settings/YamlSettings.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { everyKeyOnce, wrongKeys } from "./wrongKeys.ts"

const write = (path: string, text: string | Uint8Array) =>
  Effect.promise(async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  })

/** A file with this text, loaded. */
const load = (text: string | Uint8Array, environment: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const folder = yield* temporaryDirectory
    const file = join(folder, "settings.yaml")
    yield* write(file, text)
    const read = YamlSettings.load({ config: Option.some(file), environment })
    return yield* Effect.map(Effect.either(read), (loaded) => ({ file, folder, loaded }))
  }).pipe(Effect.provide(NodeDisk.layer))

/** What is said about a file, with its path as `F`. */
const problems = (text: string | Uint8Array, environment: Readonly<Record<string, string>> = {}) =>
  Effect.map(load(text, environment), ({ file, loaded }) =>
    loaded._tag === "Left" && loaded.left._tag === "SettingsInvalid"
      ? loaded.left.problems.map((problem) => problem.replace(file, "F"))
      : [],
  )

const settingsOf = (text: string, environment: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(load(text, environment), ({ folder, loaded }) =>
    Effect.map(loaded, (settings) => ({ folder, ...settings })),
  )

describe("a settings file", () => {
  it.scopedLive("that has every key is read, key by key", () =>
    Effect.gen(function* () {
      const { folder, http, logging, settings } = yield* settingsOf(everyKeyOnce)
      expect(settings).toEqual({
        paths: {
          localRoot: join(folder, "lab"),
          templatesDir: "/srv/templates",
          pluginDir: "/srv/plugins",
          stateDir: "/srv/state",
        },
        plugins: { allowNetwork: true, minIsolation: "permission", readablePaths: ["/opt/tools"] },
        equipment: [
          {
            id: "CONFOCAL_01",
            label: "Confocal",
            nasRoot: "/nas/confocal",
            syncWhen: "complete",
            completeness: { type: "quiet", minutes: 5 },
            transport: {
              type: "rsync_ssh",
              host: "nas",
              port: 2222,
              user: "lab",
              identityFile: "/keys/lab",
              knownHostsFile: "/keys/known",
              hasShell: false,
              uploadMbps: 100,
              schedule: [{ days: ["mon"], from: "08:00", to: "18:00" }],
            },
          },
        ],
        operators: { allowlist: ["asmith"] },
        readme: { defaults: [{ id: "funder", label: "Funder", type: "string" }] },
        timeZone: "Europe/Vienna",
        validator: { contentScanExtensions: [".txt"], contentScanMaxMib: 2 },
        audit: { enabled: true, intervalSeconds: 30, fullIntervalSeconds: 3600 },
        templates: { maxFileMib: 1, maxTotalMib: 2, maxFiles: 3, maxDepth: 4 },
        sessions: {
          maxWorking: 1,
          maxOpen: 2,
          gcIntervalSeconds: 3,
          abandonAfterSeconds: 4,
          retainTerminalHours: 5,
          retainTerminalCount: 6,
          shutdownGraceSeconds: 7,
        },
        disk: { minFreeMib: 8, lockTimeoutSeconds: 9 },
        sync: {
          enabled: false,
          workers: 3,
          perEquipment: 2,
          leaseSeconds: 30,
          dataPollSeconds: 10,
          silenceSeconds: 60,
        },
        nasCleanup: {
          enabled: true,
          minVerifyPasses: 3,
          minAgeHours: 48,
          trashHours: 72,
          retainCache: false,
        },
        export: { license: "CC-BY-4.0", organization: "Example University" },
        orchestrator: { enabled: true, host: "director", label: "Directs all" },
      })
      const tokenFile = join(folder, "token")
      expect(http).toEqual({
        headSeconds: 5,
        requestSeconds: 15,
        host: "0.0.0.0",
        port: 8080,
        tokenFile,
        allowedHosts: ["lab:8080", "10.0.0.7", "::1", "[fe80::1]:80", "a_b.example."],
      })
      expect(logging).toEqual({ level: "debug", format: "json" })
    }),
  )

  it.scopedLive("has what it doesn't say beside it, wherever it is read from", () =>
    Effect.gen(function* () {
      const { folder, settings } = yield* settingsOf("time_zone: Europe/Vienna\n")
      expect(settings.paths).toMatchObject({
        localRoot: join(folder, "exlab-data", "local"),
        stateDir: join(folder, "exlab-data", "state"),
      })
      const elsewhere = yield* settingsOf("time_zone: Europe/Vienna\n", { EXLAB_DATA_DIR: "/lab" })
      expect(elsewhere.settings.paths).toMatchObject({ localRoot: "/lab/local", stateDir: "/lab/state" })
    }),
  )

  it.scopedLive.each(wrongKeys)(
    "is refused for its %s when it says %s, by file, line and key",
    ([key, text]) =>
      Effect.gen(function* () {
        const lines = everyKeyOnce.split("\n")
        const line = lines.findIndex((one) => one.includes(`# ${key}`))
        expect(line).toBeGreaterThan(-1)
        const changed = lines.with(line, text).join("\n")
        const found = yield* problems(changed)
        expect(found).toHaveLength(1)
        expect(found[0]).toMatch(new RegExp(`^F:${line + 1} ${key.replaceAll(".", "\\.")}[ .]`))
      }),
  )

  it.scopedLive("with every key wrong has every key reported at once", () =>
    Effect.gen(function* () {
      // While nobody knows which transport it is, its keys mean nothing.
      const wrong = wrongKeys.filter(([key, , kind]) => kind === "type" && !key.endsWith(".type"))
      expect(wrong.length).toBeGreaterThan(10)
      const lines = everyKeyOnce.split("\n").map((line) => {
        const found = wrong.find(([key]) => line.includes(`# ${key}`))
        return found === undefined ? line : found[1]
      })
      expect(yield* problems(lines.join("\n"))).toHaveLength(wrong.length)
    }),
  )

  it.scopedLive("with contradictions has all of them reported, and whether file or variable says so", () =>
    Effect.gen(function* () {
      const text =
        "time_zone: Mars/Olympus\nhttp:\n  host: 0.0.0.0\nequipment:\n" +
        "  - { id: A, label: '' }\n  - { id: A, label: '' }\nsessions: { max_open: 0 }\n"
      expect(yield* problems(text, { EXLAB_SESSIONS__MAX_WORKING: "0" })).toEqual([
        "F:1 time_zone must be an IANA name such as Europe/Vienna, not Mars/Olympus",
        "F:2 http.token_file is missing: 0.0.0.0 is reached from other machines, so a token is needed",
        "F:6 equipment.1.id is listed twice: A",
        "F:7 sessions.max_open must be a number, 1 or more",
        "EXLAB_SESSIONS__MAX_WORKING: sessions.max_working must be a number, 1 or more",
      ])
    }),
  )

  it.scopedLive("says which key was meant", () =>
    Effect.gen(function* () {
      const [problem] = yield* problems("sessions:\n  max_opened: 3\n")
      expect(problem).toContain("F:2 sessions.max_opened is not a key that is known here")
      expect(problem).toContain("did you mean max_open?")
      expect((yield* problems("zzz: 1\n"))[0]).not.toContain("did you mean")
    }),
  )

  it.scopedLive("with wrong types, unknown keys and contradictions has all of them reported at once", () =>
    Effect.gen(function* () {
      const text = [
        "time_zone: Mars/Olympus",
        "http: { port: abc, host: 0.0.0.0 }",
        "equipment:",
        "  - { id: A, label: a, transport: { type: ftp } }",
        "  - { id: b, label: b, sync_when: complete }",
        "  - { id: C }",
        "sessions: { max_open: 0, max_opened: 1 }",
        "nas_cleanup: { min_verify_passes: 0 }",
      ].join("\n")
      const found = yield* problems(text)
      expect(found.map((one) => one.split(" ").slice(0, 2).join(" ")).toSorted()).toEqual([
        "F:1 time_zone",
        "F:2 http.port",
        "F:2 http.token_file",
        "F:4 equipment.0.transport.type",
        "F:5 equipment.1.completeness",
        "F:5 equipment.1.id",
        "F:6 equipment.2.label",
        "F:7 sessions.max_open",
        "F:7 sessions.max_opened",
        "F:8 nas_cleanup.min_verify_passes",
      ])
    }),
  )

  it.scopedLive("with values of every kind of wrong has all of them reported at once", () =>
    Effect.gen(function* () {
      const text = [
        "equipment:",
        "  - { id: lower, label: x }",
        "  - { id: A_1 }",
        "  - { id: A_1, label: dup, transport: { type: rsync_ssh, host: -x, upload_mbps: fast, port: ssh } }",
        "  - { id: [A_1], label: 3, completeness: { type: silent }, sync_when: complete, nas_root: .inf }",
        "  - no equipment",
        "readme: { defaults: [{ id: a, label: A, type: choice }, { id: b }] }",
        "plugins: { readable_paths: [3, opt] }",
        "sessions: { gc_interval_seconds: 1e400, max_open: !!int x, max_open: 0 }",
        "? [a]",
        ": b",
        "export: !!js/function x",
        "http: { request_seconds: long, head_seconds: 100, host: *nobody }",
      ].join("\n")
      const found = yield* problems(text, {
        EXLAB_DISK__MIN_FREE_MIB: "[",
        EXLAB_SYNC: "x",
        EXLAB_AUDIT__X: "1",
      })
      expect(found.map((one) => one.split(" ").slice(0, 2).join(" "))).toEqual([
        "F:2 equipment.0.id",
        "F:3 equipment.1.label",
        "F:4 equipment.2.transport.port",
        "F:4 equipment.2.transport.upload_mbps",
        "F:4 equipment.2.id",
        "F:4 equipment.2.nas_root",
        "F:4 equipment.2.transport.host",
        "F:5 equipment.3.nas_root",
        "F:5 equipment.3.id",
        "F:5 equipment.3.label",
        "F:5 equipment.3.completeness.type",
        "F:6 equipment.4",
        "F:7 readme.defaults.1.label",
        "F:7 readme.defaults.1.type",
        "F:7 readme.defaults.0",
        "F:8 plugins.readable_paths.0",
        "F:8 plugins.readable_paths.1",
        "F:9 sessions.gc_interval_seconds",
        "F:9 sessions.max_open",
        "F:9 the",
        "F:10 a",
        "F:12 export",
        "F:13 http.host",
        "F:13 http.request_seconds",
        "EXLAB_DISK__MIN_FREE_MIB: a",
        "EXLAB_AUDIT__X: audit.x",
      ])
    }),
  )

  it.scopedLive("with a sync that can't work is told why, key by key", () =>
    Effect.gen(function* () {
      const text = [
        "paths: { local_root: /data/lab }",
        "equipment:",
        "  - id: A",
        "    label: a",
        "    nas_root: /data/lab/nas",
        "    sync_when: complete",
        "    transport: { type: mounted, schedule: [{ days: [], from: 8h, to: '24:00' }] }",
        "  - { id: B, label: b, nas_root: /nas/one, transport: { type: mounted } }",
        "  - { id: C, label: c, nas_root: /nas/../nas/./one/, transport: { type: mounted } }",
        "  - { id: D, label: d, nas_root: /nas/one/d, transport: { type: mounted } }",
        "  - { id: E, label: e, nas_root: /nas/../data/lab/e, transport: { type: mounted } }",
      ].join("\n")
      expect((yield* problems(text)).toSorted()).toEqual([
        "F:10 equipment.3.nas_root is the target of B, lies in it, or holds it: give each a folder of its own",
        "F:11 equipment.4.nas_root lies in the local root, or that in it: a copy needs a place of its own",
        "F:3 equipment.0.completeness must say how a run is known to be complete",
        "F:5 equipment.0.nas_root lies in the local root, or that in it: a copy needs a place of its own",
        "F:7 equipment.0.transport.schedule says when `upload_mbps` is in force: set that, too",
        "F:7 equipment.0.transport.schedule.0.days must name a day, such as mon",
        "F:7 equipment.0.transport.schedule.0.from must be a time such as 08:00",
        "F:7 equipment.0.transport.schedule.0.to must be a time such as 18:30",
        "F:9 equipment.2.nas_root is the target of B, lies in it, or holds it: give each a folder of its own",
      ])
    }),
  )

  it.scopedLive.each([
    ["that is no YAML", "a: [1\nb: }", "F:"],
    ["that is a list", "- 1\n", "F:1 the file must be keys with values"],
    ["with a key twice", "time_zone: UTC\ntime_zone: UTC\n", "F:2 the key time_zone is there twice"],
    ["that is nested without end", "[".repeat(100_000), "F:0 is nested too deeply"],
    ["with a tag", "time_zone: !!js/function x\n", "F:1 time_zone has the tag !!js/function, which is not"],
    ["with two documents", "time_zone: UTC\n---\na: 1\n", "F:2 a second document begins here"],
    ["with two colons", "time_zone: UTC: 1\n", "F:1 a key follows where only a value can be"],
    [
      "with two colons in brackets",
      "export: { license: a: b }\n",
      "F:1 a key or a - can't be here within { }",
    ],
    ["with a list as a key", "? [a]\n: b\n", "F:1 a key must be a text"],
    ["with a bracket left open", "time_zone: [1\n", "F:2 a bracket isn't closed"],
    ["with a number in words", "sessions: { max_open: x }", "sessions.max_open must be a number, not"],
    ["with a switch in words", "sync: { enabled: x }", "sync.enabled must be true or false, not"],
    ["with an empty path", "paths: { local_root: '' }", "F:1 paths.local_root must not be empty"],
    ["that isn't UTF-8", new Uint8Array([0x61, 0xff, 0xfe]), "F: is not UTF-8 text"],
    ["with a prototype", "__proto__: { a: 1 }\n", "F:1 the name __proto__ can't be used"],
  ] as const)("%s is refused by a sentence", ([, text, expected]) =>
    Effect.gen(function* () {
      const found = yield* problems(text)
      expect(found.length).toBeGreaterThan(0)
      expect(found[0]).toContain(expected)
    }),
  )

  it.scopedLive("that is empty, or only comments, sets nothing", () =>
    Effect.gen(function* () {
      const { settings } = yield* settingsOf("# nothing\n")
      expect(settings.timeZone).toBe("UTC")
      expect((yield* settingsOf("")).http.port).toBe(8420)
    }),
  )
})

describe("a variable of the environment", () => {
  it.scopedLive("goes before the file; lists are YAML, texts are texts", () =>
    Effect.gen(function* () {
      const environment = {
        EXLAB_SESSIONS__MAX_OPEN: "7",
        EXLAB_OPERATORS__ALLOWLIST: "[asmith, bjones]",
        EXLAB_EQUIPMENT: '[{"id":"E_1","label":"One"}]',
        EXLAB_ORCHESTRATOR__LABEL: "123",
        EXLAB_TIME_ZONE: "Asia/Tokyo",
        EXLAB_PLUGINS__ALLOW_NETWORK: "true",
        EXLAB_SOMETHING: "of somebody else",
      }
      const text = "time_zone: UTC\nsessions: { max_open: 1, max_working: 3 }\n"
      const { settings } = yield* settingsOf(text, environment)
      expect(settings.sessions).toMatchObject({ maxOpen: 7, maxWorking: 3 })
      expect(settings.operators.allowlist).toEqual(["asmith", "bjones"])
      expect(settings.equipment).toEqual([{ id: "E_1", label: "One", nasRoot: "" }])
      expect(settings.orchestrator.label).toBe("123")
      expect(settings.timeZone).toBe("Asia/Tokyo")
      expect(settings.plugins.allowNetwork).toBe(true)
    }),
  )

  it.scopedLive("that can't be used is named, with all others", () =>
    Effect.gen(function* () {
      const found = yield* problems("http: { port: 70000 }\n", {
        EXLAB_HTTP__PORT: "many",
        EXLAB_SESION__MAX_OPEN: "1",
        EXLAB_OPERATORS__ALLOWLIST: "[",
        EXLAB_SYNC__WORKERS: "many",
      })
      expect(found.map((one) => one.split(" ")[0])).toEqual([
        "F:1",
        "EXLAB_HTTP__PORT:",
        "EXLAB_SESION__MAX_OPEN:",
        "EXLAB_OPERATORS__ALLOWLIST:",
        "EXLAB_SYNC__WORKERS:",
      ])
      expect(found[2]).toContain("did you mean sessions?")
    }),
  )

  it.scopedLive(
    "that is empty says so where no text belongs, and is as good as none where it names a place",
    () =>
      Effect.gen(function* () {
        expect(
          yield* problems("", { EXLAB_HTTP__PORT: "", EXLAB_EQUIPMENT: " ", EXLAB_TIME_ZONE: "" }),
        ).toEqual([
          "EXLAB_HTTP__PORT: http.port is empty: unset the variable, or give it a value",
          "EXLAB_EQUIPMENT: equipment is empty: unset the variable, or give it a value",
          "EXLAB_TIME_ZONE: time_zone must be an IANA name such as Europe/Vienna, and is empty",
        ])
        const environment = { EXLAB_DATA_DIR: "", EXLAB_WIZARD_CONFIG: "", XDG_CONFIG_HOME: "/nowhere" }
        const { file, settings } = yield* Effect.provide(
          YamlSettings.load({ config: Option.none(), environment }),
          NodeDisk.layer,
        )
        expect(file).toBe(null)
        expect(settings.paths.localRoot).toBe(join(process.cwd(), "exlab-data", "local"))
        const named = yield* Effect.flip(
          Effect.provide(YamlSettings.load({ config: Option.some(""), environment }), NodeDisk.layer),
        )
        expect(named.message).toContain("--config names no file")
      }),
  )

  it.scopedLive("has its paths below the working directory, a file's are below the file", () =>
    Effect.gen(function* () {
      const text = "paths: { local_root: lab, templates_dir: templates }\n"
      const { folder, settings } = yield* settingsOf(text, { EXLAB_PATHS__LOCAL_ROOT: "lab" })
      expect(settings.paths.localRoot).toBe(join(process.cwd(), "lab"))
      expect(settings.paths.templatesDir).toBe(join(folder, "templates"))
    }),
  )
})

describe("the file is looked for", () => {
  it.scopedLive("by the option, then the variable, then in the user's configuration directory", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const files = ["option.yaml", "variable.yaml", "exlab-wizard/exlab-wizard.yaml"] as const
      const [option, variable, user] = files.map((name) => join(folder, name))
      for (const file of files) yield* write(join(folder, file), "time_zone: UTC\n")
      const fileOf = (config: Option.Option<string>, environment: Readonly<Record<string, string>>) =>
        Effect.map(YamlSettings.load({ config, environment }), ({ file }) => file)
      const home = { XDG_CONFIG_HOME: folder }
      const both = { ...home, EXLAB_WIZARD_CONFIG: variable! }
      expect(yield* fileOf(Option.some(option!), both)).toBe(option)
      expect(yield* fileOf(Option.none(), both)).toBe(variable)
      expect(yield* fileOf(Option.none(), home)).toBe(user)
      expect(yield* fileOf(Option.none(), { XDG_CONFIG_HOME: join(folder, "none") })).toBe(null)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("and must be there when it is named", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const missing = join(folder, "none.yaml")
      const error = yield* Effect.flip(YamlSettings.load({ config: Option.some(missing), environment: {} }))
      expect(error.message).toContain(
        `there is no settings file ${missing}; \`exlab-wizard init\` writes one`,
      )
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("through a link", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      yield* write(join(folder, "real.yaml"), "time_zone: Asia/Tokyo\n")
      yield* Effect.promise(() => symlink(join(folder, "real.yaml"), join(folder, "link.yaml")))
      const config = Option.some(join(folder, "link.yaml"))
      const { settings } = yield* YamlSettings.load({ config, environment: {} })
      expect(settings.timeZone).toBe("Asia/Tokyo")
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
