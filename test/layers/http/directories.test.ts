import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer } from "effect"
import { catchCode } from "../../../src/client/ClientErrors.ts"
import { WizardClient } from "../../../src/client/WizardClient.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { call, post, projectBody } from "./calls.ts"
import { request, told } from "./rawSocket.ts"
import { type Service, startService } from "./service.ts"
import { ask, get, makeProject, path, refusal } from "./syncing.ts"

const clientOf = ({ url }: Service) =>
  Effect.provide(WizardClient, Layer.provide(WizardClient.layer({ url }), FetchHttpClient.layer))

const { lims_project: _, ...common } = projectBody

/** A run in the project at `path`; where it is, below the local root. */
const makeRun = (service: Service) =>
  Effect.gen(function* () {
    const body = { ...common, kind: "run", template_path: "plain_run", project_short_id: "PROJ-0042" }
    const { json } = yield* post(`${service.url}/api/v1/sessions`, { ...body, run_kind: "experimental" })
    yield* get(service, `/sessions/${String(json["session_id"])}/events`)
    const session = yield* get(service, `/sessions/${String(json["session_id"])}`)
    const made = (session.json["result"] as { readonly path: string }).path
    return made.slice(service.localRoot.length + 1)
  })

type Entries = ReadonlyArray<Readonly<Record<string, unknown>>>

const tree = (service: Service, query: Readonly<Record<string, string>> = {}) =>
  get(service, `/tree?${String(new URLSearchParams(query))}`)

const entriesAt = (service: Service, at: string) =>
  Effect.map(tree(service, { path: at }), ({ json }) => json["entries"] as Entries)

describe("the tree over HTTP", () => {
  it.scopedLive("leads from the equipment to a run's files, with what the records say", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      yield* makeProject(service)
      const run = yield* makeRun(service)
      const root = yield* tree(service)
      expect(root.status).toBe(200)
      expect(root.json).toMatchObject({ path: "", kind: "root", next_cursor: null })
      expect(root.json["entries"]).toMatchObject([
        { name: "DEMO_01", path: "DEMO_01", kind: "equipment", equipment: { registered: true } },
      ])
      expect(yield* entriesAt(service, "DEMO_01")).toMatchObject([
        { path, kind: "project", record: { label: "Mitochondria in motion", problem: null } },
      ])
      const [first, ...own] = yield* entriesAt(service, path)
      expect(first).toMatchObject({ path: run, kind: "run", record: { run_kind: "experimental" } })
      expect(own.map(({ name }) => name)).toEqual([".exlab-answers.yml", "README.md", "notes.txt", "raw"])
      const files = yield* entriesAt(service, join(service.localRoot, run, "raw"))
      expect(files).toMatchObject([
        { name: "table.bin", kind: "file", size: 4, path: `${run}/raw/table.bin` },
      ])
    }),
  )

  it.scopedLive("comes in pages, of which the last has no cursor", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      yield* makeProject(service)
      const names: Array<unknown> = []
      let cursor: unknown
      do {
        const query = { path, limit: "3", ...(typeof cursor === "string" ? { cursor } : {}) }
        const { json } = yield* tree(service, query)
        names.push(...(json["entries"] as Entries).map(({ name }) => name))
        cursor = json["next_cursor"]
      } while (cursor !== null)
      expect(names).toEqual([".exlab-answers.yml", "README.md", "notes.txt", "raw"])
      for (const query of [{ limit: "0" }, { limit: "1001" }, { limit: "x" }]) {
        expect(refusal(yield* tree(service, query))).toEqual([400, "malformed_request"])
      }
      const wrong = yield* tree(service, { cursor: "../x" })
      expect([...refusal(wrong), wrong.json["message"]]).toEqual([
        400,
        "malformed_request",
        "cursor: must be the `next_cursor` of a page",
      ])
    }),
  )
})

