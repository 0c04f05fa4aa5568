import { execFileSync } from "node:child_process"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeZip, type Zip } from "../../../layers/export/zipStream.ts"
import { fastTemporaryDirectory } from "../../support/temporaryDirectory.ts"
import { describeWith } from "../../support/tools.ts"

const entry = (path: string) => ({ path, modifiedMillis: 1_700_000_000_000, mode: 0o644 })

const zipIn = <E>(path: string, fill: (zip: Zip) => Effect.Effect<void, E>) =>
  writeZip(fill, (bytes) => Effect.sync(() => appendFileSync(path, bytes)))

const unzip = (...args: ReadonlyArray<string>): string =>
  execFileSync("unzip", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })

describeWith(["unzip"], "archives that unzip reads", () => {
  it.scopedLive("have the names, the bytes and the modes that they were given", () =>
    Effect.gen(function* () {
      const folder = yield* fastTemporaryDirectory
      const path = join(folder, "a.zip")
      const large = Buffer.alloc(3_000_000, "abcdefg")
      yield* zipIn(path, ({ addDirectory, addFile }) =>
        Effect.gen(function* () {
          yield* addDirectory(entry("Größe"))
          yield* addFile(entry("Größe/面试.txt"), (put) => put(Buffer.from("hi")))
          yield* addFile(entry("empty"), () => Effect.void)
          yield* addFile(entry("large"), (put) =>
            Effect.forEach(
              [large.subarray(0, 1), large.subarray(1, 2_000_000), large.subarray(2_000_000)],
              put,
            ),
          )
        }),
      )
      expect(unzip("-t", path)).toContain("No errors detected")
      expect(unzip("-p", path, "Größe/面试.txt")).toBe("hi")
      expect(unzip("-p", path, "large")).toBe(large.toString())
      expect(unzip("-Z", path)).toMatch(/^-rw-r--r-- .* large$/m)
    }),
  )
})
