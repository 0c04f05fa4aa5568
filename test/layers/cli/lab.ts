import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"

const write = (path: string, text: string) => Effect.promise(() => writeFile(path, text))

/** Has to know a lot's number. */
const asksForLot = `import { appendFile } from "node:fs/promises"
import { definePlugin } from "exlab-wizard/plugin"
const field = { id: "lot", label: "Lot's number", type: "integer", required: true }
export default definePlugin({
  async transform(file, ctx) {
    if (ctx.extraInputs?.lot === undefined) return ctx.requestInput([field], "a lot is needed")
    await appendFile(ctx.root + "/" + file, "lot " + ctx.extraInputs.lot + "\\n")
    return "modified"
  },
})
`

/** Settings, a plugin `lot`, and a template `lot_project` that uses it, after those of `first`. */
export const withPlugin = (cwd: string, code: string = asksForLot, first: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const [template, plugin] = [join(cwd, "templates", "lot_project"), join(cwd, "plugins", "lot")]
    yield* Effect.promise(() => mkdir(template, { recursive: true }))
    yield* Effect.promise(() => mkdir(plugin, { recursive: true }))
    yield* write(
      join(template, "template.yaml"),
      `name: lot_project\nversion: "1"\ntype: project\nplugins: [${[...first, "lot"].join(", ")}]\n`,
    )
    yield* write(join(template, "a.txt.hbs"), "{{label}}\n")
    yield* write(
      join(plugin, "manifest.yaml"),
      'name: lot\nversion: "1.0.0"\napi_version: "1"\nruntime: node\nentry: plugin.mjs\nmatches: [".txt"]\n',
    )
    yield* write(join(plugin, "plugin.mjs"), code)
    const paths = "templates_dir: templates, local_root: lab, plugin_dir: plugins"
    yield* write(join(cwd, "exlab-wizard.yaml"), `paths: { ${paths} }\n`)
  })

/** All that this template wants. */
export const lotProject = [
  ...["equipment_id=DEMO_01", "template_path=lot_project", "label=L", "operator=me", "objective=O"],
  ...["lims_project.short_id=PROJ-1", "lims_project.name_at_creation=N"],
].flatMap((pair) => ["--set", pair])
