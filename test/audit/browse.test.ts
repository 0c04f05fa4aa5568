import { execFileSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { type BrowseRequest, Directories } from "../../src/audit/Directories.ts"
import type { TreePage } from "../../src/domain/Tree.ts"
import { Action, DiskFaults, type Operation } from "../support/FaultDisk.ts"
import { ownersRights } from "../support/ownersRights.ts"
import { known, put, putRecorded, recordAt, withDirectories } from "./tree.ts"

const browse = (request: BrowseRequest = {}) => Effect.flatMap(Directories, (it) => it.browse(request))
const at = (path: string) => browse({ path })
const kinds = ({ entries }: TreePage) => entries.map(({ kind, name }) => `${kind} ${name}`)
const pathsOf = ({ entries }: TreePage) => entries.map(({ path }) => path)
const entry = (page: TreePage, name: string) => page.entries.find((one) => one.name === name)

/** One of everything, with links that lead out, up and nowhere. `outside` is beside the local root. */
const plant = (local: string, root: string): void => {
  put(join(root, "outside/secret/treasure.txt"), "secret")
  putRecorded(join(root, "outside/secret"))
  putRecorded(join(local, known, "P-1"), { level: "project" })
  put(join(local, known, "P-1/notes.md"), "four")
  put(join(local, known, "P-1/.exlab-wizard/staging/x/tree/a"))
  put(join(local, known, ".exlab-wizard/staging/P-2/tree/a"))
  put(join(local, ".exlab-wizard/owners/a.lock"))
  put(join(local, known, "P-1/raw/.hidden"))
  put(join(local, known, "P-1/raw/deep/file.bin"), new Uint8Array(300))
  putRecorded(join(local, known, "P-1/Runs/Run_1"))
  putRecorded(join(local, known, "P-1/TestRuns/TestRun_1"), { run_kind: "test", sync_status: "synced" })
  put(join(local, known, "P-1/Runs/.exlab-wizard/runs.json"), "{}")
  put(join(local, known, "P-1/Runs/stray.txt"))
  mkdirSync(join(local, "lost_and_found"))
  put(join(local, "note.txt"))
  symlinkSync(join(root, "outside"), join(local, "out"))
  symlinkSync(join(root, "outside/secret"), join(local, known, "linked"))
  symlinkSync("..", join(local, known, "P-1/up"))
  symlinkSync("loop", join(local, known, "P-1/loop"))
  symlinkSync("nowhere", join(local, known, "P-1/dangling"))
  symlinkSync(join(root, "outside/secret"), join(local, known, "P-1/Runs/Run_out"))
}

const planted = <A, E, R>(body: (local: string) => Effect.Effect<A, E, R>) =>
  withDirectories((local, root) =>
    Effect.zipRight(
      Effect.sync(() => plant(local, root)),
      body(local),
    ),
  )

describe("browsing", () => {
  it.scopedLive(
    "begins with the equipment: what the settings know, there or not, and what stands there besides",
    () =>
      withDirectories((local, root) =>
        Effect.gen(function* () {
          const expected = {
            name: known,
            equipment: { label: "Demonstration", registered: true },
            modifiedAt: null,
          }
          expect((yield* browse()).entries).toMatchObject([expected])
          expect(yield* at(known)).toMatchObject({ kind: "equipment", entries: [] })
          plant(local, root)
          const page = yield* browse()
          expect(page).toMatchObject({ path: "", kind: "root", nextCursor: null })
          expect(kinds(page)).toEqual([
            `equipment ${known}`,
            "equipment lost_and_found",
            "file note.txt",
            "link out",
          ])
          expect(entry(page, "lost_and_found")?.equipment).toEqual({ label: "", registered: false })
          expect(entry(page, known)?.modifiedAt).toMatch(/^\d{4}-.+Z$/)
          expect(yield* at(local)).toEqual(page)
        }),
      ),
  )

  it.scopedLive("goes on level by level, and every path that is told can be asked for", () =>
    planted(() =>
      Effect.gen(function* () {
        expect(kinds(yield* at(known))).toEqual(["project P-1", "link linked"])
        const project = yield* at(`${known}/P-1`)
        expect(kinds(project)).toEqual([
          "run Run_1",
          "link Run_out",
          "file stray.txt",
          "run TestRun_1",
          "link dangling",
          "link loop",
          "file notes.md",
          "folder raw",
          "link up",
        ])
        expect(entry(project, "notes.md")).toMatchObject({ size: 4, path: `${known}/P-1/notes.md` })
        expect(entry(project, "TestRun_1")?.record).toEqual({
          label: "What it is called",
          runKind: "test",
          syncStatus: "synced",
          createdAt: "2026-04-17T14:32:00Z",
          problem: null,
        })
        expect(kinds(yield* at(`${known}/P-1/Runs`))).toEqual(["run Run_1", "link Run_out", "file stray.txt"])
        expect(kinds(yield* at(`${known}/P-1/raw`))).toEqual(["file .hidden", "folder deep"])
        const levels = [yield* browse(), project, yield* at(`${known}/P-1/raw`)].flatMap(
          ({ entries }) => entries,
        )
        for (const { kind, path } of levels) {
          const asked = yield* Effect.either(at(path ?? ""))
          const isOpen = kind !== "file" && kind !== "link"
          expect([path, asked._tag]).toEqual([path, isOpen ? "Right" : "Left"])
        }
      }),
    ),
  )

  it.scopedLive("refuses what isn't a directory here, and says why", () =>
    planted((local) =>
      Effect.gen(function* () {
        const refusal = (path: string) =>
          Effect.map(Effect.flip(at(path)), ({ code, message }) => `${code} ${message}`)
        for (const path of [
          "out",
          "out/secret",
          `${known}/linked`,
          `${known}/P-1/up`,
          `${known}/P-1/up/P-1`,
        ]) {
          expect(yield* refusal(path)).toBe(
            `not_found ${join(local, path)} is behind a link, and links aren't followed`,
          )
        }
        expect(yield* refusal(`${known}/P-1/loop`)).toMatch(/^not_found .+ leads to itself$/)
        expect(yield* refusal(`${known}/P-1/dangling`)).toMatch(/^not_found .+ isn't there$/)
        expect(yield* refusal("note.txt/x")).toMatch(/^not_found .+ isn't there$/)
        expect(yield* refusal("note.txt")).toMatch(/^not_found .+ is no directory$/)
        expect(yield* refusal("NONE")).toMatch(/^not_found .+ isn't there$/)
        expect(yield* refusal("../outside")).toMatch(/^not_found \.\.\/outside may not have /)
        expect(yield* Effect.flip(browse({ cursor: "!" }))).toMatchObject({ field: "cursor" })
        expect(yield* Effect.flip(browse({ limit: 1001 }))).toMatchObject({ field: "limit" })
      }),
    ),
  )

  it.scopedLive("says what can't be read of records, and reads none behind a link or of great size", () =>
    planted((local) =>
      Effect.gen(function* () {
        const runs = join(local, known, "P-2/Runs")
        const problems = {
          Run_broken: /isn't JSON|is not JSON/,
          Run_huge: /more than the 262144 bytes/,
          Run_linked: /links aren't followed/,
          Run_major: /schema version 2\.0/,
          Run_orphan: /has no creation\.json/,
          Run_readme: /readme_fields\.json can't be read/,
        }
        put(recordAt(join(runs, "Run_broken")), "{")
        put(recordAt(join(runs, "Run_huge")), "{")
        truncateSync(recordAt(join(runs, "Run_huge")), 400 * 1024)
        mkdirSync(join(runs, "Run_linked"))
        symlinkSync(join(local, known, "P-1/.exlab-wizard"), join(runs, "Run_linked/.exlab-wizard"))
        put(recordAt(join(runs, "Run_major")), '{"schema_version":"2.0"}')
        mkdirSync(join(runs, "Run_orphan"))
        putRecorded(join(runs, "Run_readme"))
        put(recordAt(join(runs, "Run_readme"), "readme_fields.json"), "[]")
        const page = yield* at(`${known}/P-2`)
        expect(kinds(page)).toEqual(Object.keys(problems).map((name) => `run ${name}`))
        for (const [name, problem] of Object.entries(problems)) {
          expect(entry(page, name)?.record?.problem).toMatch(problem)
        }
        expect(entry(page, "Run_readme")?.record).toMatchObject({
          label: "Cell cycle",
          syncStatus: "pending",
        })
        expect(entry(page, "Run_linked")?.record).toMatchObject({ label: null, syncStatus: null })
      }),
    ),
  )

  it.scopedLive("shows names that aren't UTF-8, sizes and times beyond what numbers and calendars have", () =>
    withDirectories((local) =>
      Effect.gen(function* () {
        const raw = join(local, known, "P-1/raw")
        put(join(raw, "old"))
        utimesSync(join(raw, "old"), 0, 0)
        mkdirSync(Buffer.concat([Buffer.from(`${raw}/a`), Buffer.of(0xff, 0x2f)]).subarray(0, -1))
        writeFileSync(Buffer.concat([Buffer.from(`${raw}/`), Buffer.of(0xc3, 0x28)]), "")
        put(join(raw, "sparse"))
        execFileSync("bash", ["-c", `truncate -s 7E '${join(raw, "sparse")}'`])
        const page = yield* at(`${known}/P-1/raw`)
        expect(entry(page, "a\\xff")).toMatchObject({ kind: "folder", path: null })
        expect(entry(page, "\\xc3(")).toMatchObject({ kind: "file", path: null })
        expect(entry(page, "old")?.modifiedAt).toBe("1970-01-01T00:00:00.000Z")
        expect(entry(page, "sparse")?.size).toBe(7 * 2 ** 60)
        const all: Array<string> = []
        for (let cursor: string | null | undefined; cursor !== null;) {
          const one: TreePage = yield* browse({ path: `${known}/P-1/raw`, limit: 1, cursor })
          all.push(...kinds(one))
          cursor = one.nextCursor
        }
        expect(all).toEqual(kinds(page))
      }),
    ),
  )

  it.scopedLive("tells of what it may not look at, and shows the rest", () =>
    planted((local) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const project = join(local, known, "P-1")
        const allow = (modes: Readonly<Record<string, number>>) => {
          for (const [name, mode] of Object.entries(modes)) chmodSync(join(project, name), mode)
        }
        allow({ Runs: 0, raw: 0, TestRuns: 0o600 })
        yield* faults.arm(ownersRights(local))
        const page = yield* at(`${known}/P-1`)
        expect(entry(page, "Runs")).toMatchObject({
          kind: "runs",
          problem: expect.stringContaining("EACCES"),
        })
        expect(entry(page, "TestRun_1")).toMatchObject({
          kind: "run",
          modifiedAt: null,
          problem: expect.stringContaining("EACCES"),
        })
        expect(entry(page, "raw")?.modifiedAt).toMatch(/Z$/)
        expect(yield* Effect.flip(at(`${known}/P-1/raw`))).toMatchObject({ code: "io_error" })
        yield* faults.disarm
        allow({ Runs: 0o755, raw: 0o755, TestRuns: 0o755 })
      }),
    ),
  )

  it.scopedLive("leaves out what vanishes while it looks", () =>
    planted((local) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const gone = join(local, known, "P-1/notes.md")
        const vanish = Effect.sync(() => rmSync(gone))
        yield* faults.arm(({ name, paths }) =>
          name === "lstat" && paths[0] === gone ? Action.RunBefore({ effect: vanish }) : Action.Pass(),
        )
        expect(entry(yield* at(`${known}/P-1`), "notes.md")).toBeUndefined()
      }),
    ),
  )
})

