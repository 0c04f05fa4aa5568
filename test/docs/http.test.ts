import { execFile } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundledTemplates } from "../../layers/EmbeddedSettings.ts"
import * as Standalone from "../../layers/Standalone.ts"
import { startService } from "../layers/http/service.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const run = promisify(execFile)
const page = resolve(import.meta.dirname, "../../docs/http.md")

/** The first listing of a language, for this service. */
const listing = async (language: string, url: string): Promise<string> => {
  const [, code = ""] =
    new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(await readFile(page, "utf8")) ?? []
  return code.replace("http://127.0.0.1:8420", url)
}

/** Those of the bundled templates, doing nothing. */
const plugins = {
  "filename-renamer": { moves: [] },
  "csv-header": { moves: [] },
  "xlsx-fields": { moves: [] },
}

const started = Effect.gen(function* () {
  const service = yield* startService({ plugins, settings: { paths: { templatesDir: bundledTemplates } } })
  const folder = yield* temporaryDirectory
  const inShell = (code: string) => run("bash", ["-euc", code], { cwd: folder })
  const asProgram = async (code: string) => {
    await writeFile(join(folder, "program.mjs"), code)
    return run(process.execPath, ["program.mjs"], { cwd: folder })
  }
  return { ...service, inShell, asProgram }
})

it.scopedLive("the page's lines for a shell make a project, follow it, and show it", () =>
  Effect.gen(function* () {
    const { inShell, localRoot, url } = yield* started
    const { stdout } = yield* Effect.promise(async () => inShell(await listing("sh", url)))
    expect(stdout).toContain("event: done\n")
    expect(stdout).toContain('"state":"done"')
    expect(stdout).toContain(join(localRoot, "DEMO_01", "PROJ-0042"))
  }),
)

it.scopedLive("the page's program tells every problem of a request, and what it comes to without any", () =>
  Effect.gen(function* () {
    const { asProgram, inShell, localRoot, url } = yield* started
    yield* Effect.promise(async () => inShell(await listing("sh", url)))
    const program = yield* Effect.promise(() => listing("js", url))
    const refused = yield* Effect.promise(() => asProgram(program))
    expect(refused.stdout).toMatch(/^variables\.\w+: .+$/m)
    const mended = program
      .replace("flow_cytometry_run", "plate_reader_run")
      .replace("variables: {}", 'variables: { assay: "IL-6 ELISA", wavelength_nm: 450, reads: 2 }')
    const previewed = yield* Effect.promise(() => asProgram(mended))
    expect(previewed.stdout).toContain(join(localRoot, "DEMO_01", "PROJ-0042"))
    expect(previewed.stdout).toMatch(/: \d+ files$/m)
  }),
)

it.scopedLive("the line that the service greets with makes a project", () =>
  Effect.gen(function* () {
    const { inShell, url } = yield* started
    const [, ...lines] = Standalone.greetingAt(url, null, "DEMO_01").split("\n\n")
    const { stdout } = yield* Effect.promise(() => inShell(lines.join("\n")))
    expect(JSON.parse(stdout)).toMatchObject({ state: "rendering" })
  }),
)
