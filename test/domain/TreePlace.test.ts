import { posix } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { destinationAt } from "../../src/domain/Destination.ts"
import { treePlaceAt } from "../../src/domain/TreePlace.ts"

const root = "/data/lab"

const piece = fc.constantFrom(
  "C",
  "P-1",
  "Runs",
  "TestRuns",
  "Run_1",
  "raw",
  "a.txt",
  "..",
  ".",
  "",
  ".exlab-wizard",
  ".Exlab-Wizard",
  ".hidden",
  "%2e%2e",
  "\u0000",
  "\udcff",
  "ä",
  "\\",
  "x".repeat(256),
)
const anyPath = fc
  .tuple(
    fc.constantFrom("", "/", `${root}/`, root, "/data/", "/data/labs/", "/etc/"),
    fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("/")),
      fc.string(),
    ),
  )
  .map(([start, rest]) => start + rest)

const kindOf = (path: string) => Either.getOrNull(Either.map(treePlaceAt(root, path), ({ kind }) => kind))
const problemOf = (path: string) => Either.getOrNull(Either.flip(treePlaceAt(root, path)))

describe("a place in the tree", () => {
  it.prop(
    "lies below the local root, whatever the text, and is named by nothing relative",
    [anyPath],
    ([path]) => {
      const place = Either.getOrNull(treePlaceAt(root, path))
      if (place === null) return
      const where = [root, ...place.segments].join("/")
      expect(posix.normalize(where)).toBe(where)
      expect(posix.relative(root, where).startsWith("..")).toBe(false)
      expect(where).not.toMatch(/\u0000|\/\.exlab-wizard(?:\/|$)/i)
      const given = path.startsWith("/") ? path : `${root}/${path}`
      expect(where).toBe(posix.join(given, "/").slice(0, -1))
    },
  )

  it.prop("is a project or a run exactly where there is a destination", [anyPath], ([path]) => {
    const kind = kindOf(path)
    if (kind === null) return
    expect(destinationAt(root, path)?.level ?? null).toBe(kind === "project" || kind === "run" ? kind : null)
  })

  it.each([
    ["", "root"],
    ["/data/lab", "root"],
    ["/data/lab/", "root"],
    ["C", "equipment"],
    ["C/P", "project"],
    ["C/P/", "project"],
    ["C/P/Runs", "runs"],
    ["/data/lab/C/P/TestRuns/x", "run"],
    ["C/P/Runs/x/raw", "folder"],
    ["C/P/raw", "folder"],
    ["C/P/raw/Runs", "folder"],
    ["C/P/.git", "folder"],
    ["C/P/Runs/x/.git", "folder"],
  ])("%j is %s", (path, kind) => {
    expect(kindOf(path)).toBe(kind)
  })

  it.each([
    ["..", /\.\./],
    ["C/../D", /\.\./],
    ["C/./P", /\.\./],
    ["C//P", /empty name/],
    ["/", /out of the local root/],
    ["/etc/passwd", /out of the local root/],
    ["/data/labs/C", /out of the local root/],
    ["/data/lab/../x", /\.\./],
    ["a\u0000", /NUL/],
    ["a\udcff", /surrogate/],
    ["x".repeat(256), /255 bytes/],
    [`C/${"ä".repeat(128)}`, /255 bytes/],
    ["a/".repeat(2050), /4095 bytes/],
    [".exlab-wizard/owners", /service's own/],
    ["C/.exlab-wizard/staging/P-1/tree", /service's own/],
    ["C/P/Runs/.exlab-wizard", /service's own/],
    ["C/P/Runs/x/.Exlab-Wizard/creation.json", /service's own/],
    [".git", /service's own/],
    ["C/.trash", /service's own/],
    ["C/P/Runs/.draft", /service's own/],
  ])("%j is refused", (path, reason) => {
    expect(problemOf(path)).toMatch(reason)
  })
})