describe("pages", () => {
  const name = fc.constantFrom("a", "b", "ab", "B", "é", "z0", "_", "10", "9", "Runs")
  const names = fc.uniqueArray(name)

  it.scopedLive("one after the other are the whole list, whatever comes and goes behind them", () =>
    withDirectories((local) =>
      Effect.flatMap(Directories, (directories) =>
        Effect.forEach(
          fc.sample(fc.tuple(names, names, names, fc.integer({ min: 1, max: 4 })), 40),
          (one, index) =>
            Effect.gen(function* () {
              const [own, runs, tests, limit] = one
              const path = `E${index}/P`
              const project = join(local, path)
              mkdirSync(project, { recursive: true })
              for (const it of own.filter((it) => it !== "Runs")) put(join(project, it))
              for (const it of runs) mkdirSync(join(project, "Runs", it), { recursive: true })
              for (const it of tests) mkdirSync(join(project, "TestRuns", it), { recursive: true })
              const whole = yield* directories.browse({ path, limit: 1000 })
              expect(whole.nextCursor).toBe(null)
              const found: Array<string | null> = []
              for (let cursor: string | null | undefined; cursor !== null;) {
                const page: TreePage = yield* directories.browse({ path, limit, cursor })
                found.push(...pathsOf(page))
                expect(page.entries.length).toBeLessThanOrEqual(limit)
                cursor = page.nextCursor
                // What is shown already may go.
                const last = page.entries.at(-1)
                if (last?.kind === "file") rmSync(join(local, last.path ?? ""))
              }
              expect(found).toEqual(pathsOf(whole))
            }),
        ),
      ),
    ),
  )
})

