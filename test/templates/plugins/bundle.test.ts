import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { beforeAll, expect, it } from "vitest"
import { makeBundle, pluginFolder, runOn } from "./support.ts"
import { headings, partsOf, unzipped, zipped } from "./workbook.ts"

beforeAll(makeBundle)

it("the bundle of xlsx-fields does what its sources do", async () => {
  const files = { "a.xlsx": zipped(partsOf([headings, ["barcode", "operator"]])) }
  const run = await runOn("xlsx-fields", { files, variables: { xlsx_sheet: "metadata", operator: "asmith" } })
  expect(run.outcome).toBe("success")
  expect(unzipped(run.files["a.xlsx"])["xl/worksheets/sheet9.xml"]).toContain(">asmith<")
})

it("the licence of every package in the bundle is beside it", async () => {
  const licences = await readFile(join(pluginFolder("xlsx-fields"), "THIRD_PARTY_LICENSES.txt"), "utf8")
  const named = (name: string, version: string) =>
    new RegExp(`^${name} ${version} — .*\\n\\n(?!=)`, "m").test(licences)
  const require = createRequire(import.meta.url)
  const library = dirname(require.resolve("@xlsx/xlsx-populate"))
  const builds = await Promise.all(
    ["index.mjs", "chunk-UF6D7XES.mjs"].map((name) => readFile(join(library, name), "utf8")),
  )
  const inside = new Set(builds.flatMap((text) => text.match(/(?<=\.pnpm\/)[\w.-]+@[\d.]+/g) ?? []))
  expect(inside.size).toBeGreaterThan(10)
  const missing = [...inside].filter((one) => !named(...(one.split("@") as [string, string])))
  // Only for passwords, and not in the bundle.
  expect(missing.filter((one) => !one.startsWith("cfb@"))).toEqual([])
  const { devDependencies } = require("../../../package.json") as { devDependencies: Record<string, string> }
  for (const name of ["@xlsx/xlsx-populate", "fflate"])
    expect(named(name, devDependencies[name] ?? "")).toBe(true)
})
