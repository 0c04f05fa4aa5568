import { execFileSync } from "node:child_process"
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { unzipSync } from "fflate"
import type { JsonObject } from "../../../src/domain/Json.ts"
import { RunExport } from "../../../src/ports/RunExport.ts"
import { creationJson } from "../../domain/records.ts"
import { names, trees } from "../../domain/exports.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import { bagProblems, sha256Of, treeOf } from "../../support/bag.ts"
import { crateProblems } from "../../support/roCrate.ts"
import { snapshotOf } from "../../support/snapshot.ts"
import { makePipe } from "../disk/support.ts"
import { exportRun, makeRun, type Place, plant, runPath, withRun } from "./world.ts"

const metadataName = "ro-crate-metadata.json"

const metadataOf = (crate: string): JsonObject => JSON.parse(readFileSync(join(crate, metadataName), "utf8"))

/** What is wrong with a crate's folder. */
const problemsOfCrate = (crate: string) => {
  const { directories, files } = treeOf(crate)
  const described = files
    .filter((path) => path !== metadataName)
    .map((path) => ({ path, size: lstatSync(join(crate, path)).size, sha256: sha256Of(join(crate, path)) }))
  return crateProblems(metadataOf(crate), { files: described, directories })
}

/** Unpacks an archive as any program does. */
const unpack = (zip: string, folder: string): void => {
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    if (path.endsWith("/")) mkdirSync(join(folder, path), { recursive: true })
    else plant(folder, { [path]: bytes })
  }
}

/** The files of a folder with their bytes, but for what describes a crate. */
const contentsOf = (folder: string): ReadonlyArray<readonly [path: string, bytes: string]> =>
  treeOf(folder)
    .files.filter((path) => path !== metadataName)
    .map((path) => [path, readFileSync(join(folder, path), "base64")])

const failureOf = (place: Place, over: Parameters<typeof exportRun>[1] = {}) =>
  Effect.map(Effect.flip(exportRun(place, over)), (error) => ({ tag: error._tag, message: error.message }))

const nothingLeft = ({ out }: Place): void => expect(readdirSync(out)).toEqual([])

