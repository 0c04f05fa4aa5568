import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Issue } from "../../src/domain/Errors.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { create, createAs, done, issuesOf, issuesOfCall, refusalOf } from "./gateWorld.ts"

const said = (issues: ReadonlyArray<Issue>) =>
  Object.fromEntries(issues.map(({ field, message }) => [field, message]))

const lims = { ...projectRequest().limsProject, cacheFreshnessAtUse: "2026-04-17T14:00:00Z" }
const wholeProject = { ...projectRequest(), limsProject: lims, readmeExtra: {} }
const wholeRun = {
  ...runRequest(),
  limsProject: lims,
  readmeExtra: {},
  runDate: "2026-04-17",
}

/** The texts of a request by their wire path, and the request with another text there. */
const texts = {
  equipment_id: (text: string) => ({ ...wholeRun, equipmentId: text }),
  template_path: (text: string) => ({ ...wholeRun, templatePath: text }),
  label: (text: string) => ({ ...wholeRun, label: text }),
  operator: (text: string) => ({ ...wholeRun, operator: text }),
  objective: (text: string) => ({ ...wholeRun, objective: text }),
  request_id: (text: string) => ({ ...wholeRun, requestId: text }),
  project_short_id: (text: string) => ({ ...wholeRun, projectShortId: text }),
  run_kind: (text: string) => ({ ...wholeRun, runKind: text }),
  run_date: (text: string) => ({ ...wholeRun, runDate: text }),
  "lims_project.uid": (text: string) => ({ ...wholeRun, limsProject: { ...lims, uid: text } }),
  "lims_project.short_id": (text: string) => ({ ...wholeProject, limsProject: { ...lims, shortId: text } }),
  "lims_project.name_at_creation": (text: string) => ({
    ...wholeProject,
    limsProject: { ...lims, nameAtCreation: text },
  }),
  "lims_project.source": (text: string) => ({ ...wholeProject, limsProject: { ...lims, source: text } }),
  "lims_project.cache_freshness_at_use": (text: string) => ({
    ...wholeProject,
    limsProject: { ...lims, cacheFreshnessAtUse: text },
  }),
  "variables.note": (text: string) => ({ ...wholeProject, variables: { note: text } }),
  "variables.deep.0.is.it": (text: string) => ({ ...wholeRun, variables: { deep: [{ is: { it: text } }] } }),
  "readme_extra.note": (text: string) => ({ ...wholeRun, readmeExtra: { note: text } }),
  "readme_extra.deep.0.is.it": (text: string) => ({
    ...wholeRun,
    readmeExtra: { deep: [{ is: { it: text } }] },
  }),
  // A key is told by the object that has it.
  variables: (text: string) => ({ ...wholeRun, variables: { [text]: 1 } }),
  readme_extra: (text: string) => ({ ...wholeProject, readmeExtra: { [text]: 1 } }),
  "variables.deep.0": (text: string) => ({ ...wholeRun, variables: { deep: [{ [text]: 1 }] } }),
}

describe("a text that survives no file", () => {
  it.effect("is refused wherever it stands", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const [field, withText] of Object.entries(texts)) {
          for (const [text, reason] of [
            ["a\u0000b", "contains a NUL character"],
            ["a\ud83d", "contains half of a surrogate pair"],
            ["\ude00b", "contains half of a surrogate pair"],
          ] as const) {
            const issues = yield* issuesOf(root, withText(text))
            expect(issues).toEqual([
              { field, code: "validation_failed", message: expect.stringContaining(reason) as string },
            ])
          }
        }
      }),
    ),
  )

  it.effect("is told together with all others", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const issues = yield* issuesOf(root, {
          ...wholeRun,
          label: "\u0000",
          operator: 5,
          limsProject: { ...lims, uid: "\ud800", source: "hearsay" },
          variables: { a: "\u0000", b: { "\u0000": 1 } },
        })
        expect(issues.map(({ field }) => field).toSorted()).toEqual([
          "label",
          "lims_project.source",
          "lims_project.uid",
          "operator",
          "variables.a",
          "variables.b",
        ])
      }),
    ),
  )
})

