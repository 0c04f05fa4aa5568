import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { codesByStatus } from "../../../src/api/codesByStatus.ts"
import { DiskError, LockTimeout } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { layerNoop as noPluginHost } from "../../../layers/plugins/NoopPluginHost.ts"
import type { PluginScripts } from "../../../layers/plugins/ScriptedPluginHost.ts"
import { answerIt, asking, waitingSession } from "./asking.ts"
import { type Answer, call, framesOf, post, projectBody } from "./calls.ts"
import { request, told } from "./rawSocket.ts"
import { type Service, type ServiceOptions, startService } from "./service.ts"

interface Told {
  /** Null: a session has failed with it, after it was accepted. */
  readonly status: number | null
  readonly code: unknown
  readonly message: unknown
}

const answered = ({ json, status }: Answer): Told => ({
  status,
  code: json["code"],
  message: json["message"],
})

const create = (over: Record<string, unknown>) => (service: Service) =>
  Effect.map(post(`${service.url}/api/v1/sessions`, { ...projectBody, ...over }), answered)

/** What a session that was opened has failed with; there is no answer with a status then. */
const fails = (over: Record<string, unknown>) => (service: Service) =>
  Effect.gen(function* () {
    const { json, status } = yield* post(`${service.url}/api/v1/sessions`, { ...projectBody, ...over })
    expect([status, json]).toMatchObject([201, {}])
    const session = `${service.url}/api/v1/sessions/${String(json["session_id"])}`
    yield* call(`${session}/events`)
    const { error } = (yield* call(session)).json as { readonly error: Told }
    return { status: null, code: error.code, message: error.message }
  })

const { lims_project: _, ...withoutLims } = projectBody

const runBody = {
  ...withoutLims,
  kind: "run",
  template_path: "plain_run",
  run_kind: "experimental",
  project_short_id: "PROJ-0042",
}

const template = async ({ root }: Service, name: string, manifest: string, file = "notes.txt") => {
  const folder = join(root, "templates", name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "template.yaml"), `name: ${name}\nversion: "1"\ntype: project\n${manifest}`)
  await writeFile(join(folder, file), "notes\n")
}

const withTemplate =
  (manifest: string, then: (service: Service) => Effect.Effect<Told>, file?: string) =>
  (service: Service): Effect.Effect<Told> =>
    Effect.zipRight(
      Effect.promise(() => template(service, "own", manifest, file)),
      then(service),
    )

/** A project's record that says nothing stops no run of it: the run's events tell. */
const warnsOfRecord = (text: string) => (service: Service) =>
  Effect.gen(function* () {
    const folder = join(service.localRoot, "DEMO_01", "PROJ-0042", ".exlab-wizard")
    yield* Effect.promise(async () => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, "creation.json"), text)
    })
    const sessions = `${service.url}/api/v1/sessions`
    const { json } = yield* post(sessions, runBody)
    const events = yield* call(`${sessions}/${String(json["session_id"])}/events`)
    const warning = framesOf(events.text).find(({ event }) => event === "warning")?.data
    return { status: null, code: warning?.["code"], message: warning?.["message"] }
  })

/** A disk one of whose operations fails. */
const brokenDisk = (broken: Partial<typeof Disk.Service>) =>
  Layer.effect(
    Disk,
    Effect.map(Disk, (disk) => Disk.of({ ...disk, ...broken })),
  )

const raw = (line: string, headers: Readonly<Record<string, string>>) => (service: Service) =>
  Effect.map(request(service.url, line, headers), (answer) => ({
    ...told(answer),
    message: (JSON.parse(answer.split("\r\n\r\n")[1] ?? "") as { readonly message: string }).message,
  }))

const get = (path: string) => (service: Service) => Effect.map(call(`${service.url}/api/v1${path}`), answered)

const sent = (body: string) => (service: Service) =>
  Effect.map(post(`${service.url}/api/v1/sessions`, body), answered)

/** What answers to a session that waits for one, or has had it, are told. */
const resumed = (body: unknown, first: boolean) => (service: Service) =>
  Effect.gen(function* () {
    const { session } = yield* waitingSession(service.url)
    if (first) {
      yield* answerIt(session)
      yield* call(`${session}/events`)
    }
    return answered(yield* post(`${session}/resume`, body))
  })

const plugins: PluginScripts = {
  ...asking,
  fails: { moves: [{ do: "fail", reason: "the table has no column" }] },
  crashes: { moves: [{ do: "crash", reason: "a bug" }] },
  wants: { moves: [], requiredVariables: ["plate"] },
}

const io = brokenDisk({
  freeBytes: (path) => Effect.fail(new DiskError({ path, op: "statfs", errno: "EIO" })),
})
const locked = brokenDisk({ lock: (path) => Effect.fail(new LockTimeout({ path, waitedMillis: 10_000 })) })

interface Case {
  readonly provoke: (service: Service) => Effect.Effect<Told>
  /** What whoever reads it can do something with. */
  readonly says: RegExp
  readonly options?: ServiceOptions
}

const id = "00000000-0000-4000-8000-000000000000"

