import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { bytesOfText } from "../../src/domain/ByteText.ts"
import { checksumsBytes, parseChecksums } from "../../src/domain/Checksums.ts"
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
  "stray\udcff",
  "\udced\udcb2\udc80 é",
  "two/\udcfe\udc80\\n",
]

const native = (path: string): Buffer => Buffer.from(bytesOfText(path))

describe("checksums.sha256", () => {
  it.scopedLive("is what sha256sum writes, and what it accepts, whatever the names", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const entries = oddNames.map((path) => ({ path, sha256: sha256(path) }))
      for (const { path } of entries) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(native(join(root, path)), path)
      }
      const bytes = Buffer.from(checksumsBytes(entries))
      writeFileSync(join(root, "sums"), bytes)
      const env = { PATH: process.env["PATH"], LC_ALL: "C" }
      const names = Buffer.concat(oddNames.map((path) => native(`${path}\0`)))
      const written = execFileSync("xargs", ["-0", "sha256sum", "--"], { cwd: root, env, input: names })
      const byLine = (text: Buffer) => text.toString("latin1").split("\n").toSorted()
      expect(byLine(written)).toEqual(byLine(bytes))
      const checked = execFileSync("sha256sum", ["--check", "--strict", "sums"], { cwd: root, env })
      expect(checked.toString("latin1").match(/: OK$/gm)).toHaveLength(oddNames.length)
    }),
  )

  it.effect.prop(
    "reads back what it wrote, sorted by path",
    {
      paths: fc.uniqueArray(
        fc.string({
          minLength: 1,
          unit: fc.constantFrom("a", "b", "\\", "\n", "\r", "n", " ", "/", "é", "\udcff", "🧬"),
        }),
      ),
    },
    ({ paths }) =>
      Effect.sync(() => {
        const entries = paths.map((path) => ({ path, sha256: sha256(path) }))
        const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
        expect(parseChecksums(checksumsBytes(entries))).toEqual({ checksums: sorted, badLines: [] })
      }),
  )

  it("tells lines that are none, and reads the others", () => {
    expect(parseChecksums(Buffer.of())).toEqual({ checksums: [], badLines: [] })
    const zeros = "0".repeat(64)
    expect(parseChecksums(Buffer.from(`${zeros.slice(1)}  a\n${zeros}  b\n\nrubbish`))).toEqual({
      checksums: [{ path: "b", sha256: zeros }],
      badLines: [1, 4],
    })
  })
})
