import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref, type Scope } from "effect"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import * as StagingWorkspace from "../../layers/workspace/StagingWorkspace.ts"
import { projectDestination } from "../../src/domain/Destination.ts"
import { Rule } from "../../src/domain/Finding.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { Workspace } from "../../src/ports/Workspace.ts"
import { session } from "../layers/workspace/support.ts"
import type { MemoryFiles } from "../support/MemoryDisk.ts"
import { settingsBelow } from "../support/world.ts"
import {
  audited,
  brief,
  creationText,
  equipment,
  FailedJobs,
  type Files,
  memoryLab,
  plant,
  plantDirectory,
  plantLab,
  plantTemplate,
  project,
  readmeText,
  root,
  run,
  testRun,
  top,
} from "./lab.ts"

type Change = Effect.Effect<
  unknown,
  Error,
  Disk | MemoryFiles | Settings | FailedJobs | Workspace | Scope.Scope
>

/** What is done to a sound lab, and what an audit finds then: each as `rule path token`. */
interface Case {
  readonly about: string
  readonly change: Change
  readonly finds: ReadonlyArray<string>
  readonly settings?: PartialSettings
}

const finds = (about: string, change: Change, ...found: ReadonlyArray<string>): Case => ({
  about,
  change,
  finds: found,
})
const leaves = (about: string, change: Change, settings?: PartialSettings): Case => ({
  about,
  change,
  finds: [],
  ...(settings === undefined ? {} : { settings }),
})

const place = (path: string): string => path.replace(`${root}/`, "")
const at = place(run)
const inRun = (files: Files, rendered: ReadonlyArray<string> = Object.keys(files)): Change =>
  plantDirectory(run, { rendered }, files)
const moveRun = (to: string): Change => Effect.flatMap(Disk, ({ rename }) => rename(run, to))
const record = (over: Parameters<typeof creationText>[1]): Change =>
  plant(run, { ".exlab-wizard/creation.json": creationText(run, over) })
const readme = (over: Parameters<typeof readmeText>[0]): Change =>
  plant(run, { ".exlab-wizard/readme_fields.json": readmeText(over) })
const remove = (name: string): Change => Effect.flatMap(Disk, (disk) => disk.removeFile(`${run}/${name}`))
const unknownName = `${project}/TestRuns/Run_2026-04-17T14-32-00`

/** A claim of another service that lives or has died, on this computer or another one. */
const claimOf = (who: "living" | "dead", host: string): Change =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const settings = settingsBelow(top, { orchestrator: { enabled: false, host, label: "" } })
    const another = Layer.provide(StagingWorkspace.layer, [
      Layer.succeed(Disk, disk),
      Layer.succeed(Settings, settings),
    ])
    const claim = Effect.gen(function* () {
      const { claim } = yield* Workspace
      const { tree } = yield* claim(projectDestination(root, "DEMO_01", "PROJ-0043"), session(7))
      yield* disk.createFile(`${tree}/half.txt`, "half")
    })
    const claimed = Effect.flatMap(Layer.build(Layer.fresh(another)), (context) =>
      Effect.provide(claim, context),
    )
    yield* who === "living" ? claimed : Effect.scoped(claimed)
  })

const newRequirement: Change = plantTemplate("plain", ["stain"])

