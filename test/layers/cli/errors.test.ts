import { mkdir, readFile, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { diskSentence, sentenceOf } from "../../../layers/cli/sentences.ts"
import { DiskError, ErrorEnvelope } from "../../../src/domain/Errors.ts"
import { SessionFailed, SessionId } from "../../../src/domain/Session.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

const hello = new URL("../../../templates/plugins/hello", import.meta.url).pathname

/** One that does this with every text file. */
const plugin = async (cwd: string, name: string, does: string) => {
  await mkdir(join(cwd, name))
  const manifest = `name: ${name}\nversion: "1"\napi_version: "1"\nruntime: node\nentry: plugin.mjs\nmatches: [".txt"]\n`
  await writeFile(join(cwd, name, "manifest.yaml"), manifest)
  const code = `import { definePlugin } from "exlab-wizard/plugin"\nexport default definePlugin({ transform(file, ctx) { ${does} } })\n`
  await writeFile(join(cwd, name, "plugin.mjs"), code)
}

/** A folder with what the commands below are pointed at. */
const place = Effect.tap(temporaryDirectory, (cwd) =>
  Effect.promise(async () => {
    await mkdir(join(cwd, "empty"))
    await mkdir(join(cwd, "warned"))
    await writeFile(join(cwd, "file"), "")
    await writeFile(join(cwd, "large.yaml"), " ".repeat(1024 * 1024 + 1))
    await writeFile(join(cwd, "list.yaml"), "- 1\n")
    await writeFile(join(cwd, "broken.yaml"), "a: [\n")
    await writeFile(join(cwd, "run.yaml"), "run_kind: test\nprojectShortId: P-1\n")
    await writeFile(join(cwd, "kind.yaml"), "kind: project\n")
    await writeFile(join(cwd, "wrong.yaml"), "time_zone: 3\nsesions: {}\n")
    await writeFile(join(cwd, "warned", "template.yaml"), 'name: other\nversion: "1"\ntype: project\n')
    await symlink("warned", join(cwd, "link"))
    await writeFile(join(cwd, "warned", "notes.txt"), "notes\n")
    await plugin(
      cwd,
      "asks",
      'ctx.requestInput([{ id: "wells", label: "Wells", type: "integer" }], "which plate")',
    )
    await plugin(cwd, "breaks", 'throw new Error("the table has no header")')
  }),
)

interface Case {
  readonly args: string
  readonly env?: Readonly<Record<string, string>>
  readonly code: number
  /** All that must be said: what it is about, and what to do. */
  readonly said: ReadonlyArray<string>
}

const wrongUsage: ReadonlyArray<Case> = [
  { args: "", code: 2, said: ["exlab-wizard must be followed by ", "create", "`exlab-wizard --help`"] },
  {
    args: "create",
    code: 2,
    said: ["exlab-wizard create must be followed by project or run", "`exlab-wizard create --help`"],
  },
  { args: "sessions", code: 2, said: ["followed by list, show, watch, resume or cancel"] },
  {
    args: "sync",
    code: 2,
    said: ["followed by status, init-target, enqueue, retry, verify or revalidate"],
  },
  { args: "templates", code: 2, said: ["followed by list or lint"] },
  { args: "plugins", code: 2, said: ["followed by list, lint or exec"] },
  {
    args: "create --json project",
    code: 2,
    said: ["exlab-wizard create must be followed by project or run"],
  },
  { args: "--json doctor", code: 2, said: ["exlab-wizard must be followed by ", "doctor"] },
  { args: "create --", code: 2, said: ["exlab-wizard create must be followed by project or run"] },
  { args: "serv", code: 2, said: ["serv is no command", "did you mean serve?"] },
  { args: "sync stauts", code: 2, said: ["stauts is no command", "did you mean status?", "init-target"] },
  { args: "doctor --wizard", code: 2, said: ["--wizard asks at a terminal"] },
  { args: "serve --nothing", code: 2, said: ["--nothing", "`exlab-wizard serve --help`"] },
  { args: "doctor --config", code: 2, said: ["--config", "`exlab-wizard doctor --help`"] },
  { args: "plugins lint", code: 2, said: ["Missing argument <folder>"] },
  { args: "plugins exec x", code: 2, said: ["--against"] },
  { args: "plugins exec --against . --set novalue x", code: 2, said: ["--set novalue: must be NAME=VALUE"] },
  { args: "init --nothing", code: 2, said: ["--nothing", "./--nothing"] },
  { args: "init ''", code: 2, said: ["<folder> must not be empty"] },
  { args: "sync init-target ''", code: 2, said: ["<equipment> must not be empty"] },
  { args: "create project --set novalue", code: 2, said: ["--set novalue: must be NAME=VALUE"] },
  { args: "create project --answer novalue", code: 2, said: ["--answer novalue: must be NAME=VALUE"] },
  {
    args: "create run --from nowhere.yaml",
    code: 2,
    said: ["--from: ", "nowhere.yaml isn't there: check how"],
  },
  { args: "create run --from /dev/null", code: 2, said: ["/dev/null isn't a regular file: name one"] },
  { args: "create run --from empty", code: 2, said: ["empty is a folder: name a file"] },
  { args: "create run --from large.yaml", code: 2, said: ["large.yaml is too large", "name another file"] },
  { args: "create run --from list.yaml", code: 2, said: ["list.yaml must have a request's fields"] },
  { args: "create run --from broken.yaml", code: 2, said: ["broken.yaml:2 "] },
  { args: "create run --set lims_project=P-1", code: 2, said: ["--set lims_project.NAME=VALUE"] },
]

const settings: ReadonlyArray<Case> = [
  {
    args: "doctor --config nowhere.yaml",
    code: 1,
    said: ["nowhere.yaml", "`exlab-wizard init` writes one"],
  },
  { args: "serve --config /dev/null", code: 1, said: ["/dev/null isn't a regular file: name one"] },
  {
    args: "plugins list --config empty",
    code: 1,
    said: ["settings can't be read", "empty is a folder: name a file"],
  },
  {
    args: "templates list --config wrong.yaml",
    code: 1,
    said: ["can't be used:\n  ", "wrong.yaml:1 time_zone", "\n  ", "wrong.yaml:2 sesions"],
  },
  {
    args: "create project",
    env: { EXLAB_SESSIONS__MAX_OPEN: "0" },
    code: 1,
    said: ["EXLAB_SESSIONS__MAX_OPEN: sessions.max_open must be a number, 1 or more"],
  },
  {
    args: "serve",
    env: { EXLAB_HTTP__HOST: "0.0.0.0" },
    code: 1,
    said: ["http.token_file is missing", "a token is needed"],
  },
  {
    args: "serve",
    env: { EXLAB_HTTP__HOST: "nowhere.invalid", EXLAB_HTTP__TOKEN_FILE: "token" },
    code: 1,
    said: ["the service can't listen", "set http.host and http.port"],
  },
  {
    args: "serve",
    env: { EXLAB_HTTP__TOKEN_FILE: "nowhere/token", EXLAB_HTTP__PORT: "0" },
    code: 1,
    said: ["http.token_file: the folder ", "nowhere isn't there: make it, or name a file in another"],
  },
  {
    args: "sessions list",
    env: { EXLAB_HTTP__PORT: "0" },
    code: 1,
    said: ["http.port is 0", "name the one that `serve` told with --url"],
  },
  {
    args: "sessions list --token-file nowhere",
    code: 1,
    said: ["token can't be read", "check how it is written"],
  },
]

const request = (more: string) =>
  `create project --set equipment_id=DEMO_01 --set label=L --set operator=me --set objective=O ${more}`

const requests: ReadonlyArray<Case> = [
  {
    args: "create project --from run.yaml --set run_date=2026-04-17",
    code: 1,
    said: ["a project has no run_kind, project_short_id or run_date", "call `exlab-wizard create run`"],
  },
  { args: "create run --from kind.yaml", code: 1, said: ["kind says", "`exlab-wizard create project`"] },
  {
    args: "create project",
    code: 1,
    said: ["equipment_id: is required", "--set NAME=VALUE, or in --from FILE"],
  },
  {
    args: request(
      "--set template_path=nothing --set lims_project.short_id=P-1 --set lims_project.name_at_creation=N",
    ),
    code: 1,
    said: ["nothing", "`exlab-wizard templates list`"],
  },
  {
    args: "create run --set equipment_id=DEMO_01 --set template_path=plate_reader_run --set project_short_id=P-9 --set run_kind=test --set label=L --set operator=me --set objective=O",
    code: 1,
    said: ["P-9", "`exlab-wizard create project` makes one"],
  },
  { args: "init file", code: 1, said: ["file is there already: choose another name, or remove it"] },
  {
    args: "templates list --equipment NOPE",
    code: 1,
    said: ["--equipment NOPE: must be one of DEMO_01"],
  },
  { args: "init /proc/lab", code: 1, said: ["/proc/lab can't be made there: name another place"] },
  { args: "init file/lab", code: 1, said: ["file/lab isn't a folder", "name another"] },
  {
    args: "templates list",
    env: { EXLAB_PATHS__TEMPLATES_DIR: "empty" },
    code: 0,
    said: ["there are no templates in", "set paths.templates_dir"],
  },
]

const checks: ReadonlyArray<Case> = [
  { args: "templates lint warned", code: 1, said: ["found 0 errors, 1 warning"] },
  { args: "templates lint link", code: 1, said: ["found 0 errors, 1 warning"] },
  { args: "templates lint --strict warned", code: 2, said: ["found 0 errors, 1 warning"] },
  { args: "templates lint nowhere", code: 3, said: ["nowhere isn't there: check how it is written"] },
  { args: "templates lint /dev/null", code: 3, said: ["/dev/null isn't a folder", "name another"] },
  { args: "templates lint --config wrong.yaml", code: 3, said: ["wrong.yaml:1 time_zone"] },
  { args: "plugins lint empty", code: 2, said: ["found 1 error, 0 warnings"] },
  { args: "plugins lint nowhere", code: 3, said: ["nowhere isn't there: check how it is written"] },
  { args: "plugins lint file", code: 3, said: ["file isn't a folder", "name another"] },
  { args: "plugins lint --config nowhere.yaml empty", code: 3, said: ["`exlab-wizard init` writes one"] },
  { args: "plugins exec --against empty nowhere", code: 3, said: ["nowhere isn't there: check how"] },
  { args: `plugins exec --against nowhere ${hello}`, code: 3, said: ["nowhere isn't there: check how"] },
  { args: `plugins exec --against file ${hello}`, code: 3, said: ["file isn't a folder", "name another"] },
  {
    args: "plugins exec --against empty empty",
    code: 1,
    said: ["empty can't be used: manifest.yaml is not there", "`exlab-wizard plugins lint`"],
  },
  {
    args: `plugins exec --against empty ${hello}`,
    code: 1,
    said: ["needs the variable hello_greeting", "variables are given with --set NAME=VALUE"],
  },
  {
    args: `plugins exec --against empty --set hello_greeting=1 ${hello}`,
    code: 1,
    said: ["hello_greeting must be a text", "variables are given with --set NAME=VALUE"],
  },
  {
    args: "plugins exec --against warned asks",
    code: 1,
    said: ["it asks for wells: answer with --set NAME=VALUE"],
  },
  { args: "plugins exec --against warned breaks", code: 1, said: ["the table has no header"] },
]

describe.each([
  ["a word that makes no sense", wrongUsage],
  ["settings that can't be used", settings],
  ["a request that can't be met", requests],
  ["a check", checks],
] as const)("%s is told with what to do", (_, cases) => {
  it.scopedLive.each(cases)("$code for $args: $said.0", ({ args, code, env = {}, said }) =>
    Effect.gen(function* () {
      const cwd = yield* place
      const words = args.split(" ").filter(Boolean)
      const ran = yield* runProgram(
        words.map((word) => (word === "''" ? "" : word)),
        { cwd, env },
      )
      expect({ code: ran.code, stderr: ran.code === code ? "" : ran.stderr }).toEqual({ code, stderr: "" })
      for (const text of said) expect(ran.stderr).toContain(text)
      // Neither the names of operations nor of errors are for people.
      expect(ran.stderr).not.toMatch(/\bE[A-Z]{4,}\b(?! nowhere)|readFile|realPath|    at /)
    }),
  )
})

describe("what the disk refuses", () => {
  it.each(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ELOOP", "ENAMETOOLONG"])(
    "comes with a remedy: %s",
    (errno) => {
      const sentence = diskSentence(new DiskError({ path: "/lab/a", op: "createFile", errno }))
      expect(sentence).toMatch(/\/lab\/a.*: (?:change|choose|make|name) /)
      expect(sentence).not.toContain(errno)
    },
  )

  it("is at least a case for the doctor", () => {
    const sentence = diskSentence(new DiskError({ path: "/lab/a", op: "flush", errno: "EIO" }))
    expect(sentence).toContain("/lab/a: EIO, the device reports an error; `exlab-wizard doctor`")
  })
})

const envelopeOf = Schema.decodeUnknownSync(ErrorEnvelope)

it("every code that a session fails with comes with what to do", async () => {
  const page = await readFile(new URL("../../../docs/errors.md", import.meta.url), "utf8")
  const rows = page.match(/^\| `.+?(?= \| )/gm) ?? []
  const codes = rows.flatMap((row) => row.match(/\w+/g) ?? [])
  expect(codes.length).toBeGreaterThan(15)
  const sessionId = SessionId.make("7f1dbe2a-4c1f-4d8e-9d57-0b3f6c1a2e4d")
  for (const code of codes) {
    const failed = new SessionFailed({ sessionId, envelope: envelopeOf({ code, message: "why" }) })
    expect(sentenceOf(failed)).toMatch(/failed: why; .+/)
  }
})

it.scopedLive("an address that another program has is told by its port, and what to set", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const port = yield* Effect.acquireRelease(
      Effect.async<{ readonly number: number; readonly close: () => void }>((resume) => {
        const server = createServer()
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const number = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({ number, close: () => server.close() }))
        })
      }),
      ({ close }) => Effect.sync(close),
    )
    const env = { EXLAB_HTTP__PORT: String(port.number) }
    const { code, stderr, stdout } = yield* runProgram(["serve"], { cwd, env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toContain(`address already in use 127.0.0.1:${port.number}; set http.host and http.port`)
  }),
)
