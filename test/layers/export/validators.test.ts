import { execFileSync } from "node:child_process"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { exportRun, plant, withRun } from "./world.ts"

const isThere = Either.isRight(Either.try(() => execFileSync("bagit.py", ["--version"], { stdio: "pipe" })))

// It comes from PyPI, not with Debian: nobody needs to have it.
describe.skipIf(!isThere)(`bagit.py${isThere ? "" : " (not run: it isn't here)"}`, () => {
  it.scopedLive("takes a bag for complete and valid", () =>
    withRun((place) =>
      Effect.gen(function* () {
        plant(place.run, {
          "raw/a b": "1",
          "raw/Größe/面试.txt": "2",
          "raw/line\nbreak": "3",
          "raw/*?[x]": "",
        })
        const { path } = yield* exportRun(place, { format: "bagit" })
        execFileSync("bagit.py", ["--quiet", "--validate", path], { stdio: "pipe" })
        plant(path, { "data/raw/a b": "2" })
        expect(() => execFileSync("bagit.py", ["--quiet", "--validate", path], { stdio: "pipe" })).toThrow(
          "bagit.py",
        )
      }),
    ),
  )
})
