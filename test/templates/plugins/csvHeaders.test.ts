import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { FastCheck as fc } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import type { Json } from "../../../layers/plugins/worker/PluginDefinition.ts"
import { load, pluginFolder, runOn, textsOf } from "./support.ts"

interface Outcome {
  readonly errors: ReadonlyArray<string>
  readonly message: string | null
  readonly texts: Readonly<Record<string, string>>
}

type Variables = Readonly<Record<string, Json>>
type Files = Readonly<Record<string, string | Uint8Array>>
type Run = (files: Files, variables: Variables) => Promise<Outcome>

const inJavaScript: Run = async (files, variables) => {
  const { errors, files: after, message } = await runOn("csv-header", { files, variables })
  return { errors, message, texts: textsOf(after) }
}

const folder = await mkdtemp(join(tmpdir(), "exlab-wizard-test-"))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the program says last, having read a line. */
const speak = (cwd: string, input: object) =>
  new Promise<{ readonly errors?: ReadonlyArray<string>; readonly message?: string }>((resolve, reject) => {
    const child = execFile(
      "python3",
      [join(pluginFolder("csv-header-py"), "plugin.py")],
      { cwd },
      (error, out) =>
        error === null ? resolve(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "")) : reject(error),
    )
    child.stdin?.end(`${JSON.stringify(input)}\n`)
  })

let runs = 0

/** The same through the protocol. Variables are called otherwise there; what it says of them is not. */
const inPython: Run = async (files, given) => {
  const root = join(folder, String((runs += 1)))
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), contents)
  }
  await mkdir(root, { recursive: true })
  const variables = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.startsWith("csv_") ? `py_${name}` : name, value]),
  )
  const input = { v: 1, context: { variables, root }, files: Object.keys(files), extra_inputs: null }
  const { errors = [] } = await speak(root, { ...input, mode: "validate" })
  const { message = null } = errors.length === 0 ? await speak(root, { ...input, mode: "transform" }) : {}
  const read = async (path: string) => [path, await readFile(join(root, path), "utf8")] as const
  // What a plugin that fails has changed is thrown away by its host.
  const after = message === null ? await Promise.all(Object.keys(files).map(read)) : Object.entries(files)
  return {
    errors: errors.map((error) => error.replaceAll("py_csv_", "csv_")),
    message: message?.replaceAll("py_csv_", "csv_") ?? null,
    texts: Object.fromEntries(after.map(([path, text]) => [path, String(text)])),
  }
}

const columns = { csv_columns: "well, sample, OD{wavelength_nm}", wavelength_nm: 450 }

describe.each([
  ["csv-header", inJavaScript],
  ["csv-header-py", inPython],
])("%s", (_, run) => {
  const afterRun = async (files: Files, variables: Variables = columns) => {
    const { errors, message, texts } = await run(files, variables)
    expect({ errors, message }).toEqual({ errors: [], message: null })
    return texts
  }

  it("writes the names that the variable lists, and keeps every byte below", async () => {
    const texts = await afterRun({ "readings/a.csv": 'A1,"x, ""y""\n",0.1\r\nA2,,0.2', "b.tsv": "A1\t\t1\n" })
    expect(texts).toEqual({
      "readings/a.csv": 'well,sample,OD450\nA1,"x, ""y""\n",0.1\r\nA2,,0.2',
      "b.tsv": "well\tsample\tOD450\nA1\t\t1\n",
    })
  })

  it("takes over byte order mark, line ends and semicolons", async () => {
    const texts = await afterRun({ "a.csv": "\uFEFFA1;s;0,5\r\nA2;s;0,6\r\n" })
    expect(texts).toEqual({ "a.csv": "\uFEFFwell;sample;OD450\r\nA1;s;0,5\r\nA2;s;0,6\r\n" })
  })

  it("leaves tables with a header row as they are, whichever it is", async () => {
    const files = { "same.csv": "well,sample,OD450\nA1,x,1\n", "other.csv": "position,name\nA1,x\n" }
    expect(await afterRun(files)).toEqual(files)
  })

  it("gives an empty table its header row alone", async () => {
    expect(await afterRun({ "a.csv": "" })).toEqual({ "a.csv": "well,sample,OD450\n" })
  })

  it("takes no row for a header that has numbers, times, dates, empty or equal cells", async () => {
    const rows = [
      "a,b,1",
      "a,b,-1.5e3",
      "a,b,50 %",
      "a,b,2026-04-17",
      "a,b,9:40",
      "a,b,",
      "a,b,b",
      "a,b,NaN",
      "a,b,true",
    ]
    const files = Object.fromEntries(rows.map((row, index) => [`${index}.csv`, `${row}\n`]))
    const texts = await afterRun(files)
    for (const [index, row] of rows.entries()) {
      expect(texts[`${index}.csv`]).toBe(`well,sample,OD450\n${row}\n`)
    }
  })

  it("works on the selected tables only, and on no hidden one", async () => {
    const files = { "raw/read_1.csv": "1,2,3\n", "raw/log.csv": "1,2,3\n", "raw/.read_2.csv": "1,2,3\n" }
    const texts = await afterRun(files, { ...columns, csv_files: "read_*.csv, other/*" })
    expect(texts).toEqual({ ...files, "raw/read_1.csv": "well,sample,OD450\n1,2,3\n" })
    const none = await afterRun(files, { ...columns, csv_files: "read/*.csv" })
    expect(none).toEqual(files)
  })

  it("quotes names that need it", async () => {
    const texts = await afterRun({ "a.csv": "1,2\n" }, { csv_columns: '"mass, g","12"" plate"' })
    expect(texts).toEqual({ "a.csv": '"mass, g","12"" plate"\n1,2\n' })
  })

  it("tells what is wrong with all tables, and changes none", async () => {
    const files = {
      "a.csv": "1,2\n",
      "b.csv": "1,2,3\n",
      "c.csv": Buffer.from("\uFEFF1", "utf16le"),
      "d.csv": '"1,2',
    }
    const { message, texts } = await run(files, columns)
    expect(message).toBe(
      "a.csv: its first row has 2 cells, and csv_columns names 3; c.csv: is UTF-16 text; save it as UTF-8; " +
        "d.csv: its first row is longer than 1 MiB, or its quotes don't pair up",
    )
    expect(texts["b.csv"]).toBe("1,2,3\n")
  })

  it.each<readonly [Variables, ReadonlyArray<string>]>([
    [{ csv_columns: " " }, ["csv_columns must be the names of the columns, separated by commas"]],
    [{ csv_columns: 3 }, ["csv_columns must be the names of the columns, separated by commas"]],
    [{ csv_columns: "a\nb" }, ["csv_columns must be a single line"]],
    [{ csv_columns: '"a,b' }, ["csv_columns: its quotes don't pair up"]],
    [
      { csv_columns: "{x}{y}", y: "" },
      [
        "csv_columns uses {x}, which nobody has filled in",
        "csv_columns uses {y}, which nobody has filled in",
      ],
    ],
    [
      { csv_columns: "a,,b,a" },
      ["csv_columns: column 2 has no name", "csv_columns names the column a twice"],
    ],
    [
      { csv_columns: "a", csv_files: 1 },
      ["csv_files must be names of files, separated by commas; * stands for anything"],
    ],
  ])("says before anything is changed what is wrong with %j", async (variables, errors) => {
    expect(await run({ "a.csv": "1\n" }, variables)).toMatchObject({ errors, texts: { "a.csv": "1\n" } })
  })
})

