import { posix } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck as fc } from "effect"
import {
  type Destination,
  destinationAt,
  formatRunDate,
  joinPath,
  leafName,
  parentPath,
  projectDestination,
  runDestination,
  segmentsOf,
} from "../../src/domain/Destination.ts"
import { modeMismatch } from "../../src/domain/ModeRule.ts"

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/)
const root = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join("/")}`)
const slashes = fc.constantFrom("", "/", "//")
const runKind = fc.constantFrom("experimental" as const, "test" as const)
const moment = fc
  .date({ min: new Date("1900-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
  .map((date) => DateTime.unsafeMakeZoned(date, { timeZone: "Europe/Berlin" }))

const agrees = (destination: Destination, localRoot: string): void => {
  const { leaf, parent, path } = destination
  expect(path).toBe(joinPath(localRoot, ...segmentsOf(destination)))
  expect(path).toBe(`${parent}/${leaf}`)
  expect([parentPath(path), leafName(path)]).toEqual([parent, leaf])
}

describe("a destination", () => {
  it.prop(
    "of a project is its equipment's folder and its short id",
    [root, slashes, name, name],
    ([at, end, equipment, id]) => {
      const localRoot = `${at}${end}`
      const destination = projectDestination(localRoot, equipment, id)
      agrees(destination, localRoot)
      expect(destination).toMatchObject({ level: "project", runKind: "experimental", leaf: id, project: id })
      expect(destination.path).toBe(posix.join(localRoot, equipment, id))
    },
  )

  it.prop(
    "of a run says its kind twice and its date",
    [root, name, name, runKind, moment],
    ([at, equipment, project, kind, date]) => {
      const destination = runDestination(at, equipment, project, kind, date)
      agrees(destination, at)
      const [folder, prefix] = kind === "test" ? ["TestRuns", "TestRun_"] : ["Runs", "Run_"]
      expect(segmentsOf(destination)).toEqual([equipment, project, folder, `${prefix}${formatRunDate(date)}`])
      expect(destination.leaf).toMatch(/_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/)
      expect(modeMismatch({ folder, leaf: destination.leaf, runKind: kind })).toBe(null)
    },
  )
})

describe("paths", () => {
  it.prop("are put together and taken apart", [root, name], ([at, leaf]) => {
    const path = joinPath(at, leaf)
    expect(path).toBe(posix.join(at, leaf))
    expect(parentPath(path)).toBe(posix.dirname(path))
    expect(leafName(path)).toBe(leaf)
    expect(joinPath(parentPath(path), leafName(path))).toBe(path)
  })

  it("end at the root", () => {
    expect(parentPath("/")).toBe("/")
    expect(parentPath("/a")).toBe("/")
    expect(joinPath("/", "a", "b")).toBe("/a/b")
    expect(joinPath("/a//", "b")).toBe("/a/b")
  })
})

describe("the directory that a path names", () => {
  const root = "/data/lab"
  it.each([
    ["/data/lab/CONFOCAL_01/PROJ-1", "project", "/data/lab/CONFOCAL_01/PROJ-1"],
    ["CONFOCAL_01/PROJ-1/", "project", "/data/lab/CONFOCAL_01/PROJ-1"],
    ["/data/lab/C/P/Runs/Run_2026", "run", "/data/lab/C/P/Runs/Run_2026"],
    ["C/P/TestRuns/TestRun_2026", "run", "/data/lab/C/P/TestRuns/TestRun_2026"],
  ])("%s", (path, level, where) => {
    expect(destinationAt(root, path)).toMatchObject({ level, path: where, localRoot: root })
  })

  it.each([
    "",
    "/",
    "/data/lab",
    "/data/lab/",
    "/data/lab/C",
    "/data/labs/C/P",
    "/etc/passwd",
    "C/../P",
    "C/P/Runs",
    "C/P/Runs/..",
    "C/P/Runs/Run/deeper",
    "C/P/Data/Run",
    "C/.exlab-wizard",
    "C//P",
    "../lab/C/P",
    "C/P/Runs/.exlab-wizard",
    "C/a\u0000b",
    `C/${"ä".repeat(128)}`,
    `${"C".repeat(256)}/P`,
  ])("%j names none", (path) => {
    expect(destinationAt(root, path)).toBeNull()
  })

  it("takes the time of its length, whatever a path is made of", () => {
    expect(destinationAt(root, `C${"/".repeat(1_000_000)}P`)).toBeNull()
    expect(destinationAt(root, `C/P${"/".repeat(1_000_000)}`)?.project).toBe("P")
  })
})
