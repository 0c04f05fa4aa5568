import { execFile } from "node:child_process"
import { readFile, readdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { beforeAll, describe } from "vitest"
import * as Embedded from "../../layers/Embedded.ts"
import { confocalRun, imagingProject, plateReaderRun } from "../../scripts/demoRequests.ts"
import { DriftCheck } from "../../src/audit/DriftCheck.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { makeBundle } from "../templates/plugins/support.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const run = promisify(execFile)

interface Cell {
  readonly value: unknown
  readonly formula: string | null
  readonly style: unknown
}

interface Workbook {
  readonly names: Readonly<Record<string, string>>
  readonly sheets: Readonly<Record<string, Readonly<Record<string, Cell>>>>
  readonly parts: ReadonlyArray<string>
}

/** A workbook as another program reads it. */
const readWorkbook = async (path: string): Promise<Workbook> => {
  const { stdout } = await run("python3", [join(import.meta.dirname, "cells.py"), path])
  return JSON.parse(stdout)
}

const cellOf = ({ names, sheets }: Workbook, name: string): Cell | undefined => {
  const [sheet = "", address = ""] = (names[name] ?? "").split("!")
  return sheets[sheet]?.[address]
}

const answers = { plate_barcode: "P-4711", temperature: 24.5 }

/** Creates, answers what is asked, and gives back the directory with all that happened. */
const create = (request: ProjectCreateRequest | RunCreateRequest) =>
  Effect.gen(function* () {
    const wizard = yield* CreationController
    const { sessionId } = yield* "projectShortId" in request
      ? wizard.createRun(request)
      : wizard.createProject(request)
    const events = yield* wizard.subscribe(sessionId).pipe(
      Stream.tap((event) =>
        event.kind === "input_required"
          ? Effect.asVoid(
              wizard.resume(sessionId, answers, { promptId: event.promptId, answeredBy: "bklein" }),
            )
          : Effect.void,
      ),
      Stream.runCollect,
    )
    return { ...(yield* wizard.awaitResult(sessionId)), events: [...events] }
  })

const withService = <A, E>(body: Effect.Effect<A, E, CreationController | DriftCheck>) =>
  Effect.flatMap(temporaryDirectory, (root) =>
    Effect.provide(
      body,
      Layer.provideMerge(
        CreationController.layer,
        Embedded.adapters({ paths: { localRoot: root }, timeZone: "UTC" }),
      ),
    ),
  )

const readJson = (...path: ReadonlyArray<string>) =>
  Effect.promise(async () => JSON.parse(await readFile(join(...path), "utf8")) as JsonObject)

interface Applied {
  readonly plugin: string
  readonly status: string
  readonly files_affected: ReadonlyArray<string>
}

beforeAll(makeBundle)

describe("a run of the plate reader's template, with its plugins as processes", () => {
  it.scopedLive("is published with its files named, headed and filled in, by whom and when", () =>
    withService(
      Effect.gen(function* () {
        const { path: project } = yield* create(imagingProject("PROJ-0001"))
        const { blocked, events, findings, path } = yield* create(plateReaderRun("PROJ-0001"))
        expect({ blocked, findings }).toEqual({ blocked: false, findings: [] })
        expect(path.startsWith(project)).toBe(true)
        expect(events.filter(({ kind }) => kind === "warning")).toEqual([])
        expect(events.find(({ kind }) => kind === "input_required")).toMatchObject({
          plugin: "xlsx-fields",
          file: "layout/PROJ-0001_asmith_plate_layout.xlsx",
          fields: [{ id: "plate_barcode", required: true }, { id: "temperature" }],
        })

        expect((yield* Effect.promise(() => readdir(join(path, "readings")))).sort()).toEqual([
          "PROJ-0001_asmith_read_1.csv",
          "PROJ-0001_asmith_read_2.csv",
        ])
        const table = yield* Effect.promise(() =>
          readFile(join(path, "readings/PROJ-0001_asmith_read_2.csv"), "utf8"),
        )
        expect(table.split("\n").slice(0, 2)).toEqual(["well,sample,value_450nm", "A01,,"])
        expect(table.trimEnd().split("\n")).toHaveLength(97)

        const workbook = yield* Effect.promise(() =>
          readWorkbook(join(path, "layout/PROJ-0001_asmith_plate_layout.xlsx")),
        )
        const blank = yield* Effect.promise(() =>
          readWorkbook(
            resolve(import.meta.dirname, "../../templates/runs/plate_reader_run/layout/plate_layout.xlsx"),
          ),
        )
        const filled = {
          run_title: path.slice(path.lastIndexOf("/") + 1),
          project: "PROJ-0001: Mitochondria in motion",
          operator_name: "asmith",
          assay_name: "IL-6 ELISA",
          wells: 96,
          plate_barcode: "P-4711",
          temperature: 24.5,
        }
        for (const [name, value] of Object.entries(filled)) {
          expect([name, cellOf(workbook, name)]).toEqual([name, { ...cellOf(blank, name), value }])
        }
        const {
          created_at: createdAt,
          plugins_applied: applied,
          provenance,
        } = yield* readJson(path, ".exlab-wizard/creation.json")
        const day =
          (Date.parse(`${String(createdAt).slice(0, 10)}T00:00:00Z`) - Date.UTC(1899, 11, 30)) / 86_400_000
        expect(cellOf(workbook, "run_day")).toEqual({ ...cellOf(blank, "run_day"), value: day })

        // Nothing else changed: all other cells, formulas, styles, sheets and parts.
        const addresses = Object.values(blank.names)
        const untouched = ({ sheets }: Workbook) =>
          Object.entries(sheets).map(([sheet, cells]) => [
            sheet,
            Object.entries(cells).filter(([address]) => !addresses.includes(`${sheet}!${address}`)),
          ])
        expect(untouched(workbook)).toEqual(untouched(blank))
        expect(workbook.parts).toEqual(blank.parts)
        expect(
          Object.values(workbook.sheets.Run ?? {}).filter(({ formula }) => formula !== null),
        ).toHaveLength(2)

        expect(
          (applied as unknown as ReadonlyArray<Applied>).map(({ plugin, status }) => [plugin, status]),
        ).toEqual([
          ["filename-renamer", "success"],
          ["csv-header", "success"],
          ["xlsx-fields", "success"],
        ])
        expect(applied).toMatchObject([
          {},
          {
            files_affected: ["readings/PROJ-0001_asmith_read_1.csv", "readings/PROJ-0001_asmith_read_2.csv"],
          },
          { files_affected: ["layout/PROJ-0001_asmith_plate_layout.xlsx"], isolation: { exit_code: 0 } },
        ])
        expect(provenance).toMatchObject({
          plugins: [
            { answers: [] },
            { answers: [] },
            {
              plugin: "xlsx-fields",
              answers: [
                {
                  inputs: answers,
                  answered_by: "bklein",
                  answered_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
                },
              ],
            },
          ],
        })

        // It hasn't drifted; what plugins changed is compared with what was published alone.
        const { files, ok } = yield* Effect.flatMap(DriftCheck, ({ check }) => check(path))
        expect(ok).toBe(true)
        const published = files.filter(({ expected }) =>
          expected.some(({ source }) => source === "published"),
        )
        expect(
          published.map(({ expected, path }) => [path, expected.map(({ source }) => source).join(" ")]),
        ).toEqual([
          [".exlab-answers.yml", "published rendered"],
          ["layout/PROJ-0001_asmith_plate_layout.xlsx", "published"],
          ["metadata/acquisition.json", "published rendered"],
          ["protocol/protocol_notes.md", "published rendered"],
          ["readings/PROJ-0001_asmith_read_1.csv", "published"],
          ["readings/PROJ-0001_asmith_read_2.csv", "published"],
        ])
      }),
    ),
  )

  it.scopedLive("is refused with all that is wrong with its rules before anything is made", () =>
    withService(
      Effect.gen(function* () {
        yield* create(imagingProject("PROJ-0001"))
        const request = plateReaderRun("PROJ-0001")
        const variables = { ...request.variables, filename_rule: "{who}", csv_columns: "well,{what}" }
        const { envelope } = yield* Effect.flip(create({ ...request, variables })).pipe(
          Effect.filterOrDieMessage((error) => error._tag === "SessionFailed", "it was expected to fail"),
        )
        expect(envelope.code).toBe("plugin_variable_validation_failed")
        for (const message of [
          "filename_rule has no {ext}: files would lose their extension",
          "filename_rule uses {who}, and there is no such variable",
          "csv_columns uses {what}, which nobody has filled in",
        ]) {
          expect(JSON.stringify(envelope)).toContain(message)
        }
      }),
    ),
  )
})

it.scopedLive("bundled plugins keep away from templates that don't want them", () =>
  withService(
    Effect.gen(function* () {
      for (const request of [imagingProject("PROJ-0001"), confocalRun("PROJ-0001")]) {
        const { path } = yield* create(request)
        expect(yield* readJson(path, ".exlab-wizard/creation.json")).toMatchObject({ plugins_applied: [] })
      }
    }),
  ),
)