describe("one run over HTTP", () => {
  it.scopedLive("is asked for by its path as one segment or as several, absolute or not", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      yield* makeProject(service)
      const run = yield* makeRun(service)
      const whole = yield* get(service, `/runs/${encodeURIComponent(run)}`)
      expect(whole.status).toBe(200)
      expect(whole.json).toMatchObject({
        path: join(service.localRoot, run),
        level: "run",
        record: { schema_version: "1.9", level: "run", created_by: "asmith" },
        readme: { core_fields: { label: "Mitochondria in motion" } },
        findings: [],
        blocked: false,
        overrides: { overrides: [], dangling: [] },
        sync_job: null,
        problems: [],
      })
      const absolute = join(service.localRoot, run)
      for (const other of [run, `${run}/`, encodeURIComponent(absolute), absolute.replace("/", "%2F")]) {
        const { json, status } = yield* get(service, `/runs/${other}`)
        expect([other, status, json]).toEqual([other, 200, whole.json])
      }
      expect((yield* get(service, `/runs/${path}#y`)).json).toMatchObject({ level: "project" })
      expect(refusal(yield* get(service, `/runs/${path};x`))).toEqual([404, "run_not_found"])
      const posted = yield* post(`${service.url}/api/v1/runs/${run}`, {})
      expect([...refusal(posted), posted.headers.get("allow")]).toEqual([405, "method_not_allowed", "GET"])
    }),
  )

  it.scopedLive("has its sync job, and its overrides with their state", () =>
    Effect.gen(function* () {
      const service = yield* startService({ withNas: true })
      yield* makeProject(service)
      const person = { path, operator: "asmith", reason: "because" }
      const made = yield* ask(service, "/problems/override", {
        ...person,
        problem_class: "mode_prefix_mismatch",
      })
      const id = String(made.json["id"])
      const stateNow = Effect.map(
        get(service, `/runs/${path}`),
        ({ json }) => (json["overrides"] as { readonly overrides: Entries }).overrides,
      )
      expect(yield* stateNow).toMatchObject([{ id, state: "active", reason: "because", revocations: [] }])
      yield* ask(service, "/problems/override/revoke", { ...person, override_id: id })
      expect(yield* stateNow).toMatchObject([{ id, state: "revoked", revocations: [{ revokes: id }] }])
      expect((yield* get(service, `/runs/${path}`)).json["sync_job"]).toMatchObject({ level: "project" })
    }),
  )
})

describe("a client", () => {
  it.scopedLive("walks the tree and asks for a run by the paths that it was told", () =>
    Effect.gen(function* () {
      const service = yield* startService()
      yield* makeProject(service)
      const odd = "50% & more? #1; ünïcode+"
      mkdirSync(join(service.localRoot, "DEMO_01", odd))
      const { directories } = yield* clientOf(service)
      const root = yield* directories.tree({ urlParams: {} })
      expect(root.entries.map(({ equipment }) => equipment?.registered)).toEqual([true])
      const { entries } = yield* directories.tree({ urlParams: { path: "DEMO_01" } })
      const paths = entries.flatMap((entry) => entry.path ?? [])
      expect(paths).toEqual([`DEMO_01/${odd}`, path])
      for (const one of paths) {
        const details = yield* directories.run({ path: { path: one } })
        expect(details.path).toBe(join(service.localRoot, one))
      }
      expect((yield* directories.run({ path: { path } })).record?.createdBy).toBe("asmith")
      const none = directories
        .run({ path: { path: "DEMO_01/NONE" } })
        .pipe(catchCode("run_not_found", () => Effect.succeed(null)))
      expect(yield* none).toBe(null)
      expect(yield* Effect.flip(directories.run({ path: { path: "DEMO_01/\udc80" } }))).toMatchObject({
        _tag: "ParseError",
      })
    }),
  )
})

