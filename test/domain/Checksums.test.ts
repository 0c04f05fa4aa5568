import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { checksumsText, parseChecksums } from "../../src/domain/Checksums.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const oddNames = [
  "plain.txt",
  "two  spaces",
  " leading",
  "trailing ",
  "-n",
  "a\\b",
  "a\nb",
  "a\rb",
  "end\n",
  "\\n",
  "*star",
  "#hash",
  "folder/ünïcode 🧬.tif",
  "folder/'quotes\"",
]

describe("checksums.sha256", () => {
  it.scopedLive("is what sha256sum writes, and what it accepts, whatever the names", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const entries = oddNames.map((path) => ({ path, sha256: sha256(path) }))
      for (const { path } of entries) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), path)
      }
      const text = checksumsText(entries)
      writeFileSync(join(root, "sums"), text)
      const options = {
        cwd: root,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], LC_ALL: "C" },
      } as const
      const sorted = oddNames.toSorted()
      expect(execFileSync("sha256sum", ["--", ...sorted], options)).toBe(text)
      expect(
        execFileSync("sha256sum", ["--check", "--strict", "sums"], options).match(/: OK$/gm),
      ).toHaveLength(oddNames.length)
    }),
  )

  it.effect.prop(
    "reads back what it wrote, sorted by path",
    {
      paths: fc.uniqueArray(
        fc.string({ minLength: 1, unit: fc.constantFrom("a", "b", "\\", "\n", "\r", "n", " ", "/", "é") }),
      ),
    },
    ({ paths }) =>
      Effect.sync(() => {
        const entries = paths.map((path) => ({ path, sha256: sha256(path) }))
        const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
        expect(parseChecksums(checksumsText(entries))).toEqual({ checksums: sorted, badLines: [] })
      }),
  )

  it("tells lines that are none, and reads the others", () => {
    expect(parseChecksums("")).toEqual({ checksums: [], badLines: [] })
    const zeros = "0".repeat(64)
    expect(parseChecksums(`${zeros.slice(1)}  a\n${zeros}  b\n\nrubbish`)).toEqual({
      checksums: [{ path: "b", sha256: zeros }],
      badLines: [1, 4],
    })
  })
})
