import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { decodePluginManifest } from "../../../../layers/plugins/registry/decodePluginManifest.ts"

const head = 'name: p\nversion: "1"\napi_version: "1"\n'

const reasons = (text: string): ReadonlyArray<string> => {
  const decoded = decodePluginManifest(text)
  return Either.isLeft(decoded) ? decoded.left : []
}

const whole = `name: csv-header                # as the folder
version: "0.3.1"
author: A. Smith
description: A header row
api_version: "1"
runtime: node
entry: plugin.mjs
command: ["python3", "plugin.py"]
matches: [".csv", "**/samples/*.tsv"]
required_variables: [operator]
optional_variables: []
isolation: { timeout_seconds: 30, memory_mb: 512, network: false }
`

it("a manifest with every key is read; the other runtime's key may stay", () => {
  expect(Either.getOrThrow(decodePluginManifest(whole)).manifest).toEqual({
    name: "csv-header",
    version: "0.3.1",
    author: "A. Smith",
    description: "A header row",
    apiVersion: "1",
    runtime: "node",
    entry: "plugin.mjs",
    matches: [".csv", "**/samples/*.tsv"],
    requiredVariables: ["operator"],
    optionalVariables: [],
    isolation: { timeoutSeconds: 30, memoryMb: 512, network: false },
  })
  const asCommand = Either.getOrThrow(
    decodePluginManifest(whole.replace("runtime: node", "runtime: command")),
  )
  expect(asCommand.manifest).toMatchObject({ runtime: "command", command: ["python3", "plugin.py"] })
})

it("what a manifest leaves out has defaults", () => {
  const { manifest } = Either.getOrThrow(decodePluginManifest(`${head}runtime: command\ncommand: [x]\n`))
  expect(manifest).toMatchObject({
    matches: [],
    requiredVariables: [],
    optionalVariables: [],
    isolation: { timeoutSeconds: 30, memoryMb: 512, network: false },
  })
})

describe("what is wrong is told with its line, all at once", () => {
  it.each<[name: string, text: string, expected: ReadonlyArray<unknown>]>([
    [
      "many things",
      `name: a/b\nversion: 1\napi_version: "1"\nruntime: node\nentri: x\nmatches: .csv\nisolation:\n  timeout_seconds: 301\n  memory_mb: 4096\n`,
      [
        expect.stringContaining("manifest.yaml:5 entri is not a key that is known here"),
        expect.stringContaining("manifest.yaml:1 name must be"),
        "manifest.yaml:2 version must be a text: put it in quotes",
        'manifest.yaml:6 matches must be a list, not ".csv"',
        "manifest.yaml:8 isolation.timeout_seconds must be a number less than or equal to 300, not 301",
        "manifest.yaml:9 isolation.memory_mb must be a number between 64 and 2048, not 4096",
        "manifest.yaml:1 entry is missing",
      ],
    ],
    [
      "another version: nothing else is said",
      'name: 1\napi_version: "2"\nwhatever: true\n',
      ['manifest.yaml:2 api_version "2" isn\'t supported; this service supports 1'],
    ],
    [
      "a version without quotes",
      'name: p\nversion: "1"\napi_version: 1\nruntime: node\nentry: x\n',
      ["manifest.yaml:3 api_version must be a text: put it in quotes"],
    ],
    [
      "an unknown runtime, and what is wrong besides",
      'name: p\nversion: ""\napi_version: "1"\nruntime: python\ncommand: []\n',
      [
        'manifest.yaml:4 runtime must be node or command, not "python"',
        expect.stringContaining("manifest.yaml:2 version"),
        expect.stringContaining("manifest.yaml:5 command"),
      ],
    ],
    ["no runtime", `${head}entry: x\n`, ["manifest.yaml:1 runtime is missing: it is node or command"]],
    ["no manifest at all", "", ["manifest.yaml:1 the manifest must be keys with values"]],
    ["a list", "- a\n", ["manifest.yaml:1 the manifest must be keys with values"]],
    ["a key twice", `${head}name: q\n`, ["manifest.yaml:4 the key name is there twice"]],
    ["__proto__", `${head}__proto__: {}\n`, ["manifest.yaml:4 the name __proto__ can't be used"]],
    [
      "a prototype's key",
      `${head}runtime: toString\n`,
      [expect.stringContaining('not "toString"'), expect.anything()],
    ],
    ["no YAML", "{", [expect.stringMatching(/^manifest\.yaml:\d+ /)]],
    ["deep nesting", "[".repeat(5000), ["manifest.yaml is nested too deeply"]],
  ])("%s", (_, text, expected) => {
    expect(reasons(text)).toEqual(expected)
  })
})

it("aliases that stand for ever more are refused at once", () => {
  const levels = Array.from({ length: 30 }, (_, i) => `k${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`)
  expect(reasons(`k0: &a0 x\n${levels.join("\n")}\n`)).toEqual([
    expect.stringContaining("holds too many or too deeply nested values"),
  ])
})

it("any text is a manifest or has a reason", () => {
  const line = fc.constantFrom(
    ...whole.split("\n"),
    "runtime: command",
    "entry: [",
    "name: &a *a",
    "? :",
    "__proto__: 1",
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(line).map((lines) => lines.join("\n")),
        fc.string({ unit: "binary" }),
      ),
      (text) => {
        const decoded = decodePluginManifest(text)
        if (Either.isLeft(decoded)) expect(decoded.left.length).toBeGreaterThan(0)
        else expect(decoded.right.manifest.name).toMatch(/^[A-Za-z0-9_-]+$/)
      },
    ),
    { numRuns: 200 },
  )
})
