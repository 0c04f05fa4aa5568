import { execFileSync } from "node:child_process"
import { expect, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import { digestsByName, digestsInOrderOf } from "../../../../../layers/nas/transports/rsync/digestLines.ts"
import { inRule, unescaped } from "../../../../../layers/nas/transports/rsync/escapes.ts"
import { readLine } from "../../../../../layers/nas/transports/rsync/progressOutput.ts"
import { batches, listed } from "../../../../../layers/nas/transports/rsync/readingBack.ts"
import {
  remoteCommand,
  remoteShellOption,
  rsyncHost,
} from "../../../../../layers/nas/transports/rsync/ssh.ts"

const digest = "0".repeat(64)

it("progress is read with and without the files that are left", () => {
  expect(readLine("      1,234,567  42%   31.25MB/s    0:00:01 (xfr#12, to-chk=3/40)")).toEqual({
    bytes: 1_234_567,
    files: 12,
    left: 3,
  })
  expect(readLine("              2  50%    0.00kB/s    0:00:00  ")).toEqual({
    bytes: 2,
    files: null,
    left: null,
  })
  expect(readLine("a/new\\#012line")).toEqual({ name: "a/new\nline" })
  expect(readLine("")).toBe(null)
})

it("bytes that rsync shows in octal are names again", () => {
  expect(unescaped("\\#303\\#251 \\#134#012 plain")).toBe("é \\#012 plain")
  expect(unescaped("\\#377")).toBe("\uDCFF")
})

it("a rule quotes what it would take for a pattern, and nothing else", () => {
  expect(inRule("a*b\\c[d]")).toBe("a\\*b\\\\c\\[d\\]")
  expect(inRule("a\\b]")).toBe("a\\b]")
})

it("digests are read by name, and by order for names that can't be printed", () => {
  const output = Buffer.from(`${digest}  ./a b\n${digest} *./c\nrubbish\n`)
  expect([...digestsByName(output)]).toEqual([
    ["a b", digest],
    ["c", digest],
  ])
  const inOrder = Buffer.from(`${digest}  -\n-\n${digest}  -\n`)
  expect(digestsInOrderOf(["x\n", "y\n", "z\n"], inOrder)).toEqual([
    ["x\n", digest],
    ["z\n", digest],
  ])
})

it("a list of files is read with sizes, and nothing but files", () => {
  const output =
    "drwxr-xr-x          4,096 2026/11/22 22:37:20 dir\n-rw-r--r--      1,234,567 2026/11/22 22:37:20 dir/a b \n"
  expect(listed(output)).toEqual([{ path: "dir/a b ", size: 1_234_567 }])
})

it("what is read back at a time is bounded, but for a single larger file", () => {
  const sizes = FC.array(FC.integer({ min: 0, max: 2 ** 31 }), { maxLength: 40 })
  FC.assert(
    FC.property(sizes, (some) => {
      const files = some.map((size, index) => ({ path: String(index), size }))
      const groups = batches(files)
      expect(groups.flat()).toEqual(files)
      for (const group of groups) {
        const sum = group.reduce((before, { size }) => before + size, 0)
        expect(group.length === 1 || sum <= 2 ** 30).toBe(true)
      }
    }),
  )
})

it("any arguments reach a script through a login shell as they are", () => {
  const text = FC.string({ unit: "binary", maxLength: 30 }).filter((one) => !one.includes("\0"))
  FC.assert(
    FC.property(FC.array(text, { maxLength: 4 }), (args) => {
      const command = remoteCommand(`printf '%s|' "$#" "$@"`, args)
      expect(command).not.toMatch(/[!\n]/)
      const output = execFileSync("sh", ["-c", command], { encoding: "utf8" })
      expect(output).toBe([String(args.length), ...args].map((one) => `${one}|`).join(""))
    }),
    { numRuns: 50 },
  )
})

it("words of the remote shell are quoted as rsync reads them; addresses have brackets", () => {
  expect(remoteShellOption(["ssh", "-oA=it's b"])).toBe("--rsh='ssh' '-oA=it''s b'")
  expect(rsyncHost("::1")).toBe("[::1]")
  expect(rsyncHost("[fe80::1]")).toBe("[fe80::1]")
  expect(rsyncHost("nas.lab")).toBe("nas.lab")
})
