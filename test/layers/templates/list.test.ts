import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Settings } from "../../../src/ports/Settings.ts"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import { layer, manifest, writeFiles } from "./engine.ts"

const list = (equipmentId: string | null) =>
  Effect.flatMap(TemplateEngine, (engine) => engine.list({ equipmentId }))

it.scopedLive("the list has what a request may name, found as the request would find it", () =>
  Effect.gen(function* () {
    const { paths } = yield* Settings
    const engine = yield* TemplateEngine
    const own = join(paths.localRoot, "CONFOCAL_01", ".exlab-wizard", "templates")
    writeFiles(paths.templatesDir, {
      "beside/template.yaml": manifest(),
      "projects/both/template.yaml": manifest(),
      "runs/one/template.yaml": manifest(),
      "runs/.hidden/template.yaml": manifest(),
      "runs/broken/template.yaml": "name: [",
      "plugins/no-template/manifest.yaml": "name: x",
      "notes.txt": "no folder",
    })
    writeFiles(own, { "runs/both/template.yaml": manifest(), "runs/mine/template.yaml": manifest() })
    const all = yield* list(null)
    expect(all.templates.map(({ name }) => name)).toEqual(["beside", "both", "one"])
    expect(all.unusable.map(({ error, name }) => [name, error.code])).toEqual([
      ["broken", "template_load_error"],
    ])
    const { templates } = yield* list("CONFOCAL_01")
    expect(templates.map(({ located, name }) => [name, located.origin])).toEqual([
      ["beside", "global"],
      ["both", "equipment"],
      ["mine", "equipment"],
      ["one", "global"],
    ])
    for (const { located, name } of templates) {
      expect(yield* engine.locate(name, { equipmentId: "CONFOCAL_01" })).toEqual(located)
    }
  }).pipe(Effect.provide(layer())),
)

it.scopedLive("an id that is none, and folders that aren't there, add nothing to the list", () =>
  Effect.gen(function* () {
    const { paths } = yield* Settings
    writeFiles(paths.templatesDir, { "runs/one/template.yaml": manifest() })
    for (const id of ["../CONFOCAL_01", "", "NOWHERE"]) {
      expect((yield* list(id)).templates.map(({ name }) => name)).toEqual(["one"])
    }
  }).pipe(Effect.provide(layer())),
)