const cases: Readonly<Record<string, Case>> = {
  malformed_json: { provoke: sent("{"), says: /the body is no JSON/ },
  malformed_request: { provoke: get("/sessions?limit=many"), says: /^limit: / },
  forbidden_host: {
    provoke: raw("GET /api/v1/sessions", { host: "evil.example" }),
    says: /http\.allowed_hosts/,
  },
  forbidden_origin: {
    provoke: raw("GET /api/v1/sessions", { origin: "http://evil.example" }),
    says: /http\.allowed_hosts/,
  },
  session_not_found: { provoke: get(`/sessions/${id}`), says: /no session .+retention/ },
  template_not_found: { provoke: get("/templates/none"), says: /no template none/ },
  run_not_found: {
    provoke: ({ url }) => Effect.map(post(`${url}/api/v1/sync/jobs`, { path: "DEMO_01/NONE" }), answered),
    says: /NONE is no project or run/,
  },
  job_not_found: { provoke: get("/sync/jobs/job_0"), says: /no sync job job_0/ },
  not_found: { provoke: get("/nowhere"), says: /\/api\/v1\/docs/ },
  method_not_allowed: {
    provoke: raw("DELETE /api/v1/sessions", {}),
    says: /takes GET, POST|takes POST, GET/,
  },
  destination_exists: {
    provoke: (service) =>
      Effect.zipRight(
        Effect.promise(() => mkdir(join(service.localRoot, "DEMO_01", "PROJ-0042"), { recursive: true })),
        create({})(service),
      ),
    says: /^destination: .+PROJ-0042 exists already/,
  },
  session_already_completed: {
    provoke: resumed({ extra_inputs: { plate: "P-1" } }, true),
    says: /has ended already: done/,
  },
  session_not_awaiting_input: {
    provoke: resumed({ extra_inputs: { plate: "P-1" }, prompt_id: "other" }, false),
    says: /takes no answer: .+/,
  },
  payload_too_large: { provoke: sent(`"${"a".repeat(1024 * 1024)}"`), says: /more than 1048576 bytes/ },
  validation_failed: { provoke: create({ label: "" }), says: /^label: / },
  field_too_long: { provoke: create({ label: "a".repeat(101) }), says: /^label: .*100/ },
  mode_mismatch: { provoke: create({ template_path: "plain_run" }), says: /^template_path: .+/ },
  equipment_id_invalid: { provoke: create({ equipment_id: "bad id" }), says: /^equipment_id: must be 1–32 / },
  unsafe_project_name: {
    provoke: create({ lims_project: { ...projectBody.lims_project, short_id: "CON" } }),
    says: /^lims_project\.short_id: .+/,
  },
  project_not_found: { provoke: create(runBody), says: /project/ },
  input_invalid: {
    provoke: resumed({ extra_inputs: { plate: 7 } }, false),
    says: /^extra_inputs\.plate: must be/,
  },
  template_load_error: { provoke: create({ template_path: "none" }), says: /none/ },
  template_core_field_redeclared: {
    provoke: withTemplate(
      "readme: { fields: [{ id: label, label: Label, type: string }] }\n",
      create({ template_path: "own" }),
    ),
    says: /label/,
  },
  template_render_failed: {
    provoke: withTemplate("", fails({ template_path: "own", label: "a/b" }), "{{label}}.txt"),
    says: /own\/\{\{label\}\}\.txt/,
  },
  plugin_variable_validation_failed: {
    provoke: create({ template_path: "wants_project" }),
    says: /plate/,
  },
  plugin_failed: {
    provoke: withTemplate("plugins: [fails]\nplugins_fatal: true\n", fails({ template_path: "own" })),
    says: /plugin fails failed: the table has no column/,
  },
  schema_major_mismatch: { provoke: warnsOfRecord('{"schema_version":"2.0"}'), says: /reads 1\.x/ },
  record_unreadable: { provoke: warnsOfRecord("{"), says: /creation\.json can't be read: .+/ },
  disk_space_insufficient: {
    provoke: create({}),
    says: /MiB/,
    options: { settings: { disk: { minFreeMib: 1e12 } } },
  },
  too_many_sessions: {
    provoke: (service) => Effect.zipRight(waitingSession(service.url), create({})(service)),
    says: /1 sessions are open already; finish or cancel some/,
    options: { settings: { sessions: { maxOpen: 1 } } },
  },
  internal_error: {
    provoke: fails({ template_path: "crashes_project" }),
    says: /the service's log has the details/,
  },
  io_error: {
    provoke: create({}),
    says: /^\/.+: EIO, the device reports an error/,
    options: { disk: io },
  },
  plugin_host_unavailable: {
    provoke: create({ template_path: "asks_project" }),
    says: /plugin/,
    options: { pluginHost: noPluginHost },
  },
  lock_timeout: {
    provoke: fails({}),
    says: /still locked by another writer after 10000 ms/,
    options: { disk: locked },
  },
}

/** Provoked where they belong. */
const elsewhere = {
  unauthorized: "who may call: security.test.ts",
  shutting_down: "the way down: shutdown.test.ts",
}

const listed = Object.entries(codesByStatus).flatMap(([status, codes]) =>
  codes.map((code) => [code as string, Number(status)] as const),
)

it("every code of the contract is in the table", () => {
  const known = [...Object.keys(cases), ...Object.keys(elsewhere)]
  expect(known.toSorted()).toEqual(listed.map(([code]) => code).toSorted())
})

describe("over HTTP, with its status, and words that help", () => {
  for (const [code, { options = {}, provoke, says }] of Object.entries(cases)) {
    it.scopedLive(code, () =>
      Effect.gen(function* () {
        const service = yield* startService({ plugins, ...options })
        const error = yield* provoke(service)
        const status = error.status === null ? null : new Map(listed).get(code)
        expect(error).toMatchObject({ status, code, message: expect.stringMatching(says) as unknown })
      }),
    )
  }
})
