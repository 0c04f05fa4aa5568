import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { matches, matchProblems } from "../../../../layers/plugins/registry/matching.ts"

const named = (patterns: ReadonlyArray<string>, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter(matches({ matches: patterns }))

it("an extension is the end of a name, whatever the case of its letters", () => {
  const hits = ["a.csv", "A.CSV", "deep/er/b.cSv", ".csv", "x.tar.gz"]
  const others = ["a.csv.bak", "csv", "a.csvx", "a.csv/b", "a.gz"]
  expect(named([".csv", ".TAR.gz"], [...hits, ...others])).toEqual(hits)
})

it("only ASCII letters have another case", () => {
  expect(named([".ı"], ["a.I", "a.i", "a.ı"])).toEqual(["a.ı"])
  expect(named([".K"], ["a.k", "a.\u212a"])).toEqual(["a.k"])
})

it("a glob is matched against the path from the top of the tree, its case as it is", () => {
  const paths = ["samples/a.tsv", "x/samples/a.tsv", "a.tsv", "samples/A.TSV", "samples/deep/a.tsv"]
  expect(named(["**/samples/*.tsv"], paths)).toEqual(["samples/a.tsv", "x/samples/a.tsv"])
  expect(named(["samples/*"], paths)).toEqual(["samples/a.tsv", "samples/A.TSV"])
  expect(named(["a.tsv"], paths)).toEqual(["samples/a.tsv", "x/samples/a.tsv", "a.tsv", "samples/deep/a.tsv"])
})

it("a manifest that names nothing matches nothing", () => {
  expect(named([], ["a.csv", ""])).toEqual([])
})

it.each([".", "...", "..", "/a", "../*.csv", "a/../b", "", `${"*a".repeat(50)}b`])(
  "%j is told to be wrong, and matches nothing",
  (pattern) => {
    expect(matchProblems([".csv", pattern]).map(([index]) => index)).toEqual([1])
    expect(named([pattern], ["a", "a.csv", "b", "a/b"])).toEqual([])
  },
)

it("what isn't told to be wrong is an extension or a glob: any text matches or doesn't, quickly", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 30 })),
      fc.string({ maxLength: 200 }),
      (all, path) => {
        expect(typeof matches({ matches: all })(path)).toBe("boolean")
      },
    ),
    { numRuns: 100 },
  )
})

it("an extension finds exactly the names that end in it", () => {
  const extension = fc.stringMatching(/^(?:\.[a-z0-9]{1,4}){1,2}$/)
  fc.assert(
    fc.property(extension, fc.stringMatching(/^[a-zA-Z./]{0,12}$/), fc.boolean(), (ending, start, upper) => {
      const path = start + (upper ? ending.toUpperCase() : ending)
      expect(named([ending], [path, `${path}~`])).toEqual([path])
    }),
  )
})