describe("what leads out of the local root", () => {
  const escapes = [
    "..",
    "../",
    "DEMO_01/../..",
    "DEMO_01/PROJ-0042/../../../secret",
    "/etc",
    "/",
    "./DEMO_01",
    "DEMO_01//PROJ-0042",
    "DEMO_01/PROJ-0042\u0000.md",
    ".exlab-wizard",
    "DEMO_01/.exlab-wizard/staging",
    "DEMO_01/PROJ-0042/.EXLAB-WIZARD",
    "x".repeat(300),
    `DEMO_01/${"a/".repeat(2400)}`,
  ]

  const withSecret = Effect.gen(function* () {
    const service = yield* startService()
    yield* makeProject(service)
    mkdirSync(join(service.root, "secret/PROJ-1"), { recursive: true })
    writeFileSync(join(service.root, "secret/PROJ-1/treasure.txt"), "secret")
    symlinkSync(join(service.root, "secret"), join(service.localRoot, "OUT"))
    symlinkSync(join(service.root, "secret/PROJ-1"), join(service.localRoot, "DEMO_01/linked"))
    return service
  })

  it.scopedLive("is refused with its code, however it is written in a query", () =>
    Effect.gen(function* () {
      const service = yield* withSecret
      for (const escape of escapes) {
        const answer = yield* tree(service, { path: escape })
        expect([escape, ...refusal(answer)]).toEqual([escape, 404, "not_found"])
      }
      for (const link of ["OUT", "OUT/PROJ-1", "DEMO_01/linked"]) {
        const answer = yield* tree(service, { path: link })
        expect([link, ...refusal(answer)]).toEqual([link, 404, "not_found"])
        expect(answer.json["message"]).toContain("links aren't followed")
      }
      // Written twice over, in forms that no decoder takes, and by bytes that aren't UTF-8: names that aren't there.
      for (const raw of [
        "%252e%252e",
        "%c0%ae%c0%ae",
        "%ff",
        "%uff0e",
        "DEMO_01%255c..",
        "DEMO_01%5c..%5cetc",
      ]) {
        expect([raw, ...refusal(yield* get(service, `/tree?path=${raw}`))]).toEqual([raw, 404, "not_found"])
      }
      for (const raw of ["%2e%2e", "..%2f..", "%2e%2e%2fsecret", "DEMO_01/%00", "%2fetc%2fpasswd"]) {
        expect([raw, ...refusal(yield* get(service, `/tree?path=${raw}`))]).toEqual([raw, 404, "not_found"])
      }
      expect(refusal(yield* get(service, "/tree?path=DEMO_01&path=.."))).toEqual([400, "malformed_request"])
    }),
  )

  it.scopedLive("is no run, however it is written in a path, also by those who normalise nothing", () =>
    Effect.gen(function* () {
      const service = yield* withSecret
      const written = [
        "..",
        "%2e%2e",
        "../../etc/passwd",
        "..%2f..%2fetc",
        "%2e%2e/%2e%2e",
        "DEMO_01/../../secret/PROJ-1",
        "DEMO_01%2F..%2F..%2Fsecret%2FPROJ-1",
        "%2Fetc%2Fpasswd",
        "//etc/passwd",
        "OUT/PROJ-1",
        "DEMO_01/linked",
        "DEMO_01/.exlab-wizard",
        "DEMO_01/a%00b",
        "DEMO_01/%252e%252e",
        `DEMO_01/${"x".repeat(300)}`,
        `DEMO_01%2F${"x/".repeat(3000)}`,
        "%E2%80%AE",
      ]
      for (const one of written) {
        const answer = yield* request(service.url, `GET /api/v1/runs/${one}`, {})
        expect([one, told(answer)]).toEqual([one, { status: 404, code: "run_not_found", traced: true }])
      }
      for (const one of ["%ff", "%", "DEMO_01/%zz"]) {
        const answer = yield* request(service.url, `GET /api/v1/runs/${one}`, {})
        expect([one, told(answer).status]).toEqual([one, 400])
      }
      for (const one of ["/api/v1/tree/../../etc/passwd", "/api/v1/runs", "/api/v1/runs/../tree/.."]) {
        expect([one, told(yield* request(service.url, `GET ${one}`, {})).status]).toEqual([one, 404])
      }
    }),
  )

  it.scopedLive("needs the token like everything else", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const { url } = yield* startService({ http: { tokenFile: join(folder, "token") } })
      for (const at of ["tree", "runs/DEMO_01/PROJ-0042", "runs/..%2Fready", "runs/../ready/x"]) {
        expect((yield* call(`${url}/api/v1/${at}`)).status).toBe(401)
      }
    }),
  )
})
