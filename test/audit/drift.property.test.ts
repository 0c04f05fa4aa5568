import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Layer } from "effect"
import { parse } from "yaml"
import { bundledTemplates } from "../../layers/EmbeddedSettings.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { CreateRequest } from "../../src/domain/CreateRequest.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import type { PluginPass } from "../../src/domain/Plugin.ts"
import type { Manifest } from "../../src/domain/Template.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { nasty } from "../layers/readme/arbitraries.ts"
import * as FaultDisk from "../support/FaultDisk.ts"
import { ownersRights } from "../support/ownersRights.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { snapshotOf } from "../support/snapshot.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { checked, drifted, driftWorld, filesIn, made } from "./driftWorld.ts"

type Question = NonNullable<Manifest["questions"]>[string]

const text = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
  fc.constantFrom(...nasty.filter((one) => one.length < 90)),
)

const answerTo = ({ options, pattern, type }: Question): fc.Arbitrary<Json> => {
  switch (type) {
    case "boolean":
      return fc.boolean()
    case "integer":
      return fc.integer({ min: -2, max: 5 })
    case "number":
      return fc.oneof(fc.constantFrom(-0, 0, 1e21, 0.1), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case "date":
      return fc.integer({ min: 0, max: 4e9 }).map((s) => new Date(s * 1000).toISOString().slice(0, 10))
    case "choice":
      return fc.constantFrom(...(options ?? []))
    default:
      return pattern === undefined ? text : fc.stringMatching(new RegExp(pattern))
  }
}

/** Answers to a bundled template's questions, some of which aren't asked in the end. */
const answersTo = (folder: string): fc.Arbitrary<JsonObject> => {
  const { questions = {} } = parse(
    fs.readFileSync(join(bundledTemplates, folder, "template.yaml"), "utf8"),
  ) as Manifest
  const answers = Object.entries(questions).map(([id, question]) => {
    const answer = answerTo(question)
    return [
      id,
      question.required ? answer : fc.oneof({ weight: 3, arbitrary: answer }, fc.constant("")),
    ] as const
  })
  return fc.record(Object.fromEntries(answers))
}

const core = { label: text, objective: text, operator: text }

const project: fc.Arbitrary<CreateRequest> = fc
  .record({ ...core, variables: answersTo("projects/imaging_project"), room: text })
  .map(({ room, ...fields }) =>
    projectRequest({ ...fields, templatePath: "imaging_project", readmeExtra: { room } }),
  )

const run: fc.Arbitrary<CreateRequest> = fc
  .constantFrom("confocal_run", "flow_cytometry_run", "plate_reader_run")
  .chain((templatePath) =>
    fc
      .record({
        ...core,
        variables: answersTo(`runs/${templatePath}`),
        runKind: fc.constantFrom("experimental" as const, "test" as const),
        runDate: fc.constantFrom(null, "2026-04-17", "2026-10-25T02:30:00+01:00"),
      })
      .map((fields) => runRequest({ ...fields, templatePath })),
  )

/** The project of a run. */
const parent = projectRequest({
  templatePath: "imaging_project",
  variables: { principal_investigator: "R. Levi", species: "Yeast" },
})

/** Something that a plugin does to one of a run's files. */
const pluginMove = fc.record({
  does: fc.constantFrom("append", "empty", "delete", "rename", "copy", "make"),
  which: fc.nat(),
})
type PluginMove = typeof pluginMove extends fc.Arbitrary<infer Move> ? Move : never

const play = ({ files, tree }: PluginPass, moves: ReadonlyArray<PluginMove>) => {
  for (const { does, which } of moves) {
    const path = join(tree, files[which % files.length] ?? "")
    const other = `${path}.${which % 3}`
    if (does === "make") fs.writeFileSync(join(tree, `made${which % 3}.txt`), "made")
    else if (!fs.existsSync(path)) continue
    else if (does === "append") fs.appendFileSync(path, "more")
    else if (does === "empty") fs.writeFileSync(path, "")
    else if (does === "delete") fs.rmSync(path)
    else if (does === "copy") fs.copyFileSync(path, other)
    else fs.renameSync(path, other)
  }
}

/** Plugins that do anything to the files, and say nothing of it. */
const playing = (moves: ReadonlyArray<PluginMove>): Layer.Layer<PluginHost> =>
  Layer.mock(PluginHost, {
    declarations: () => Effect.succeed([]),
    check: () => Effect.void,
    candidates: () => Effect.succeed([]),
    start: (pass) =>
      Effect.sync(() => {
        if (pass.plugins.length > 0) play(pass, moves)
        const applied = pass.plugins.map((plugin) => ({
          ...{ plugin, version: "1", filesAffected: [], facts: {}, answers: [] },
          status: "success" as const,
        }))
        return { _tag: "Finished", applied }
      }),
  })

/** The request without the answers that aren't wanted: those that weren't asked for, or don't fit. */
const accepted = (request: CreateRequest): Effect.Effect<CreateRequest, Error, CreationController> =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const creation =
      "projectShortId" in request
        ? ({ kind: "run", request } as const)
        : ({ kind: "project", request } as const)
    const seen = yield* Effect.either(controller.preview(creation))
    if (Either.isRight(seen)) return request
    if (seen.left._tag !== "GateRefused") return yield* Effect.dieMessage(seen.left.message)
    const fields = seen.left.issues.map(({ field }) => field)
    const variables = Object.fromEntries(
      Object.entries(request.variables).flatMap(([id, value]) => {
        if (!fields.includes(`variables.${id}`)) return [[id, value]]
        return value === "" || value === "x" ? [[id, "x"]] : [[id, ""]]
      }),
    )
    const texts = Object.fromEntries(
      ["label", "operator", "objective"].flatMap((field) => (fields.includes(field) ? [[field, "me"]] : [])),
    )
    const next = { ...request, ...texts, variables }
    if (JSON.stringify(next) === JSON.stringify(request)) return yield* Effect.dieMessage(seen.left.message)
    return yield* accepted(next)
  })