const cases: Record<Rule, ReadonlyArray<Case>> = {
  unresolved_placeholder_token: [
    finds(
      "a rendered text",
      inRun({ "a.txt": "1\n<sample_id> 2 <id>" }),
      `unresolved_placeholder_token ${at}/a.txt:2 <id>`,
      `unresolved_placeholder_token ${at}/a.txt:2 <sample_id>`,
    ),
    finds(
      "a name, whoever made it",
      inRun({ "<id>": null }, []),
      `illegal_filesystem_character ${at}/<id> <`,
      `unresolved_placeholder_token ${at}/<id> <id>`,
    ),
    finds(
      "front matter",
      inRun({ "a.md": "---\nsample: <id>\n---\nprose" }),
      `unresolved_placeholder_token ${at}/a.md:2[sample] <id>`,
    ),
    leaves("what only looks like one", inRun({ "a.txt": "<2 mM>\na < b > c\n<µ>", CONFOCAL: "" })),
    leaves("prose in Markdown", inRun({ "a.md": "---\na: 1\n---\nuse <your_protocol>" })),
    leaves("a file that was copied", inRun({ "a.txt": "<id> {{x}} {% y %}" }, [])),
    leaves("an extension that isn't scanned", inRun({ "a.xml": "<id>" })),
    leaves("the README and the records", inRun({ "README.md": "---\na: <id>\n---\n" })),
  ],
  leftover_jinja_marker: [
    finds("a rendered text", inRun({ "a.csv": "{{ x }}" }), `leftover_jinja_marker ${at}/a.csv:1 {{ x }}`),
    finds("a name", inRun({ "raw/{{n}}": "" }, []), `leftover_jinja_marker ${at}/raw/{{n}} {{n}}`),
    leaves("braces that are none", inRun({ "a.txt": "{ {x} } }}{{ {x}" })),
    leaves("a verbatim file full of them", inRun({ "a.txt": "{{}} {{ x }} {% raw %}" }, [])),
  ],
  illegal_filesystem_character: [
    finds("a name", inRun({ "a:b": "" }, []), `illegal_filesystem_character ${at}/a:b :`),
    finds("a dot at the end", inRun({ "raw.": null }), `illegal_filesystem_character ${at}/raw. .`),
    finds("a link's name", inRun({ "a|b": { link: "/" } }), `illegal_filesystem_character ${at}/a|b |`),
    leaves("other signs", inRun({ "Größe 100 % (x) [y] ~ #1": "", ".hidden": "" }, [])),
  ],
  reserved_filesystem_name: [
    finds("a device", inRun({ "nul.txt": "" }), `reserved_filesystem_name ${at}/nul.txt nul.txt`),
    leaves("names that begin so", inRun({ "Console.txt": "", COM10: "", "nulls.csv": "", auxiliary: null })),
  ],
  mode_prefix_mismatch: [
    finds(
      "a record that says another kind",
      record({ run_kind: "test" }),
      `mode_prefix_mismatch ${at} Run_2026-04-17T14-32-00`,
    ),
    finds(
      "a folder of the other kind",
      moveRun(unknownName),
      `mode_prefix_mismatch ${place(unknownName)} Run_2026-04-17T14-32-00`,
    ),
    finds(
      "a prefix of the other kind",
      moveRun(`${project}/Runs/TestRun_1`),
      `mode_prefix_mismatch ${place(project)}/Runs/TestRun_1 TestRun_1`,
    ),
    finds(
      "a folder and a prefix that agree against the record",
      moveRun(`${project}/TestRuns/TestRun_1`),
      `mode_prefix_mismatch ${place(project)}/TestRuns/TestRun_1 TestRun_1`,
    ),
    finds(
      "a name without a prefix",
      moveRun(`${project}/Runs/first`),
      `mode_prefix_mismatch ${place(project)}/Runs/first first`,
    ),
    leaves("three that agree, whatever follows the prefix", moveRun(`${project}/Runs/Run_by hand`)),
    leaves("a kind that only newer versions know", record({ schema_version: "1.99", run_kind: "dark" })),
    leaves("a record that leaves the kind out", record({ run_kind: null })),
    leaves(
      "a project, whatever its record says",
      plantDirectory(project, { creation: { run_kind: "test" } }),
    ),
  ],
  orphan: [
    finds("a run", remove(".exlab-wizard/creation.json"), `orphan ${at}`),
    finds(
      "a project that somebody made by hand",
      plant(equipment, { "PROJ-1": null }),
      "orphan DEMO_01/PROJ-1",
    ),
    leaves(
      "directories of another tool, which has no files.json",
      Effect.zipRight(
        remove(".exlab-wizard/files.json"),
        plant(equipment, {
          "Cell cycle/.exlab-wizard/creation.json": creationText(project, { schema_version: "1.4" }),
          "Cell cycle/.exlab-wizard/readme_fields.json": readmeText(),
        }),
      ),
    ),
    leaves(
      "files beside runs, and what is hidden",
      plant(`${project}/Runs`, { "notes.txt": "", ".trash/x": "" }),
    ),
    leaves("links beside runs", plant(`${project}/Runs`, { Run_1: { link: "/" } })),
  ],
  missing_required_field: [
    finds(
      "a core field that is empty",
      readme({ core_fields: { label: " ", operator: "asmith", objective: "x" } }),
      `missing_required_field ${at}/.exlab-wizard/readme_fields.json label`,
    ),
    finds(
      "no README fields at all",
      remove(".exlab-wizard/readme_fields.json"),
      ...["label", "objective", "operator"].map(
        (id) => `missing_required_field ${at}/.exlab-wizard/readme_fields.json ${id}`,
      ),
    ),
    finds(
      "a field that the template requires since",
      newRequirement,
      ...[project, run, testRun].map(
        (path) => `missing_required_field ${place(path)}/.exlab-wizard/readme_fields.json stain`,
      ),
    ),
    {
      about: "a field that the settings and the template require since, once",
      change: newRequirement,
      settings: {
        readme: { defaults: [{ id: "stain", label: "Stain", type: "string", required: true }] },
      },
      finds: [project, run, testRun].map(
        (path) => `missing_required_field ${place(path)}/.exlab-wizard/readme_fields.json stain`,
      ),
    },
    finds(
      "no lims_project since version 1.5",
      record({ lims_project: null, schema_version: "1.5" }),
      `missing_required_field ${at}/.exlab-wizard/creation.json lims_project`,
    ),
    leaves("no lims_project before", record({ lims_project: null, schema_version: "1.4" })),
    leaves(
      "a required field that is filled in, in whatever layer",
      Effect.all([
        newRequirement,
        plant(project, {
          ".exlab-wizard/readme_fields.json": readmeText({ template_fields: { stain: "DAPI" } }),
        }),
        plant(testRun, {
          ".exlab-wizard/readme_fields.json": readmeText({ config_fields: { stain: false } }),
        }),
        readme({ custom_fields: [{ label: "stain", value: "DAPI" }] }),
      ]),
    ),
    leaves("a template that isn't there any more", record({ template: { name: "gone" } })),
    leaves("a field that is asked for and not required", Effect.void, {
      readme: { defaults: [{ id: "stain", label: "Stain", type: "string" }] },
    }),
  ],
  malformed_yaml_front_matter: [
    finds(
      "one that never ends",
      inRun({ "a.md": "---\na: 1\n" }),
      `malformed_yaml_front_matter ${at}/a.md:1`,
    ),
    finds(
      "one that can't be parsed",
      inRun({ "a.md": "---\na: [\n---\n" }),
      `malformed_yaml_front_matter ${at}/a.md:3`,
    ),
    leaves("a rule between paragraphs", inRun({ "a.md": "text\n---\na: [\n" })),
    leaves("another kind of file", inRun({ "a.txt": "---\na: [\n" })),
  ],
  interrupted_creation: [
    finds(
      "a dead session's area",
      claimOf("dead", "this"),
      "interrupted_creation DEMO_01/.exlab-wizard/staging/PROJ-0043",
    ),
    finds(
      "what nobody knows in the place of one",
      plant(equipment, { ".exlab-wizard/staging/PROJ-9/file": "" }),
      "interrupted_creation DEMO_01/.exlab-wizard/staging/PROJ-9",
    ),
    leaves("a living session's", claimOf("living", "this")),
    leaves("another computer's, of which nobody can tell", claimOf("dead", "other")),
    leaves("an empty folder", plant(`${project}/Runs`, { ".exlab-wizard/staging/Run_1": null })),
  ],
  unreadable_record: [
    finds(
      "a record that isn't JSON",
      plant(run, { ".exlab-wizard/creation.json": "{" }),
      `unreadable_record ${at}/.exlab-wizard/creation.json`,
    ),
    finds(
      "another major version",
      record({ schema_version: "2.0" }),
      `unreadable_record ${at}/.exlab-wizard/creation.json`,
    ),
    finds(
      "a list of files that isn't one",
      plant(run, { ".exlab-wizard/files.json": "[]" }),
      `unreadable_record ${at}/.exlab-wizard/files.json`,
    ),
    finds(
      "README fields that aren't any",
      plant(run, { ".exlab-wizard/readme_fields.json": "\ufffd" }),
      `unreadable_record ${at}/.exlab-wizard/readme_fields.json`,
    ),
    finds(
      "a record behind a link",
      Effect.zipRight(
        remove(".exlab-wizard/creation.json"),
        plant(run, { ".exlab-wizard/creation.json": { link: `${project}/.exlab-wizard/creation.json` } }),
      ),
      `unreadable_record ${at}/.exlab-wizard/creation.json`,
    ),
    leaves(
      "a newer minor version, with what nobody knows yet",
      record({ schema_version: "1.99", more: { a: 1 } }),
    ),
    leaves("a byte order mark", plant(run, { ".exlab-wizard/creation.json": `\ufeff${creationText(run)}` })),
  ],
  unsafe_project_name: [
    finds(
      "two faults of one name, in one finding",
      Effect.flatMap(Disk, ({ rename }) => rename(project, `${equipment}/a:b.`)),
      // Its runs stand below the same name.
      ...["", "/Runs/Run_2026-04-17T14-32-00", "/TestRuns/TestRun_2026-04-18T09-00-00"].flatMap(() => [
        "illegal_filesystem_character DEMO_01/a:b. .",
        "illegal_filesystem_character DEMO_01/a:b. :",
      ]),
      "unsafe_project_name DEMO_01/a:b.",
    ),
    finds(
      "the name of a folder for runs",
      plantDirectory(`${equipment}/runs`),
      "unsafe_project_name DEMO_01/runs",
    ),
    leaves("a LIMS name", plantDirectory(`${equipment}/Cell cycle, 2nd try`)),
  ],
  unregistered_equipment: [
    finds(
      "a folder like an equipment's",
      plant(root, { OTHER_01: null }),
      "unregistered_equipment OTHER_01 OTHER_01",
    ),
    finds(
      "any other, and nothing in it",
      plant(root, { "lost+found": null, "lost+found/a:b/x": "" }),
      "unregistered_equipment lost+found lost+found",
    ),
    {
      about: "one that the settings know",
      change: plantDirectory(`${root}/OTHER_01/PROJ-1`),
      settings: {
        equipment: ["DEMO_01", "OTHER_01"].map((id) => ({ id, label: id, nasRoot: "" })),
      },
      finds: [],
    },
    leaves(
      "files, links and what is hidden",
      plant(root, { "a.txt": "", LINK_01: { link: "/" }, ".cache/x": "" }),
    ),
  ],
  nas_sync_failed: [
    finds(
      "a run whose job failed",
      Effect.flatMap(FailedJobs, Ref.set<ReadonlyArray<string>>([run])),
      `nas_sync_failed ${at}`,
    ),
    finds("a record that says so without a job", record({ sync_status: "failed" }), `nas_sync_failed ${at}`),
    leaves("a record that says that it waits", record({ sync_status: "pending" })),
  ],
}

describe.each(Rule.literals)("%s", (rule) => {
  it("has what it finds, and what it leaves alone", () => {
    const own = cases[rule]
    expect(own.some(({ finds }) => finds.some((found) => found.startsWith(`${rule} `)))).toBe(true)
    expect(own.some(({ finds }) => finds.length === 0)).toBe(true)
  })
  for (const { about, change, finds, settings } of cases[rule]) {
    it.scoped(`${finds.length === 0 ? "leaves alone" : "finds"}: ${about}`, () =>
      Effect.gen(function* () {
        yield* plantLab
        yield* change
        expect((yield* audited()).map(brief).sort()).toEqual([...finds].sort())
      }).pipe(
        Effect.provide(memoryLab({ orchestrator: { enabled: false, host: "this", label: "" }, ...settings })),
      ),
    )
  }
})