it("both programs make the same of any table, and a second time nothing", { timeout: 120_000 }, async () => {
  const cell = fc.oneof(
    fc.constantFrom("", "well", "A1", "0.1", "µ", "2026-04-17", "x;y", '"q"', "a\nb", " s "),
    fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => !/[\r\0\ud800-\udfff]/.test(text)),
  )
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const row = fc.tuple(cell, cell).map((cells) => cells.map(quote).join(","))
  const table = fc.oneof(
    fc.array(row, { minLength: 1, maxLength: 3 }).map((rows) => rows.join("\n")),
    fc.string({ unit: fc.constantFrom(...'ab1,;"\n\r\t .-é'), maxLength: 12 }),
  )
  const variables = { csv_columns: "first, second" }
  const numbered = (tables: ReadonlyArray<string>): Readonly<Record<string, string>> =>
    Object.fromEntries(tables.map((text, index) => [`${index}.csv`, text]))
  await fc.assert(
    fc.asyncProperty(fc.array(table, { minLength: 20, maxLength: 20 }), async (tables) => {
      const alone = await Promise.all(tables.map((text) => inJavaScript({ "a.csv": text }, variables)))
      const [fitting, misfits] = [true, false].map((isFit) =>
        numbered(tables.filter((_, index) => (alone[index]?.message === null) === isFit)),
      ) as [Readonly<Record<string, string>>, Readonly<Record<string, string>>]
      const refused = await inJavaScript(misfits, variables)
      expect(await inPython(misfits, variables)).toEqual(refused)
      const once = await inJavaScript(fitting, variables)
      expect(once.message).toBe(null)
      expect(await inPython(fitting, variables)).toEqual(once)
      expect(await inJavaScript(once.texts, variables)).toEqual(once)
      for (const [path, text] of Object.entries(once.texts))
        expect(text.endsWith(fitting[path] ?? "")).toBe(true)
    }),
    { numRuns: 5, endOnFailure: true },
  )
})

it("keeps the permissions of a table", async () => {
  const root = join(folder, "modes")
  await mkdir(root)
  await writeFile(join(root, "a.csv"), "1,2\n", { mode: 0o640 })
  const plugin = await load("csv-header")
  const context = {
    ...{ variables: { csv_columns: "a,b" }, root, destination: "/d", template: { name: "t", version: "1" } },
    ...{ run_kind: "test" as const, equipment_id: "E", project: "P", dry_run: false },
  } as const
  const input = {
    v: 1,
    mode: "transform",
    context,
    files: ["a.csv"],
    extra_inputs: null,
    resume_file: null,
  } as const
  const last = await plugin.drive(input, { say: () => {}, failed: () => {} })
  expect(last).toEqual({ kind: "result" })
  expect((await stat(join(root, "a.csv"))).mode & 0o777).toBe(0o640)
  expect(await readFile(join(root, "a.csv"), "utf8")).toBe("a,b\n1,2\n")
})