describe("an export", () => {
  it.scopedLive(
    "is a crate or a bag of whatever is in the run, in a folder and in a zip, and leaves the run alone",
    () =>
      Effect.forEach(
        fc.sample(fc.tuple(trees({ maxFiles: 8 }), fc.infiniteStream(fc.uint8Array({ maxLength: 40 }))), 15),
        ([{ directories, files }, contents]) =>
          withRun((place) =>
            Effect.gen(function* () {
              const { out, run } = place
              for (const path of directories) mkdirSync(join(run, path), { recursive: true })
              for (const path of files) plant(run, { [path]: contents.next().value ?? new Uint8Array() })
              const before = snapshotOf(run)
              const crate = yield* exportRun(place)
              expect(problemsOfCrate(crate.path)).toEqual([])
              const bag = yield* exportRun(place, { format: "bagit", to: join(out, "bag") })
              expect(bagProblems(bag.path)).toEqual([])
              expect(contentsOf(join(bag.path, "data"))).toEqual(contentsOf(run))
              const copied = contentsOf(crate.path)
              expect(copied).toEqual(contentsOf(run))
              expect(treeOf(join(bag.path, "data")).directories).toEqual(treeOf(run).directories)
              expect(crate).toMatchObject({ files: copied.length, skipped: [] })
              const isUnfit = (path: string) => path === "__proto__" || /\\|^[A-Za-z]:/.test(path)
              // What unpacks here loses a file called like that.
              if (![...files, ...directories].some(isUnfit)) {
                unpack(
                  (yield* exportRun(place, { zip: true, to: join(out, "crate.zip") })).path,
                  join(out, "unpacked"),
                )
                expect(contentsOf(join(out, "unpacked"))).toEqual(copied)
                expect(problemsOfCrate(join(out, "unpacked"))).toEqual([])
                expect(treeOf(join(out, "unpacked"))).toEqual(treeOf(crate.path))
                unpack(
                  (yield* exportRun(place, { format: "bagit", zip: true, to: join(out, "own.zip") })).path,
                  out,
                )
                expect(bagProblems(join(out, "own"))).toEqual([])
              }
              expect(snapshotOf(run)).toEqual(before)
            }),
          ),
        { discard: true },
      ),
  )

  it.scopedLive("of a bag is believed by sha256sum", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const wanted = [...new Set(fc.sample(names, 60))].filter((name) => !/[%\n\r]/.test(name))
        plant(place.run, Object.fromEntries(wanted.map((name) => [`all/${name}`, name])))
        const { path } = yield* exportRun(place, { format: "bagit" })
        for (const manifest of ["manifest-sha256.txt", "tagmanifest-sha256.txt"]) {
          execFileSync("sha256sum", ["--check", "--strict", "--quiet", manifest], {
            cwd: path,
            stdio: "pipe",
          })
        }
      }),
    ),
  )

  it.scopedLive("tells of the settings and the records", () =>
    withRun(
      (place) =>
        Effect.gen(function* () {
          const { path } = yield* exportRun(place)
          const graph = metadataOf(path)["@graph"]
          expect(graph).toContainEqual(
            expect.objectContaining({
              "@id": "./",
              name: "Cells, day 3",
              description: "See them divide.",
              dateCreated: "2026-04-17T14:32:00Z",
              license: { "@id": "https://spdx.org/licenses/CC-BY-4.0" },
              author: { "@id": "#operator" },
              publisher: { "@id": "#organization" },
            }),
          )
          expect(graph).toContainEqual(
            expect.objectContaining({
              "@id": "#equipment",
              "@type": "IndividualProduct",
              name: "Confocal 1",
            }),
          )
          expect(graph).toContainEqual(
            expect.objectContaining({ "@id": "data.csv", encodingFormat: "text/csv" }),
          )
          const bag = yield* exportRun(place, { format: "bagit", to: join(place.out, "bag") })
          const info = readFileSync(join(bag.path, "bag-info.txt"), "utf8")
          for (const line of [
            "Source-Organization: Example University",
            "Contact-Name: asmith",
            "External-Description: Cells, day 3: See them divide.",
            `External-Identifier: ${runPath}`,
            "License: CC-BY-4.0",
          ]) {
            expect(info).toContain(`${line}\n`)
          }
        }),
      { export: { license: "CC-BY-4.0", organization: "Example University" } },
    ),
  )

  it.scopedLive("tells how far it is, and always of the last file", () =>
    withRun((place) =>
      Effect.gen(function* () {
        plant(place.run, Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`raw/${n}`, ""])))
        const { write } = yield* RunExport
        for (const zip of [false, true]) {
          const told: Array<readonly [number, number]> = []
          yield* write(
            { path: runPath, format: "bagit", to: join(place.out, String(zip)), zip },
            (current, total) => Effect.sync(() => void told.push([current, total])),
          )
          expect(told.map(([current]) => current)).toEqual(
            told.map(([current]) => current).toSorted((a, b) => a - b),
          )
          expect(told[0]).toEqual([1, 53])
          expect(told.at(-1)).toEqual([53, 53])
        }
      }),
    ),
  )

  it.scopedLive("keeps what a file's mode and times are, but for those who may not read their own", () =>
    withRun((place) =>
      Effect.gen(function* () {
        writeFileSync(join(place.run, "run.sh"), "#!/bin/sh\n", { mode: 0o755 })
        writeFileSync(join(place.run, "locked"), "", { mode: 0o444 })
        const { path } = yield* exportRun(place)
        expect(lstatSync(join(path, "run.sh")).mode & 0o777).toBe(
          lstatSync(join(place.run, "run.sh")).mode & 0o777,
        )
        expect(lstatSync(join(path, "locked")).mode & 0o200).toBe(0o200)
        expect(lstatSync(join(path, "data.csv")).mtimeMs).toBeCloseTo(
          lstatSync(join(place.run, "data.csv")).mtimeMs,
          -1,
        )
      }),
    ),
  )

  it.scopedLive("of a project has its own files, without its runs", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const project = join(place.local, "CONFOCAL_01", "PROJ-0042")
        plant(project, {
          ".exlab-wizard/creation.json": JSON.stringify({ ...creationJson, level: "project" }),
          "README.md": "# Cells\n",
          "TestRuns/TestRun_2026-04-17T14-32-00/data.csv": "",
        })
        const { path } = yield* exportRun(place, { path: "CONFOCAL_01/PROJ-0042" })
        expect(treeOf(path).files).toEqual(
          [".exlab-wizard/creation.json", "README.md", metadataName].toSorted(),
        )
        expect(problemsOfCrate(path)).toEqual([])
      }),
    ),
  )

  it.scopedLive("follows no link, opens no pipe, and tells of both", () =>
    withRun((place) =>
      Effect.gen(function* () {
        mkdirSync(join(place.run, "raw"))
        symlinkSync("/etc", join(place.run, "raw", "link"))
        symlinkSync("nowhere", join(place.run, "dangling"))
        makePipe(join(place.run, "pipe"))
        for (const zip of [false, true]) {
          const report = yield* exportRun(place, { zip, to: join(place.out, `export-${zip}`) })
          expect(report.skipped).toEqual(["dangling", "pipe", "raw/link"])
        }
        expect(treeOf(join(place.out, "export-false")).directories).toContain("raw")
        expect(existsSync(join(place.out, "export-false", "raw", "link"))).toBe(false)
      }),
    ),
  )

  it.scopedLive("leaves out locks and what writers haven't finished", () =>
    withRun((place) =>
      Effect.gen(function* () {
        plant(join(place.run, ".exlab-wizard"), { "creation.json.lock": "", [`.tmp-${"0".repeat(16)}`]: "x" })
        const { path, skipped } = yield* exportRun(place)
        expect(readdirSync(join(path, ".exlab-wizard"))).toEqual(["creation.json", "readme_fields.json"])
        expect(skipped).toEqual([])
      }),
    ),
  )

  it.scopedLive(
    "takes ten thousand files",
    () =>
      withRun((place) =>
        Effect.gen(function* () {
          plant(
            place.run,
            Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`raw/${n % 100}/${n}.txt`, `${n}`])),
          )
          const { files, path } = yield* exportRun(place, { format: "bagit" })
          expect(files).toBe(10_003)
          expect(bagProblems(path)).toEqual([])
        }),
      ),
    300_000,
  )
})

