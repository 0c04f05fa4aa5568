import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { snapshotOf } from "../support/snapshot.ts"
import { inWorld } from "../support/world.ts"

const writing: PluginScripts = {
  writes: { moves: [{ do: "write", path: "made.txt", content: "by a plugin" }] },
}

const project = (over: Parameters<typeof projectRequest>[0] = {}) =>
  ({ kind: "project", request: projectRequest(over) }) as const

interface FilesRecord {
  readonly files: ReadonlyArray<{ readonly path: string; readonly origin: string; readonly size: number }>
}

it.live("a preview is what the creation makes then, but for the plugins' part and the records", () =>
  inWorld({ plugins: writing }, () =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      const request = { templatePath: "writes_project" }
      const seen = yield* controller.preview(project(request), { text: "notes.txt" })
      const { sessionId } = yield* controller.createProject(projectRequest(request))
      const { path } = yield* controller.awaitResult(sessionId)
      expect(seen.destination).toBe(path)
      expect(seen.plugins).toEqual([{ name: "writes", files: seen.files.map((file) => file.path) }])
      const read = (file: string) => Effect.promise(() => readFile(join(path, file), "utf8"))
      expect(seen.text).toBe(yield* read("notes.txt"))
      const { files } = JSON.parse(yield* read(".exlab-wizard/files.json")) as FilesRecord
      const made = files
        .filter(({ origin }) => origin === "rendered" || origin === "copied")
        .map((file) => ({ path: file.path, origin: file.origin, size: file.size }))
      expect([...seen.files].toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
        made.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      )
    }),
  ),
)

it.live("a preview leaves no session and no trace on the disk, also when it is refused", () =>
  inWorld({ plugins: writing }, (root) =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      const before = snapshotOf(root)
      yield* controller.preview(project({ templatePath: "writes_project" }))
      yield* Effect.flip(controller.preview(project({ label: "" })))
      yield* Effect.flip(controller.preview({ kind: "run", request: runRequest() }))
      expect(snapshotOf(root)).toEqual(before)
      expect((yield* controller.list()).sessions).toEqual([])
    }),
  ),
)

it.live("a preview is refused as the creation would be", () =>
  inWorld({}, () =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      const problem = yield* Effect.flip(controller.preview(project({ label: "", objective: "" })))
      expect(problem).toMatchObject({ _tag: "GateRefused", code: "validation_failed" })
      const { sessionId } = yield* controller.createProject(projectRequest())
      yield* controller.awaitResult(sessionId)
      const taken = yield* Effect.flip(controller.preview(project()))
      expect(taken.code).toBe("destination_exists")
    }),
  ),
)

it.live("only the text that is asked for is given", () =>
  inWorld({}, () =>
    Effect.gen(function* () {
      const controller = yield* CreationController
      for (const text of [undefined, "raw/table.bin"]) {
        expect((yield* controller.preview(project(), { text })).text).toBeNull()
      }
      for (const text of ["no.txt", "../notes.txt", "", "README.md"]) {
        expect(yield* Effect.flip(controller.preview(project(), { text }))).toMatchObject({
          code: "validation_failed",
          field: "text",
          message: `text: must be a file of the template's (.exlab-answers.yml, notes.txt, raw/table.bin), and ${text} is none; README.md and the records in .exlab-wizard are written besides, without a preview`,
        })
      }
    }),
  ),
)
