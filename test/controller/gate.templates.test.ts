import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Embedded from "../../layers/Embedded.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { inWorld, settingsBelow, writeTemplates } from "../support/world.ts"
import { done, issuesOf, makeProject, refused, writeFiles } from "./gateWorld.ts"

const manifest = (name: string, more = "") => `name: ${name}\nversion: "1"\ntype: project\n${more}`

const template = (name: string, more = "") => ({ [`templates/${name}/template.yaml`]: manifest(name, more) })

describe("a template's place", () => {
  it.effect("is a name, or a path that stays inside the template roots", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, {
          "outside/template.yaml": manifest("outside"),
          "templates/broken/template.yaml": "name: [",
          "templates/no_manifest/notes.txt": "",
        })
        symlinkSync(join(root, "outside"), join(root, "templates", "link"))
        const elsewhere = [
          "",
          "absent",
          "../outside",
          join(root, "outside"),
          "plain_project/../../outside",
          "link",
          join(root, "templates", "link"),
          "broken",
          "no_manifest",
          "/etc/passwd",
          ".",
          "x".repeat(10_000),
        ]
        for (const templatePath of elsewhere) {
          const issues = yield* refused(root, projectRequest({ templatePath }))
          expect([templatePath, ...issues]).toEqual([templatePath, "template_path template_load_error"])
        }
        const inside = [join(root, "templates", "plain_project"), "plain_project"]
        for (const [index, templatePath] of inside.entries()) {
          const limsProject = { ...projectRequest().limsProject, shortId: `P-${index}` }
          yield* done(projectRequest({ templatePath, limsProject }))
        }
      }),
    ),
  )

  it.effect("of which the files can't be used is told after the names and the core fields", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, {
          ...template("unsound", "readme: { fields: [{ id: label, label: L, type: string }] }\n"),
          ...template("undeclared"),
          "templates/undeclared/a.txt.hbs": "{{nobody}}",
        })
        const unsound = projectRequest({ templatePath: "unsound" })
        expect(yield* refused(root, unsound)).toEqual(["template_path template_core_field_redeclared"])
        const undeclared = projectRequest({ templatePath: "undeclared" })
        const [issue] = yield* issuesOf(root, undeclared)
        expect(issue).toMatchObject({ field: "template_path", code: "template_load_error" })
        expect(issue?.message).toContain("a.txt.hbs")
        expect(yield* refused(root, { ...undeclared, label: "" })).toEqual(["label validation_failed"])
      }),
    ),
  )
})

describe("a template's questions", () => {
  const questions = `questions:
  stain: { type: choice, options: [DAPI, GFP], required: true }
  slides: { type: integer, default: 3 }
  day: { type: date }
  dose: { type: number, required: true, when: "{{eq stain 'GFP'}}" }
  code: { type: string, pattern: "^[A-Z]+$" }
  dry: { type: boolean }
`
  const asking = { ...template("asking", questions), "templates/asking/out.txt.hbs": "{{stain}} {{slides}}" }
  const answer = (variables: object) => ({ ...projectRequest({ templatePath: "asking" }), variables })

  it.effect(
    "are told all at once: missing, of another type, no choice, no match, unknown, not to be set",
    () =>
      inWorld({}, (root) =>
        Effect.gen(function* () {
          yield* writeFiles(root, asking)
          const cases: ReadonlyArray<readonly [object, ReadonlyArray<string>]> = [
            [{}, ["stain"]],
            [{ stain: "" }, ["stain"]],
            [{ stain: null }, ["stain"]],
            [
              { stain: "Hoechst", slides: "3", day: "2026-02-30", code: "a", dry: "yes" },
              ["stain", "slides", "day", "code", "dry"],
            ],
            [{ stain: "GFP" }, ["dose"]],
            [{ stain: "DAPI", dose: 1 }, ["dose"]],
            [
              { stain: "DAPI", run_kind: "test", label: "x", created_at: "" },
              ["run_kind", "label", "created_at"],
            ],
            [{ stain: "DAPI", Stain: "DAPI", extra: { a: 1 } }, ["Stain", "extra"]],
          ]
          for (const [variables, wrong] of cases) {
            expect(yield* refused(root, answer(variables))).toEqual(
              wrong.map((id) => `variables.${id} validation_failed`),
            )
          }
          yield* done(answer({ stain: "GFP", dose: 0.5, dry: false }))
        }),
      ),
  )
})