describe("an export is refused", () => {
  it.scopedLive("when the path is no run, or nothing is there", () =>
    withRun((place) =>
      Effect.gen(function* () {
        symlinkSync("CONFOCAL_01", join(place.local, "LINK_01"))
        for (const path of [
          runPath.replace("CONFOCAL_01", "LINK_01"),
          "CONFOCAL_01",
          "/etc",
          `${runPath}/raw`,
          "CONFOCAL_01/PROJ-0042/Runs/Run_other",
        ]) {
          expect(yield* failureOf(place, { path })).toMatchObject({ tag: "RunNotFound" })
        }
        nothingLeft(place)
      }),
    ),
  )

  it.scopedLive("when its records are missing, broken or of another version", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const records = join(place.run, ".exlab-wizard")
        writeFileSync(join(records, "readme_fields.json"), "{")
        expect(yield* failureOf(place)).toMatchObject({ tag: "RecordUnreadable" })
        rmSync(join(records, "readme_fields.json"))
        yield* exportRun(place)
        rmSync(join(place.out, "export"), { recursive: true })
        writeFileSync(
          join(records, "creation.json"),
          JSON.stringify({ ...creationJson, schema_version: "2.0" }),
        )
        expect(yield* failureOf(place)).toMatchObject({ tag: "SchemaMajorMismatch" })
        writeFileSync(join(records, "creation.json"), "not JSON")
        expect(yield* failureOf(place)).toMatchObject({ tag: "RecordUnreadable" })
        rmSync(join(records, "creation.json"))
        const missing = yield* failureOf(place)
        expect(missing).toMatchObject({
          tag: "RecordUnreadable",
          message: expect.stringContaining("creation.json"),
        })
        nothingLeft(place)
      }),
    ),
  )

  it.scopedLive("when its data are on the NAS only", () =>
    withRun((place) =>
      Effect.gen(function* () {
        makeRun(place.root, {
          ...creationJson,
          sync_status: "cleaned",
          paths: { local: "", nas: "/nas/run" },
        })
        const { message, tag } = yield* failureOf(place)
        expect(tag).toBe("ExportRefused")
        expect(message).toContain("/nas/run")
        nothingLeft(place)
      }),
    ),
  )

  it.scopedLive("when names aren't UTF-8, or the export needs them, or a zip can't hold them", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const stray = Buffer.concat([Buffer.from(`${place.run}/bad-`), Buffer.of(0xff)])
        writeFileSync(stray, "")
        const refused = yield* failureOf(place)
        expect(refused).toMatchObject({
          tag: "ExportRefused",
          message: expect.stringContaining('"bad-\\xff"'),
        })
        rmSync(stray)
        plant(place.run, { [metadataName]: "{}" })
        expect(yield* failureOf(place)).toMatchObject({ message: expect.stringContaining(metadataName) })
        yield* exportRun(place, { format: "bagit" })
        rmSync(join(place.run, metadataName))
        for (const name of ["C:x", "a\\b"]) {
          plant(place.run, { [name]: "" })
          const { message } = yield* failureOf(place, { zip: true, to: join(place.out, "export.zip") })
          expect(message).toContain("can't hold")
          rmSync(join(place.run, name))
        }
        expect(readdirSync(place.out)).toEqual(["export"])
      }),
    ),
  )
})

