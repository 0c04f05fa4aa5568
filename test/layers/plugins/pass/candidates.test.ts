import { describe, expect, it } from "vitest"
import { candidatesOf, filesFor, missingVariables } from "../../../../layers/plugins/pass/candidates.ts"
import type { JsonObject } from "../../../../src/domain/Json.ts"
import type { PluginPass } from "../../../../src/domain/Plugin.ts"
import type { PluginCatalog, RegisteredPlugin } from "../../../../src/domain/PluginCatalog.ts"

const plugin = (
  name: string,
  matches: ReadonlyArray<string> = [],
  requiredVariables: ReadonlyArray<string> = [],
): RegisteredPlugin => ({
  manifest: {
    name,
    version: "1",
    apiVersion: "1",
    runtime: "command",
    command: ["./run"],
    matches,
    requiredVariables,
    optionalVariables: [],
    isolation: { timeoutSeconds: 30, memoryMb: 512, network: false },
  },
  directory: `/plugins/${name}`,
  source: "lab",
})

const catalog = (...plugins: ReadonlyArray<RegisteredPlugin>): PluginCatalog => ({
  plugins,
  excluded: [],
  replaced: [],
})

const pass = (
  plugins: ReadonlyArray<string>,
  files: ReadonlyArray<string> = [],
  variables: JsonObject = {},
): PluginPass => ({
  sessionId: "s",
  tree: "/tree",
  copies: "/copies",
  destination: "/destination",
  plugins,
  pluginsFatal: false,
  files,
  variables,
  template: { name: "t", version: "1" },
  runKind: "test",
  equipmentId: "DEMO_01",
  project: "PROJ-1",
})

const namesOf = (candidates: ReadonlyArray<RegisteredPlugin>) =>
  candidates.map(({ manifest }) => manifest.name)

describe("who takes part in a pass", () => {
  it("the template's plugins come first, in its order, each once", () => {
    const known = catalog(plugin("a"), plugin("b"), plugin("c"))
    expect(namesOf(candidatesOf(known, pass(["c", "a", "c"])))).toEqual(["c", "a"])
  })

  it("others that match a file follow, by name", () => {
    const known = catalog(
      plugin("z", [".csv"]),
      plugin("m", ["data/*.csv"]),
      plugin("n", [".txt"]),
      plugin("a"),
    )
    expect(namesOf(candidatesOf(known, pass(["a"], ["data/x.csv"])))).toEqual(["a", "m", "z"])
  })

  it("one that nobody named stays away without its variables, or without anything that it matches", () => {
    const known = catalog(plugin("needs", [".csv"], ["header"]), plugin("anything"))
    expect(namesOf(candidatesOf(known, pass([], ["x.csv"])))).toEqual([])
    expect(namesOf(candidatesOf(known, pass([], ["x.csv"], { header: "" })))).toEqual([])
    expect(namesOf(candidatesOf(known, pass([], ["x.csv"], { header: "a" })))).toEqual(["needs"])
  })

  it("a variable that only an object's prototype has isn't there", () => {
    expect(missingVariables(plugin("p", [], ["toString", "a"]).manifest, { a: 0 })).toEqual(["toString"])
  })

  it("a plugin is given what it matches, or everything when it names nothing", () => {
    const files = ["a.csv", "b/A.CSV", "c.txt"]
    expect(filesFor(plugin("p", [".csv"]).manifest, files)).toEqual(["a.csv", "b/A.CSV"])
    expect(filesFor(plugin("p").manifest, files)).toEqual(files)
  })
})
