import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { runOn, textsOf } from "./support.ts"

const facts = { operator: "asmith", project_short_id: "PROJ-0001" }

const rename = async (
  files: Readonly<Record<string, string>>,
  rule: string,
  more: Readonly<Record<string, string | number>> = {},
) => {
  const run = await runOn("filename-renamer", {
    files,
    variables: { ...facts, filename_rule: rule, ...more },
  })
  return { ...run, texts: textsOf(run.files) }
}

describe("filename-renamer", () => {
  it("renames by the rule, in every folder, whatever a name holds", async () => {
    const files = {
      "a.csv": "1",
      "raw/Bild µ.ome.tif": "2",
      "raw/deep/notes": "3",
      ".hidden": "4",
      ".x/a.csv": "5",
    }
    const { outcome, reports, texts } = await rename(files, "{project}_{operator}_{name}{ext}")
    expect(outcome).toBe("success")
    expect(texts).toEqual({
      "PROJ-0001_asmith_a.csv": "1",
      "raw/PROJ-0001_asmith_Bild µ.ome.tif": "2",
      "raw/deep/PROJ-0001_asmith_notes": "3",
      ".hidden": "4",
      ".x/a.csv": "5",
    })
    expect(reports[0]).toEqual({ path: "a.csv", status: "renamed", detail: "PROJ-0001_asmith_a.csv" })
  })

  it("renames the selected files only", async () => {
    const files = { "a.csv": "", "raw/a.csv": "", "raw/a.txt": "", "raw/deep/a.csv": "" }
    const { texts } = await rename(files, "x_{name}{ext}", { filename_files: "raw/*.csv, *.txt" })
    expect(Object.keys(texts)).toEqual(["a.csv", "raw/deep/a.csv", "raw/x_a.csv", "raw/x_a.txt"])
  })

  it("changes nothing where names are by the rule already", async () => {
    const { changes, outcome } = await rename({ "a.csv": "" }, "{name}{ext}")
    expect({ changes, outcome }).toEqual({ changes: [], outcome: "success" })
  })

  it("tells all names that can't be, and renames no file", async () => {
    const files = { "a.csv": "", "b.csv": "", "raw/aux.csv": "", "raw/run_1.csv": "", "raw/Run_1.CSV": "" }
    const { changes, message } = await rename(files, "{day}{ext}", { day: "con" })
    expect(changes).toEqual([])
    expect(message?.split("; ")).toHaveLength(5)
    expect(message).toContain("a.csv: its new name con.csv is a device's name on Windows")
  })

  it("refuses two files of one name, also where only case or accents differ", async () => {
    const files = { "a.csv": "", "b.CSV": "", "e\u0301.txt": "", "raw/c.csv": "" }
    const two = await rename(files, "same{ext}")
    expect(two.message).toBe("b.CSV and a.csv would both be same.CSV")
    const there = await rename({ "x_é.txt": "", "e\u0301.txt": "" }, "x_{name}{ext}", {
      filename_files: "e*",
    })
    expect(there.message).toBe("e\u0301.txt: x_é.txt is there already")
    const folder = await rename({ "X_A.d/b": "", "a.d": "" }, "x_{name}{ext}", { filename_files: "a*" })
    expect(folder.message).toBe("a.d: x_a.d is there already")
  })

  it("leaves the service's README alone", async () => {
    expect((await rename({ "me.md": "" }, "READ{name}{ext}")).message).toBe(
      "me.md: README.md is the service's own",
    )
  })

  it.each<readonly [string, ReadonlyArray<string>]>([
    [" ", ["filename_rule must be a text such as {project}_{name}{ext}"]],
    ["{name}", ["filename_rule has no {ext}: files would lose their extension"]],
    [
      "{x}/{empty}{ext}}{bad}",
      [
        "filename_rule has a brace without its partner",
        'filename_rule holds one of < > : " / \\ | ? * or a control character',
        "filename_rule uses {x}, and there is no such variable",
        "filename_rule uses {empty}, which nobody has filled in",
        'filename_rule uses {bad}, whose value "a/b" holds one of < > : " / \\ | ? * or a control character',
      ],
    ],
  ])("says all that is wrong with the rule %j before any file is looked at", async (rule, errors) => {
    const run = await rename({ "a.csv": "" }, rule, { empty: "", bad: "a/b" })
    expect(run).toMatchObject({ outcome: "variables_refused", errors })
  })

  it("never loses or overwrites a file: the contents are the same, or nothing is changed", async () => {
    const name = fc.string({
      unit: fc.constantFrom("a", "B", "b", "é", "e\u0301", ".", "_", " "),
      minLength: 1,
      maxLength: 4,
    })
    const path = fc.array(
      name.filter((text) => !/^\.{1,2}$/.test(text)),
      { minLength: 1, maxLength: 2 },
    )
    const paths = fc.uniqueArray(
      path.map((parts) => parts.join("/")),
      { maxLength: 6 },
    )
    const standing = (all: ReadonlyArray<string>) =>
      all.filter((one) => !all.some((other) => other !== one && other.startsWith(`${one}/`)))
    const rules = fc.constantFrom("{name}{ext}", "b{ext}", "{name}_a{ext}", "{ext}a", "{name}{name}{ext}")
    await fc.assert(
      fc.asyncProperty(paths.map(standing), rules, async (all, rule) => {
        const files = Object.fromEntries(all.map((one, index) => [one, String(index)]))
        const run = await rename(files, rule)
        if (run.outcome === "success") {
          expect(Object.values(run.texts).sort()).toEqual(Object.values(files).sort())
          expect(
            Object.keys(run.texts)
              .map((one) => one.split("/").length)
              .sort(),
          ).toEqual(all.map((one) => one.split("/").length).sort())
        } else expect(run.texts).toEqual(files)
      }),
      { numRuns: 150 },
    )
  })
})
