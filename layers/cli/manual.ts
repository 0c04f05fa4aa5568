/** What the help of a command says below its options. */
interface Page {
  /** As they follow the program's name. */
  readonly examples: readonly [string, ...ReadonlyArray<string>]
  /** Where an exit code means something of its own. */
  readonly codes?: Readonly<Record<number, string>>
}

/** What exit codes mean where nothing else is said. */
export const standardCodes = { 0: "done", 1: "refused or failed", 2: "wrong usage", 130: "interrupted" }

const ofChecks = {
  0: "nothing was found",
  1: "there are warnings",
  2: "there are errors, or warnings with --strict; wrong usage",
  3: "it can't be looked at: the path, or the settings",
}

const ofPlugins = "it failed, or asks for more than --set gives"

/** By the words of a command; the program itself has none. */
export const manual: Readonly<Record<string, Page>> = {
  "": { examples: ["init lab", "doctor", "create project", "serve"] },
  serve: {
    examples: ["serve", "serve --config lab/exlab-wizard.yaml"],
    codes: {
      0: "ended by SIGINT, SIGTERM or SIGHUP, in order",
      1: "can't start: its settings, its address",
      130: "ended at once, by a third Ctrl-C",
    },
  },
  create: { examples: ["create project", "create run"] },
  "create project": {
    examples: [
      "create project",
      "create project --from project.yaml --set label=Mitochondria",
      "create project --from project.yaml --json",
    ],
    codes: { 130: "interrupted: nothing is left of it" },
  },
  "create run": {
    examples: ["create run", "create run --from run.yaml --answer plate_barcode=P-0042"],
    codes: { 130: "interrupted: nothing is left of it" },
  },
  sessions: { examples: ["sessions list"] },
  "sessions list": {
    examples: [
      "sessions list --state input_required --json",
      "sessions list --url https://wizard.example.org --token-file token",
    ],
  },
  "sessions show": { examples: ["sessions show 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11"] },
  "sessions watch": {
    examples: [
      "sessions watch 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11",
      "sessions watch --json --after 12 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11",
    ],
    codes: {
      0: "the session is done",
      1: "it failed or was ended, or can't be followed",
      130: "left: the session goes on",
    },
  },
  "sessions resume": {
    examples: [
      "sessions resume 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11",
      "sessions resume --answer plate_barcode=P-0042 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11",
    ],
  },
  "sessions cancel": {
    examples: ["sessions cancel --discard-files 2f1c8f0e-6f0b-4c1e-9a53-0d6a8f2b7c11"],
  },
  sync: { examples: ["sync status", "sync init-target DEMO_01"] },
  "sync status": {
    examples: [
      "sync status",
      "sync status --state failed --json",
      "sync status exlab-data/local/DEMO_01/PROJ-0042",
    ],
  },
  "sync init-target": { examples: ["sync init-target DEMO_01"] },
  "sync enqueue": { examples: ["sync enqueue exlab-data/local/DEMO_01/PROJ-0042"] },
  "sync retry": {
    examples: ["sync retry exlab-data/local/DEMO_01/PROJ-0042", "sync retry job_0mwshcc7z79bda311"],
  },
  "sync verify": {
    examples: ["sync verify exlab-data/local/DEMO_01/PROJ-0042"],
    codes: { 0: "the copy is the same", 1: "it isn't: the files are listed; or it can't be compared" },
  },
  "sync revalidate": {
    examples: ["sync revalidate exlab-data/local/DEMO_01/PROJ-0042"],
    codes: { 0: "nothing keeps it from the NAS", 1: "hard findings do; or it can't be looked at" },
  },
  audit: {
    examples: ["audit", "audit exlab-data/local/DEMO_01/PROJ-0042 --json", "audit --watch"],
    codes: { 0: "nothing keeps anything from the NAS", 1: "hard findings do; or it can't be looked at" },
  },
  verify: {
    examples: [
      "verify exlab-data/local/DEMO_01/PROJ-0042",
      "verify --json exlab-data/local/DEMO_01/PROJ-0042",
    ],
    codes: { 0: "nothing drifted", 1: "something did: the files are listed; or it can't be looked at" },
  },
  problems: { examples: ["problems history exlab-data/local/DEMO_01/PROJ-0042"] },
  "problems override": {
    examples: [
      "problems override --rule illegal_filesystem_character --reason 'The instrument names its files so' --operator asmith DEMO_01/PROJ-0042",
      "problems override --rule missing_required_field --reason 'Until the move' --operator asmith --expires 2031-01-31 DEMO_01/PROJ-0042",
    ],
    codes: { 0: "it is on record; what still blocks the directory is told" },
  },
  "problems revoke": {
    examples: [
      "problems revoke --reason 'It was mended' --operator asmith DEMO_01/PROJ-0042 ovr-1f0c2f7e8f4a4d0e",
    ],
    codes: { 0: "it is on record; what blocks the directory now is told" },
  },
  "problems history": {
    examples: [
      "problems history exlab-data/local/DEMO_01/PROJ-0042",
      "problems history --json DEMO_01/PROJ-0042",
    ],
  },
  export: {
    examples: [
      "export --format ro-crate exlab-data/local/DEMO_01/PROJ-0042",
      "export --format bagit --to PROJ-0042.zip exlab-data/local/DEMO_01/PROJ-0042",
      "export --format ro-crate --zip --json exlab-data/local/DEMO_01/PROJ-0042",
    ],
    codes: {
      0: "the export is there, whole",
      1: "refused, or something changed meanwhile; nothing is left of it",
      130: "interrupted: nothing is left of it",
    },
  },
  templates: { examples: ["templates list", "templates lint"] },
  "templates list": { examples: ["templates list", "templates list --equipment DEMO_01 --json"] },
  "templates lint": {
    examples: ["templates lint", "templates lint --strict templates/runs/my_run"],
    codes: ofChecks,
  },
  plugins: { examples: ["plugins list", "plugins lint plugins/my_plugin"] },
  "plugins list": { examples: ["plugins list", "plugins list --json"] },
  "plugins lint": { examples: ["plugins lint --strict plugins/my_plugin"], codes: ofChecks },
  "plugins exec": {
    examples: ["plugins exec --against sample --set operator=me plugins/my_plugin"],
    codes: { 1: ofPlugins, 3: "a folder that was named can't be used" },
  },
  init: { examples: ["init", "init lab"] },
  doctor: {
    examples: ["doctor", "doctor --json"],
    codes: { 0: "nothing keeps the service from working", 1: "something does" },
  },
}