/** Something that people and failing disks do to a published file, and what is to be said of it. */
const edit = fc.record({
  does: fc.constantFrom("append", "cut", "flip", "delete", "rename", "forbid", "link", "folder", "add"),
  which: fc.nat(),
})
type Edit = typeof edit extends fc.Arbitrary<infer One> ? One : never

const flip = (path: string, which: number) => {
  const bytes = fs.readFileSync(path)
  const at = which % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const { atime, mtime } = fs.statSync(path)
  fs.writeFileSync(path, bytes)
  fs.utimesSync(path, atime, mtime)
}

/** Edits a file that nobody has edited yet; what the report must say, by path. */
const apply = (root: string, path: string, { does, which }: Edit): Readonly<Record<string, string>> => {
  const absolute = join(root, path)
  const { size } = fs.statSync(absolute)
  switch (does) {
    case "add":
      fs.writeFileSync(`${absolute}.tif`, "data")
      return { [`${path}.tif`]: "added" }
    case "delete":
      fs.rmSync(absolute)
      return { [path]: "missing" }
    case "rename":
      fs.renameSync(absolute, `${absolute}.bak`)
      return { [path]: "missing", [`${path}.bak`]: "added" }
    case "forbid":
      fs.chmodSync(absolute, 0)
      return { [path]: "not_verifiable" }
    case "link":
      fs.renameSync(absolute, `${absolute}.real`)
      fs.symlinkSync(`${absolute}.real`, absolute)
      return { [path]: "changed", [`${path}.real`]: "added" }
    case "folder":
      fs.rmSync(absolute)
      fs.mkdirSync(absolute)
      return { [path]: "changed" }
    case "cut":
      if (size === 0) return {}
      fs.truncateSync(absolute, which % size)
      return { [path]: "changed" }
    case "flip":
      if (size === 0) return {}
      flip(absolute, which)
      return { [path]: "changed" }
    default:
      fs.appendFileSync(absolute, "x")
      return { [path]: "changed" }
  }
}

const vandalise = (root: string, edits: ReadonlyArray<Edit>): Readonly<Record<string, string>> => {
  const left = [...filesIn(root)]
  const said = edits.slice(0, left.length).map((one) => {
    const [path = ""] = left.splice(one.which % left.length, 1)
    return apply(root, path, one)
  })
  return Object.assign({}, ...said) as Readonly<Record<string, string>>
}

interface Case {
  readonly request: CreateRequest
  readonly moves: ReadonlyArray<PluginMove>
  readonly edits: ReadonlyArray<Edit>
  readonly zone: string
}

/** What was just made has no drift; then every edit is told, nothing else, and looking changes nothing. */
const tellsAll = ({ edits, moves, request, zone }: Case) =>
  Effect.flatMap(fastTemporaryDirectory, (root) =>
    Effect.gen(function* () {
      if ("projectShortId" in request) yield* made(parent)
      const path = yield* made(yield* accepted(request))
      const faults = yield* FaultDisk.DiskFaults
      const before = yield* checked(path)
      expect({ ...before, files: drifted(before) }).toMatchObject({ ok: true, files: {} })
      expect(before.template.status).toBe("matches")
      expect(before.sources.map(({ state }) => state)).toEqual([
        ...Array.from({ length: 4 }, () => "compared"),
        "none",
      ])
      const expected = vandalise(path, edits)
      const seen = snapshotOf(root)
      yield* faults.arm(ownersRights(root))
      const after = yield* checked(path)
      yield* faults.disarm
      expect(drifted(after)).toEqual(expected)
      expect(after.ok).toBe(Object.values(expected).every((status) => status === "added"))
      expect(snapshotOf(root)).toEqual(seen)
    }).pipe(
      Effect.provide(
        driftWorld(root, {
          plugins: playing(moves),
          settings: { paths: { templatesDir: bundledTemplates }, timeZone: zone },
        }),
      ),
    ),
  )

it.scopedLive.prop(
  "a fresh directory has no drift; then every edit is told, nothing else, and nothing is changed by looking",
  {
    request: fc.oneof({ weight: 1, arbitrary: project }, { weight: 3, arbitrary: run }),
    moves: fc.array(pluginMove, { maxLength: 4 }),
    edits: fc.array(edit, { maxLength: 5 }),
    zone: fc.constantFrom("UTC", "Europe/Zurich", "Asia/Kathmandu"),
  },
  tellsAll,
  { fastCheck: { numRuns: 25 } },
)

it.scopedLive("a plugin may rename the file of answers, which has no place in the template", () =>
  tellsAll({
    request: runRequest({ templatePath: "plate_reader_run", variables: { assay: "IL-6" } }),
    moves: [{ does: "rename", which: 0 }],
    edits: [],
    zone: "UTC",
  }),
)