describe("README fields", () => {
  const fields = `readme:
  fields:
    - { id: room, label: Room, type: string, required: true }
    - { id: cells, label: Cells, type: integer, default: 5 }
`
  const defaults = [
    { id: "grant", label: "Grant", type: "string", required: true },
    { id: "safety", label: "Safety", type: "choice", options: ["S1", "S2"], default: "S1" },
  ] as const
  const noting = (readmeExtra: object) => ({ ...projectRequest({ templatePath: "noting" }), readmeExtra })

  it.effect("are required by the template, then by the settings, and other ids are custom ones", () =>
    inWorld({ settings: { readme: { defaults } } }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, template("noting", fields))
        const cases: ReadonlyArray<readonly [object, ReadonlyArray<string>]> = [
          [{}, ["room", "grant"]],
          [{ room: " ", grant: null }, ["room", "grant"]],
          [{ room: "B12", grant: "G", cells: "5", safety: "S3" }, ["cells", "safety"]],
          [
            { room: "B12", grant: "G", label: "x", created: "y", " room ": "z" },
            ["label", "created", " room "],
          ],
          [{ room: "B12", grant: "G", list: [1], object: {} }, ["list", "object"]],
        ]
        for (const [extra, wrong] of cases) {
          expect(yield* refused(root, noting(extra))).toEqual(
            wrong.map((id) => `readme_extra.${id} validation_failed`),
          )
        }
        yield* done(noting({ room: "B12", grant: "G", weather: "rain" }))
      }),
    ),
  )

  it.effect("are declared once over template and settings", () =>
    inWorld({ settings: { readme: { defaults: [{ id: "room", label: "Room", type: "string" }] } } }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, template("noting", fields))
        expect(yield* issuesOf(root, noting({ room: "B12" }))).toEqual([
          {
            field: "readme_extra.room",
            code: "validation_failed",
            message: "the configuration declares the README field room, which the template declares, too",
          },
        ])
      }),
    ),
  )
})

describe("a template's plugins", () => {
  const plugins = {
    batches: { moves: [], requiredVariables: ["batch", "site"], optionalVariables: ["remark"] },
    quiet: { moves: [] },
  }
  const using = (variables: object) => ({ ...projectRequest({ templatePath: "using" }), variables })

  it.effect("are known and have their variables: each missing one is told", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, {
          ...template("using", "plugins: [batches, quiet]\n"),
          ...template("unknown", "plugins: [nobody, quiet, batches]\n"),
          ...template("asking", "plugins: [batches]\nquestions: { site: { type: string } }\n"),
        })
        const problem = (message: string) => ({
          field: "variables",
          code: "plugin_variable_validation_failed",
          message,
        })
        expect(yield* issuesOf(root, using({}))).toEqual([
          problem("plugin batches: needs the variable batch"),
          problem("plugin batches: needs the variable site"),
        ])
        expect(yield* issuesOf(root, using({ batch: "B", site: "" }))).toEqual([
          problem("plugin batches: needs the variable site"),
        ])
        expect(
          yield* issuesOf(root, { ...using({ batch: "B", site: "S" }), templatePath: "unknown" }),
        ).toEqual([problem("plugin nobody: is not known")])
        // A question that nobody answered is no value for a plugin.
        expect(yield* issuesOf(root, { ...using({ batch: "B" }), templatePath: "asking" })).toEqual([
          problem("plugin batches: needs the variable site"),
        ])
        expect(yield* refused(root, using({ batch: "B", site: "S", other: 1 }))).toEqual([
          "variables.other validation_failed",
        ])
        yield* done(using({ batch: "B", site: "S", remark: { any: ["JSON"] } }))
      }),
    ),
  )

  it.scoped("are refused where the service doesn't know them", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      yield* writeTemplates(root, { quiet: { moves: [] } })
      const service = Embedded.layer(settingsBelow(root))
      yield* Effect.gen(function* () {
        expect(yield* issuesOf(root, projectRequest({ templatePath: "quiet_project" }))).toEqual([
          {
            field: "template_path",
            code: "plugin_host_unavailable",
            message: expect.stringContaining("there is no plugin quiet; there are csv-header") as string,
          },
        ])
        yield* done(projectRequest())
        yield* makeProject(root, "P-1")
        expect(
          yield* refused(root, runRequest({ templatePath: "quiet_run", projectShortId: "P-1" })),
        ).toEqual(["template_path plugin_host_unavailable"])
      }).pipe(Effect.provide(Layer.orDie(service)))
    }),
  )
})
