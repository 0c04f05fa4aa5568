import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { Chunk, Effect, Stream } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import * as Embedded from "../../layers/Embedded.ts"
import { imagingProject } from "../../scripts/demoRequests.ts"
import { CreationController } from "../../src/controller/CreationController.ts"

const run = promisify(execFile)
const root = resolve(import.meta.dirname, "../..")

/** What the page has a reader do: to write a file, or to type commands. In its order. */
type Step = { readonly path: string; readonly text: string } | { readonly commands: string }

const steps = async (): Promise<ReadonlyArray<Step>> => {
  const page = await readFile(join(root, "docs/plugins.md"), "utf8")
  return [...page.matchAll(/```\w+ (?:step|file=(\S+))\n([\s\S]*?)```/g)].map(([, path, text = ""]) =>
    path === undefined ? { commands: text } : { path, text },
  )
}

const packages = "npm install --save-dev exlab-wizard typescript @types/node@20\n"

let folder = ""

/** What the reader's `npm install` does, without a network: the package as it would be published. */
const installPackages = async (lab: string) => {
  const modules = join(lab, "node_modules")
  await mkdir(join(modules, "@types"), { recursive: true })
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]
  const [packed] = JSON.parse((await run("npm", pack, { cwd: root })).stdout) as [
    { readonly filename: string },
  ]
  await run("tar", ["-xzf", join(folder, packed.filename), "-C", modules])
  await run("mv", [join(modules, "package"), join(modules, "exlab-wizard")])
  await mkdir(join(modules, ".bin"))
  for (const name of ["typescript", "@types/node", "undici-types", ".bin/tsc"]) {
    await symlink(join(root, "node_modules", name), join(modules, name))
  }
}

const follow = async (step: Step, lab: string) => {
  if ("path" in step) {
    await mkdir(dirname(join(lab, step.path)), { recursive: true })
    await writeFile(join(lab, step.path), step.text)
    return ""
  }
  const installs = step.commands.includes(packages)
  const cwd = installs ? dirname(lab) : lab
  const { stdout } = await run("bash", ["-euc", step.commands.replace(packages, "")], { cwd })
  if (installs) await installPackages(lab)
  return stdout
}

beforeAll(async () => {
  await run("npm", ["run", "--silent", "build"], { cwd: root })
  folder = await realpath(await mkdtemp(join(tmpdir(), "exlab-wizard-author-")))
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

const template = `name: notes_run
version: "1"
type: run
run_scope: both
plugins: [reagent-lot, contents]
questions:
  reagent: { type: string, label: Reagent, required: true }
  contents_file: { type: string, label: Table of contents, required: true, default: contents.csv }
`

/** A run whose template uses both plugins of the page. */
const createRun = Effect.gen(function* () {
  const wizard = yield* CreationController
  yield* Effect.flatMap(wizard.createProject(imagingProject("PROJ-0001")), ({ sessionId }) =>
    wizard.awaitResult(sessionId),
  )
  const { sessionId } = yield* wizard.createRun({
    ...{ equipmentId: "DEMO_01", operator: "asmith", projectShortId: "PROJ-0001", runKind: "experimental" },
    ...{ templatePath: join(folder, "templates", "notes_run"), label: "Notes", objective: "Notes" },
    variables: { reagent: "Trypsin" },
  })
  const events = yield* wizard.subscribe(sessionId).pipe(
    Stream.tap((event) =>
      event.kind === "input_required"
        ? Effect.asVoid(
            wizard.resume(sessionId, { lot: "A-17" }, { promptId: event.promptId, answeredBy: "asmith" }),
          )
        : Effect.void,
    ),
    Stream.runCollect,
  )
  return { events: Chunk.toReadonlyArray(events), ...(yield* wizard.awaitResult(sessionId)) }
})

it("the author's page works step by step, and its plugins in the service", { timeout: 300_000 }, async () => {
  const lab = join(folder, "lab")
  const said: Array<string> = []
  for (const step of await steps()) said.push(await follow(step, lab))
  expect(said.join("\n")).toMatch(/pass 2\b/)
  expect(said.at(-1)).toBe(
    '{"kind": "file", "path": "contents.csv", "status": "created"}\n{"kind": "result"}\nfile,bytes\nnotes.txt,13\n',
  )

  const templates = join(folder, "templates")
  await mkdir(join(templates, "notes_run", "notes"), { recursive: true })
  await writeFile(join(templates, "notes_run", "template.yaml"), template)
  await writeFile(join(templates, "notes_run", "notes", "day.md"), "# Day 1\n")
  await cp(join(root, "templates", "projects", "imaging_project"), join(templates, "imaging_project"), {
    recursive: true,
  })
  const paths = { localRoot: join(folder, "data"), templatesDir: templates, pluginDir: join(lab, "plugins") }
  const { events, path } = await Effect.runPromise(Effect.provide(createRun, Embedded.layer({ paths })))
  expect(events.filter(({ kind }) => kind === "warning")).toEqual([])
  expect(await readFile(join(path, "notes", "day.md"), "utf8")).toBe("# Day 1\n\nLot of Trypsin: A-17\n")
  expect(await readFile(join(path, "contents.csv"), "utf8")).toMatch(
    /^file,bytes\n(?:.*\n)*notes\/day\.md,30\n/,
  )
})

it("every link of the page leads somewhere", async () => {
  const page = await readFile(join(root, "docs/plugins.md"), "utf8")
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-")
  const anchors = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading))
  for (const [, file = "", anchor] of page.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
    const text = file === "" ? page : await readFile(join(root, "docs", file), "utf8")
    if (anchor !== undefined) expect([file, anchors(text)]).toEqual([file, expect.arrayContaining([anchor])])
  }
})