/** Whether an operation stays in the local root: it goes through no link, and isn't of what lies elsewhere. */
const staysInside = (local: string, { name, paths }: Operation): boolean =>
  paths.every((path) => {
    // Of a run that is there, it is looked up what its template requires.
    if (path === join(dirname(local), "templates")) return true
    if (path !== local && !path.startsWith(`${local}/`)) return false
    // Finding out where a path leads is what it takes to refuse it.
    if (name === "realPath" || path === local) return true
    const holder = dirname(path)
    return !existsSync(holder) || realpathSync(holder) === holder
  })

describe("no path", () => {
  const piece = fc.constantFrom(
    known,
    "P-1",
    "Runs",
    "Run_out",
    "Run_1",
    "out",
    "linked",
    "secret",
    "up",
    "loop",
    "dangling",
    "raw",
    "..",
    ".",
    "",
    "%2e%2e",
    "..%2f",
    ".exlab-wizard",
    "staging",
    "outside",
    "a\u0000b",
    "note.txt",
    "x".repeat(300),
  )
  const anyPath = fc.oneof(
    { weight: 8, arbitrary: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("/")) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom("/", "/etc", "/proc/self/root", "~", "file:///etc") },
  )

  it.scopedLive(
    "has anything outside of the local root read, or changed, by looking around or at a run",
    () =>
      planted((local) =>
        Effect.gen(function* () {
          const directories = yield* Directories
          const faults = yield* DiskFaults
          for (const path of fc.sample(anyPath, 600)) {
            yield* faults.arm(() => Action.Pass())
            for (const given of [path, `${local}/${path}`]) {
              const said = [
                yield* Effect.either(directories.browse({ path: given })),
                yield* Effect.either(directories.describe(given)),
              ]
              for (const one of said) {
                if (one._tag === "Right") expect(JSON.stringify(one.right)).not.toContain("treasure")
                else expect([given, one.left.code]).toEqual([given, expect.not.stringContaining("io_error")])
              }
            }
            const done = yield* faults.disarm
            expect(done.filter((operation) => !staysInside(local, operation))).toEqual([])
            const names = new Set(done.map(({ name }) => name))
            expect(
              [...names].filter((it) => !["lstat", "realPath", "list", "readFile"].includes(it)),
            ).toEqual([])
          }
        }),
      ),
  )
})
