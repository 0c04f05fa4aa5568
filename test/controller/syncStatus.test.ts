import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Ref, Stream } from "effect"
import { NasScript } from "../../layers/nas/ScriptedNasSync.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { create, writeFiles } from "./gateWorld.ts"

const templates = {
  "templates/leftover/template.yaml": `name: leftover\nversion: "1"\ntype: project\n`,
  "templates/leftover/protocol.txt.hbs": "For {{label}}\nuse <sample_id> and <sample_id>\n",
  "templates/leftover/page.html.hbs": "<title>{{label}}</title>\n",
  "templates/leftover/copied.txt": "<not_rendered>\n",
  "templates/renamed/template.yaml": `name: renamed\nversion: "1"\ntype: project\nplugins: [renames]\n`,
  "templates/renamed/protocol.txt.hbs": "use <sample_id>\n",
  "templates/broken_front/template.yaml": `name: broken_front\nversion: "1"\ntype: project\n`,
  "templates/broken_front/page.md.hbs": "---\nlabel: {{label}}\n",
}

const finish = (request: object) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* create(request)
    const result = yield* controller.awaitResult(sessionId)
    const events = yield* Stream.runCollect(controller.subscribe(sessionId))
    const metadata = join(result.path, ".exlab-wizard")
    const record = JSON.parse(readFileSync(join(metadata, "creation.json"), "utf8")) as Record<
      string,
      unknown
    >
    return {
      result,
      status: record["sync_status"],
      files: JSON.parse(readFileSync(join(metadata, "files.json"), "utf8")) as unknown,
      warnings: Chunk.toReadonlyArray(events).flatMap((event) => (event.kind === "warning" ? [event] : [])),
      queued: yield* Effect.flatMap(NasScript, ({ queued }) => Ref.get(queued)),
    }
  })

const inTemplates = <A, E, R>(body: (root: string) => Effect.Effect<A, E, R>) =>
  inWorld({ settings: { orchestrator: { host: "labpc-04" } } }, (root) =>
    Effect.zipRight(writeFiles(root, templates), body(root)),
  )

describe("what is left over in a rendered file", () => {
  it.effect("blocks the sync: the record, the result and a warning say so, and nothing is queued", () =>
    inTemplates((root) =>
      Effect.gen(function* () {
        const { queued, result, status, warnings } = yield* finish(
          projectRequest({ templatePath: "leftover" }),
        )
        const path = `${root}/local/DEMO_01/PROJ-0042`
        expect(status).toBe("blocked_by_validation")
        expect(queued).toEqual([])
        expect(result).toEqual({
          path,
          syncStatus: "blocked_by_validation",
          blocked: true,
          findings: [
            {
              rule: "unresolved_placeholder_token",
              tier: "hard",
              runPath: path,
              offendingPath: `${path}/protocol.txt`,
              offendingKind: "file_content",
              matchedToken: "<sample_id>",
              ruleDetail: '"protocol.txt" still holds the placeholder <sample_id>',
              syncedUnderPriorPolicy: false,
              overrideActive: false,
              line: 2,
            },
          ],
        })
        expect(warnings.map(({ message, phase }) => [phase, message])).toEqual([
          ["queueing_nas_sync", expect.stringContaining("not queued for the NAS: 1 hard finding") as string],
        ])
        const log = readFileSync(join(path, ".exlab-wizard", "wizard.labpc-04.log"), "utf8")
        expect(log).toMatch(/\[WARN \] .* not queued for the NAS: 1 hard finding/)
      }),
    ),
  )

  it.effect("blocks nothing when it is soft", () =>
    inTemplates(() =>
      Effect.gen(function* () {
        const { queued, result, status, warnings } = yield* finish(
          projectRequest({ templatePath: "broken_front" }),
        )
        expect(result.findings.map(({ rule, tier }) => [rule, tier])).toEqual([
          ["malformed_yaml_front_matter", "soft"],
        ])
        expect([result.blocked, result.syncStatus, status]).toEqual([false, "pending", "pending"])
        expect(queued).toEqual([{ path: result.path, level: "project" }])
        expect(warnings).toEqual([])
      }),
    ),
  )

  it.effect("is found in a file that a plugin gave another name", () => {
    let rename = Effect.void
    const plugins = {
      renames: { moves: [{ do: "run" as const, effect: Effect.suspend(() => rename) }] },
    }
    return inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, templates)
        const tree = join(root, "local/DEMO_01/.exlab-wizard/staging/PROJ-0042/tree")
        rename = Effect.sync(() => renameSync(join(tree, "protocol.txt"), join(tree, "2026_protocol.txt")))
        const { files, result } = yield* finish(projectRequest({ templatePath: "renamed" }))
        expect(result.blocked).toBe(true)
        expect(result.findings.map(({ offendingPath }) => offendingPath)).toEqual([
          `${result.path}/2026_protocol.txt`,
        ])
        expect(files).toMatchObject({
          files: [
            { path: ".exlab-answers.yml" },
            { path: "2026_protocol.txt", origin: "rendered", source: "protocol.txt.hbs" },
          ],
        })
      }),
    )
  })
})

describe("a directory with nothing left over", () => {
  it.effect("is pending, and queued by its level", () =>
    inWorld({}, () =>
      Effect.gen(function* () {
        const project = yield* finish(projectRequest())
        const run = yield* finish(runRequest())
        expect([project.status, run.status]).toEqual(["pending", "pending"])
        expect(project.result).toMatchObject({ syncStatus: "pending", blocked: false, findings: [] })
        expect(run.queued).toEqual([
          { path: project.result.path, level: "project" },
          { path: run.result.path, level: "run" },
        ])
        expect([...project.warnings, ...run.warnings]).toEqual([])
      }),
    ),
  )

  it.effect("that the sync refuses stays pending, with a warning", () =>
    inWorld({ nas: "refuses" }, () =>
      Effect.gen(function* () {
        const { queued, result, status, warnings } = yield* finish(projectRequest())
        expect([status, result.syncStatus, result.blocked, queued]).toEqual(["pending", "pending", false, []])
        expect(warnings.map(({ message }) => message)).toEqual([
          expect.stringContaining("not queued for the NAS: ") as string,
        ])
      }),
    ),
  )
})