describe("names that are too long", () => {
  const deep = (depth: number) => Array.from({ length: depth }, (_, n) => `${n}`.padStart(250, "d")).join("/")

  it.scopedLive("are told before anything is written, with what to do", () =>
    withRun((place) =>
      Effect.gen(function* () {
        const left = 4090 - place.run.length
        const folders = deep(Math.floor(left / 251))
        const path = `${folders}/${"f".repeat(left - folders.length - 2)}`
        plant(place.run, { [path]: "" })
        const { message, tag } = yield* failureOf(place, { to: join(place.out, "x".repeat(200)) })
        expect(tag).toBe("ExportRefused")
        expect(message).toContain(`"${path.slice(0, 200)}…${path.slice(-200)}"`)
        expect(message).toContain("or export to a zip")
        nothingLeft(place)
        yield* exportRun(place, { zip: true })
      }),
    ),
  )

  it.scopedLive("that the volume doesn't take are told by what they are in the run", () =>
    withRun((place) =>
      Effect.gen(function* () {
        plant(place.run, { "raw/long": "" })
        const faults = yield* DiskFaults
        // What a system call says of a copy is of its second path.
        yield* faults.arm(({ name, paths }) =>
          name === "setMode" && (paths[0] ?? "").endsWith("raw/long")
            ? Action.FailBefore({ errno: "ENAMETOOLONG" })
            : Action.Pass(),
        )
        const { message, tag } = yield* failureOf(place, { format: "bagit" })
        expect(tag).toBe("ExportRefused")
        expect(message).toContain(`too long in ${join(place.out, "export")}`)
        expect(message).toMatch(/: "raw\/long"$/)
        nothingLeft(place)
      }),
    ),
  )

  it.scopedLive("of the export itself are refused", () =>
    withRun((place) =>
      Effect.map(failureOf(place, { to: join(place.out, "x".repeat(256)) }), ({ message, tag }) => {
        expect(tag).toBe("ExportRefused")
        expect(message).toContain("choose a shorter one")
      }),
    ),
  )
})

describe("a place for an export is refused", () => {
  it.scopedLive("when it is taken, whatever is there", () =>
    withRun((place) =>
      Effect.gen(function* () {
        mkdirSync(join(place.out, "folder"))
        writeFileSync(join(place.out, "file"), "")
        symlinkSync("nowhere", join(place.out, "dangling"))
        const before = snapshotOf(place.out)
        for (const name of ["folder", "file", "dangling"]) {
          for (const zip of [false, true]) {
            const failure = yield* failureOf(place, { zip, to: join(place.out, name) })
            expect(failure.tag).toBe("DestinationExists")
          }
        }
        expect(snapshotOf(place.out)).toEqual(before)
      }),
    ),
  )

  it.scopedLive("when it is relative, no name, or in a folder that isn't there", () =>
    withRun((place) =>
      Effect.gen(function* () {
        for (const to of ["export", "/", "", `${place.out}/`, `${place.out}/.`, `${place.out}/..`]) {
          expect(yield* failureOf(place, { to })).toMatchObject({ tag: "ExportRefused" })
        }
        expect(yield* failureOf(place, { to: join(place.out, "none", "export") })).toMatchObject({
          tag: "DiskError",
        })
        nothingLeft(place)
      }),
    ),
  )

  it.scopedLive("when it lies in what the service manages, also through links", () =>
    withRun(
      (place) =>
        Effect.gen(function* () {
          const { local, out, root, run } = place
          // A run elsewhere, of an equipment whose folder is a link, or of another local root.
          const elsewhere = join(root, "elsewhere", "run")
          plant(elsewhere, { ".exlab-wizard/creation.json": "{}", "raw/x": "" })
          mkdirSync(join(root, "nas", "PROJ-0042"), { recursive: true })
          symlinkSync(run, join(out, "link"))
          symlinkSync(local, join(out, "local"))
          const before = [snapshotOf(local), snapshotOf(elsewhere), snapshotOf(out)]
          for (const folder of [
            run,
            join(run, ".exlab-wizard"),
            local,
            join(local, "CONFOCAL_01"),
            join(local, "CONFOCAL_01", "PROJ-0042", "Runs"),
            join(out, "link"),
            `${out}/link/../../../..`,
            join(out, "local", "CONFOCAL_01"),
            elsewhere,
            join(elsewhere, "raw"),
            join(root, "nas"),
            join(root, "nas", "PROJ-0042"),
          ]) {
            for (const zip of [false, true]) {
              const failure = yield* failureOf(place, { zip, to: `${folder}/export` })
              expect({ folder, tag: failure.tag }).toEqual({ folder, tag: "ExportRefused" })
            }
          }
          expect([snapshotOf(local), snapshotOf(elsewhere), snapshotOf(out)]).toEqual(before)
          // A link that leads out of it is none of its business.
          symlinkSync(out, join(root, "to-out"))
          const report = yield* exportRun(place, { to: join(root, "to-out", "export") })
          expect(report.path).toBe(join(out, "export"))
        }),
      (root) => ({
        equipment: [
          {
            id: "CONFOCAL_01",
            label: "Confocal",
            nasRoot: join(root, "nas"),
            transport: { type: "mounted", uploadMbps: null, schedule: [] },
          },
        ],
      }),
    ),
  )
})
