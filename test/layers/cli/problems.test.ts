import { existsSync } from "node:fs"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

const settings = (cwd: string) => `
paths: { local_root: lab, state_dir: state }
operators: { allowlist: [asmith, jdoe] }
equipment: [{ id: DEMO_01, label: D, nas_root: ${JSON.stringify(join(cwd, "nas"))}, transport: { type: mounted } }]
`

const request = `
equipment_id: DEMO_01
template_path: imaging_project
lims_project: { short_id: PROJ-1, name_at_creation: Mitochondria }
label: Mitochondria
operator: asmith
objective: Look
variables: { principal_investigator: R. Levi, species: Yeast }
`

const rule = "illegal_filesystem_character"
const path = "DEMO_01/PROJ-1"

/** A project with a name in it that no Windows share takes, and what runs the program beside it. */
const lab = Effect.gen(function* () {
  const cwd = yield* temporaryDirectory
  const project = join(cwd, "lab", path)
  const write = (name: string, text: string) => Effect.promise(() => writeFile(join(cwd, name), text))
  yield* write("exlab-wizard.yaml", settings(cwd))
  yield* write("project.yaml", request)
  const run = (...words: ReadonlyArray<string>) => runProgram(words, { cwd })
  expect((yield* run("create", "project", "--from", "project.yaml")).code).toBe(0)
  yield* write(`lab/${path}/plate 1: blank.txt`, "")
  const record = join(project, ".exlab-wizard/creation.json")
  return { cwd, project, record, run, text: Effect.promise(() => readFile(record, "utf8")) }
})

const because = (reason: string, operator = "asmith") => ["--reason", reason, "--operator", operator]

const columns = (line: string | undefined) => (line ?? "").split("\t")

describe("problems", () => {
  it.scopedLive("overrules, takes back, and tells all of it, each time from the files alone", () =>
    Effect.gen(function* () {
      const { cwd, project, record, run, text } = yield* lab
      expect((yield* run("sync", "revalidate", path)).code).toBe(1)
      const reason = "named so\nby the instrument"
      const overruled = yield* run("problems", "override", "--rule", rule, ...because(reason), path)
      expect(overruled).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ovr-\w+\n$/) })
      expect(overruled.stderr).toBe(`${project} is pending\n`)
      const away = settings(cwd).replace(", transport: { type: mounted }", "")
      yield* Effect.promise(() => writeFile(join(cwd, "away.yaml"), away))
      expect((yield* run("sync", "revalidate", "--config", "away.yaml", path)).stderr).toBe(
        `${project} is pending; nothing is copied: equipment DEMO_01 has no NAS in the settings: set its \`transport\`\n`,
      )
      const id = overruled.stdout.trim()
      expect((yield* run("sync", "revalidate", path)).code).toBe(0)
      expect((yield* run("sync", "status", "--state", "queued")).stdout).toContain(`\tqueued\t${project}\t`)
      const [active] = (yield* run("problems", "history", path)).stdout.split("\n")
      expect(columns(active)).toEqual([
        id,
        "active",
        rule,
        "asmith",
        expect.stringMatching(/^\d{4}-.+Z$/),
        "",
        "named so by the instrument",
      ])
      const words = ["--json", ...because("renamed", "jdoe"), `lab/${path}`, id]
      const revoked = yield* run("problems", "revoke", ...words)
      expect(revoked).toMatchObject({ code: 0, stderr: "" })
      expect(JSON.parse(revoked.stdout)).toMatchObject({
        id: expect.stringMatching(/^ovr-/),
        verdict: { path: project, blocked: true, sync_status: "blocked_by_validation", findings: [{ rule }] },
      })
      expect((yield* run("sync", "revalidate", path)).code).toBe(1)
      const json = JSON.parse(yield* text)
      const old = { ...json.validation_overrides[0], id: "ovr-old", expires_at: "2020-01-31T00:00:00Z" }
      const lost = { ...json.validation_overrides[1], id: "ovr-lost", revokes: "nobody" }
      const more = { ...json, validation_overrides: [...json.validation_overrides, old, lost] }
      yield* Effect.promise(() => writeFile(record, JSON.stringify(more)))
      yield* Effect.promise(() => rm(join(cwd, "state"), { recursive: true }))
      const { stderr, stdout } = yield* run("problems", "history", path)
      const [first, second, third] = stdout.split("\n")
      expect(columns(first).slice(0, 3)).toEqual([id, "revoked", rule])
      expect(second).toMatch(/^ {2}revoked \d{4}-\S+Z by jdoe: renamed$/)
      expect(columns(third).slice(0, 2)).toEqual(["ovr-old", "expired"])
      expect(stderr).toBe("! ovr-lost revokes nobody, which isn't there\n")
      expect(JSON.parse((yield* run("problems", "history", "--json", path)).stdout)).toMatchObject({
        path: project,
        overrides: [
          { id, state: "revoked", reason, revocations: [{ operator: "jdoe", reason: "renamed" }] },
          { id: "ovr-old", state: "expired", expires_at: "2020-01-31T00:00:00Z" },
        ],
        dangling: [{ id: "ovr-lost", revokes: "nobody" }],
      })
    }),
  )

  it.scopedLive(
    "refuses what says nothing, ends before it begins, or names nothing, and writes nothing then",
    () =>
      Effect.gen(function* () {
        const { cwd, run, text } = yield* lab
        const before = yield* text
        const override = (...words: ReadonlyArray<string>) =>
          run("problems", "override", "--rule", rule, ...words)
        expect((yield* override("--operator", "asmith", path)).code).toBe(2)
        expect((yield* override("--reason", "because", path)).code).toBe(2)
        expect((yield* run("problems", "override", "--rule", "everything", ...because("x"), path)).code).toBe(
          2,
        )
        const never = yield* run(
          "problems",
          "override",
          "--rule",
          "unregistered_equipment",
          ...because("x"),
          path,
        )
        expect([never.code, never.stderr]).toEqual([2, expect.not.stringMatching(/\borphan\b/)])
        const refused = yield* override(...because(" ", "mallory"), "--expires", "2020-01-01", path)
        expect(refused).toMatchObject({ code: 1, stdout: "" })
        expect(refused.stderr).toMatch(/reason: must say why.+operator: .+allowlist.+expires_at: has passed/)
        expect((yield* override(...because("x"), "--expires", "soon", path)).stderr).toContain(
          "must be a time",
        )
        const unknown = yield* run("problems", "revoke", ...because("x"), path, "ovr-0")
        expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("names no override") })
        for (const place of ["/etc", "DEMO_01/PROJ-2"]) {
          expect(yield* override(...because("x"), place)).toMatchObject({
            code: 1,
            stderr: expect.stringContaining("paths.local_root"),
          })
        }
        expect((yield* run("problems", "history", "DEMO_01/PROJ-2")).code).toBe(1)
        expect(yield* text).toBe(before)
        expect(existsSync(join(cwd, "nas"))).toBe(false)
      }),
  )

  it.scopedLive("tells what still blocks a directory, and where an override ends", () =>
    Effect.gen(function* () {
      const { project, run } = yield* lab
      const words = ["--rule", "missing_required_field", ...because("x"), "--expires", "2999-12-31", path]
      const other = yield* run("problems", "override", ...words)
      expect(other).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ovr-/) })
      expect(other.stderr).toContain(`plate 1: blank.txt hard ${rule}: `)
      expect(other.stderr).toContain(`${project} is blocked_by_validation\n`)
      const [line] = (yield* run("problems", "history", path)).stdout.split("\n")
      expect([columns(line)[1], columns(line)[5]]).toEqual(["active", "2999-12-31"])
    }),
  )
})
