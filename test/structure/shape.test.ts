import { describe, expect, it } from "vitest"
import { sourceFiles } from "./source.ts"

const maxLines = 350

/** Long because they list many things of one kind. */
const catalogues = ["src/domain/Errors.ts"]

const service = [...sourceFiles("src"), ...sourceFiles("layers")]

/** `class X extends Context.Tag("id")`, `Context.Reference<X>()("id", …)`, also over several lines. */
const tagClass = /class\s+(\w+)\s+extends\s+Context\.(?:Tag|Reference<\w+>\(\))\(\s*"([^"]*)"/g

const tagsOf = (text: string): ReadonlyArray<{ readonly name: string; readonly id: string }> =>
  [...text.matchAll(tagClass)].map(([, name = "", id = ""]) => ({ name, id }))

describe("shape", () => {
  it(`no file has more than ${maxLines} lines`, () => {
    const long = service
      .filter(({ path }) => !catalogues.includes(path))
      .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
      .filter(({ lines }) => lines > maxLines)
    expect(long).toEqual([])
  })

  it("a service's id is its place: exlab-wizard/<Name>, or exlab-wizard/testing/<Name>", () => {
    const wrong = service.flatMap(({ path, text }) =>
      tagsOf(text)
        .filter(({ name, id }) => id !== `exlab-wizard/${name}` && id !== `exlab-wizard/testing/${name}`)
        .map(({ id }) => `${path}: ${id}`),
    )
    expect(wrong).toEqual([])
  })

  it("no two services share an id", () => {
    const ids = service.flatMap(({ text }) => tagsOf(text).map(({ id }) => id))
    expect(ids.length).toBeGreaterThan(5)
    expect(ids).toEqual([...new Set(ids)])
  })

  it("every port has the tag that its file is called after", () => {
    const without = sourceFiles("src/ports").filter(({ path, text }) => {
      const name = path.replace(/^.*\/|\.ts$/g, "")
      return !tagsOf(text).some((tag) => tag.name === name)
    })
    expect(without.map(({ path }) => path)).toEqual([])
  })

  it("index files are the doors only", () => {
    const indexes = service.filter(({ path }) => path.endsWith("/index.ts")).map(({ path }) => path)
    expect(indexes.filter((path) => path !== "src/index.ts" && path !== "layers/index.ts")).toEqual([])
  })
})