describe("a caller without types", () => {
  it.effect("is told the fields that are missing, misspelled or of another type", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const required = "is required"
        expect(said(yield* issuesOfCall(root, createAs("project", {})))).toEqual({
          equipment_id: required,
          template_path: required,
          variables: required,
          label: required,
          operator: required,
          objective: required,
          lims_project: required,
        })
        expect(said(yield* issuesOfCall(root, createAs("run", projectRequest())))).toEqual({
          project_short_id: required,
          run_kind: required,
        })
        expect(said(yield* issuesOfCall(root, createAs("project", runRequest())))).toEqual({
          project_short_id: "belongs to a run's request, not to a project's",
          run_kind: "belongs to a run's request, not to a project's",
          lims_project: required,
        })
        const { equipmentId, ...others } = runRequest()
        expect(said(yield* issuesOf(root, { ...others, equipment_id: equipmentId, Bogus: 1 }))).toEqual({
          equipment_id: "is spelled equipmentId here",
          Bogus: "is no field of a run's request",
        })
      }),
    ),
  )

  it.effect("is told what each field must be", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const text = "must be a text"
        const maybe = "must be a text, or left out"
        const wrong = Object.fromEntries([...Object.keys(wholeRun), "requestId"].map((name) => [name, [7]]))
        expect(said(yield* issuesOfCall(root, createAs("run", wrong)))).toEqual({
          equipment_id: text,
          template_path: text,
          label: text,
          operator: text,
          objective: text,
          project_short_id: text,
          run_kind: 'must be "experimental" or "test"',
          run_date: maybe,
          request_id: maybe,
          variables: "must be an object with a value for each variable",
          readme_extra: "must be an object with a value for each field",
          lims_project: "must be an object with uid, short_id, name_at_creation and source",
        })
        const wrongLims = Object.fromEntries(Object.keys(lims).map((name) => [name, 7]))
        expect(said(yield* issuesOf(root, { ...wholeRun, limsProject: { ...wrongLims, extra: 1 } }))).toEqual(
          {
            "lims_project.uid": text,
            "lims_project.short_id": text,
            "lims_project.name_at_creation": text,
            "lims_project.source": 'must be "live", "cache" or "offline_catalogue"',
            "lims_project.cache_freshness_at_use": maybe,
            "lims_project.extra": "is no field of a run's request",
          },
        )
      }),
    ),
  )

  it.effect("may say undefined and null for what may be left out", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const project = yield* done({
          ...projectRequest(),
          requestId: undefined,
          readmeExtra: undefined,
          limsProject: { ...projectRequest().limsProject, cacheFreshnessAtUse: undefined },
        })
        expect(project.path).toBe(`${root}/local/DEMO_01/PROJ-0042`)
        yield* done({
          ...runRequest(),
          requestId: null,
          runDate: undefined,
          limsProject: undefined,
          readmeExtra: undefined,
        })
        const stray = createAs("project", { ...projectRequest(), projectShortId: undefined })
        expect(said(yield* issuesOfCall(root, stray))).toEqual({
          project_short_id: "is undefined: leave it out, or say null",
        })
      }),
    ),
  )

  it.effect("gets a clear refusal for whatever is no request", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const nothing of [5, "request", true, [], [runRequest()], () => 1, Symbol("request"), 1n]) {
          for (const kind of ["project", "run"] as const) {
            expect(said(yield* issuesOfCall(root, createAs(kind, nothing)))).toMatchObject({
              equipment_id: "is required",
              label: "is required",
            })
          }
        }
      }),
    ),
  )

  it.effect("gets a clear refusal for values that JSON doesn't have", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const loop: Record<string, unknown> = {}
        Object.assign(loop, { again: loop, more: [loop] })
        let deep: unknown = 1
        for (let level = 0; level < 65; level += 1) deep = [deep]
        let shared: unknown = 1
        for (let level = 0; level < 60; level += 1) shared = { a: shared, b: shared }
        const strangers: Record<string, unknown> = {
          "an undefined": undefined,
          "a function": () => "x",
          "a bigint": 1n,
          "can't be read": Symbol("x"),
          "not a finite number": Number.NaN,
          "an object of a class": new Map([["a", 1]]),
          "an object of a class, bytes": new Uint8Array(2),
          "nested deeper than 64 levels": deep,
          "nested deeper than 64 levels, itself": loop,
          "holds more than 20000 values": Array.from({ length: 1_000_000 }, () => 0),
          "holds more than 20000 values, shared": shared,
          "holds more than 1000000 characters": "x".repeat(1_000_001),
        }
        for (const [told, value] of Object.entries(strangers)) {
          for (const field of ["variables", "readmeExtra"] as const) {
            const issues = yield* issuesOf(root, { ...projectRequest(), [field]: { value } })
            const wire = field === "variables" ? "variables" : "readme_extra"
            expect(issues.length).toBeLessThanOrEqual(100)
            for (const issue of issues) {
              expect(issue.field).toMatch(new RegExp(`^${wire}(\\.|$)`))
              expect(issue.message).toContain(told.split(",")[0]!.replace("an undefined", "undefined"))
            }
          }
        }
      }),
    ),
  )

  it.effect("has texts of a size that fits into records", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const most = "x".repeat(10_000)
        const long = `${most}x`
        const message = "holds more than 10000 characters"
        for (const field of ["request_id", "lims_project.uid", "lims_project.name_at_creation"] as const) {
          expect(said(yield* issuesOf(root, texts[field](long)))).toEqual({ [field]: message })
        }
        yield* done({ ...wholeProject, requestId: most, limsProject: { ...lims, uid: most } })
      }),
    ),
  )

  it.effect("may send objects of a class with the right fields", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        class Form {
          equipmentId = "DEMO_01"
          templatePath = "plain_project"
          limsProject = projectRequest().limsProject
          variables = {}
          operator = "asmith"
          objective = "Cells"
          get label() {
            return "Computed"
          }
        }
        expect((yield* done(new Form())).blocked).toBe(false)
        class Hostile extends Form {
          override get label() {
            return "a\u0000"
          }
        }
        const handle = yield* create(new Hostile())
        expect((yield* refusalOf(handle)).field).toBe("label")
      }),
    ),
  )

  it.effect("whose objects break when they are read is told where", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const breaking = (object: object, name: string) =>
          Object.defineProperty({ ...object }, name, {
            enumerable: true,
            get: () => {
              throw new Error("no")
            },
          })
        const { limsProject } = projectRequest()
        const hostile = breaking(
          {
            ...projectRequest(),
            variables: { deep: [breaking({}, "x")] },
            limsProject: breaking(limsProject, "uid"),
          },
          "label",
        )
        expect(said(yield* issuesOf(root, hostile))).toEqual({
          label: "can't be read",
          "variables.deep.0.x": "can't be read",
          "lims_project.uid": "can't be read",
        })
      }),
    ),
  )

  it.effect("sends keys that objects have by themselves, and they stay keys", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const keys = JSON.parse(
          '{"__proto__": {"polluted": true}, "constructor": "x", "toString": "y"}',
        ) as object
        const issues = yield* issuesOf(root, { ...projectRequest(), variables: keys })
        expect(issues.map(({ field }) => field)).toEqual([
          "variables.__proto__",
          "variables.constructor",
          "variables.toString",
        ])
        const readme = JSON.parse('{"__proto__": "z", "constructor": "x", "toString": "y"}') as object
        yield* done({ ...projectRequest(), readmeExtra: readme })
        expect(({} as Record<string, unknown>)["polluted"]).toBe(undefined)
        const own = Object.defineProperty({ ...projectRequest() }, "__proto__", {
          enumerable: true,
          value: 1,
        })
        expect(said(yield* issuesOf(root, own))).toEqual({
          ["__proto__"]: "is no field of a project's request",
        })
      }),
    ),
  )
})
