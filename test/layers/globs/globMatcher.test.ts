import { expect, it } from "vitest"
import { globMatcher, globProblems } from "../../../layers/globs/globMatcher.ts"

it("globs name paths, and none of them takes long", () => {
  const matches = globMatcher(["*.bak", "drafts/**", "a/*/c?.txt", "[ab].x", "{m,n}.y"])
  const named = ["x.bak", "deep/.x.bak", "drafts", "drafts/a/b", "a/b/c1.txt", "a.x", "n.y"]
  const others = ["x.BAK", "bak", "other/drafts/a", "a/b/d/c1.txt", "c.x", "o.y"]
  expect([...named, ...others].filter(matches)).toEqual(named)
  const hostile = [`${"*a".repeat(50)}b`, "**/a/**/a/**/b", "x".repeat(201)]
  expect(globProblems(hostile).map(([index]) => index)).toEqual([0, 1, 2])
  // Backtracking over these would not come to an end.
  expect(globMatcher(hostile)(`${"a".repeat(250)}c`)).toBe(false)
  expect(globProblems(Array.from({ length: 101 }, () => "a"))).toEqual([
    [100, "there are more than 100 patterns"],
  ])
})

it.each(["", "/a/*.csv", "../*.csv", "a/../../b", ".."])("%j is no path below a folder", (glob) => {
  expect(globProblems([glob])).toEqual([[0, `${glob} must be a relative path, without ..`]])
})
