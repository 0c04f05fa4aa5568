import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { toQuestion } from "../../../../layers/plugins/protocol/prompt.ts"
import { definePlugin, type PluginField, testPlugin } from "../../../../layers/plugins/worker/plugin.mjs"

const header = definePlugin({
  validateVariables: ({ operator }) => (operator === "nobody" ? ["nobody is no operator"] : []),
  canHandle: (file) => file.endsWith(".csv"),
  transform(file, ctx) {
    const unit = ctx.extraInputs["unit"]
    if (file === "b.csv" && unit === undefined) {
      ctx.requestInput([{ id: "unit", label: "Unit", type: "string" }], "b.csv has no unit")
    }
    const path = join(ctx.root, file)
    writeFileSync(path, `${ctx.variables["operator"]} ${String(unit)}\n${readFileSync(path, "utf8")}`)
    ctx.log.info("header written", { file })
    return { status: "modified", detail: "a header" }
  },
  describe: (file) => `${file} gets a header`,
})

const files = { "a.csv": "1", "b.csv": "2", "notes/c.txt": "3" }
const variables = { operator: "Ada" }

describe("testPlugin", () => {
  it("shows what a plugin did, said and asked", async () => {
    const run = await testPlugin(header, { files, variables })
    expect(run).toMatchObject({
      outcome: "asked",
      prompt: {
        fields: [{ id: "unit", label: "Unit", type: "string" }],
        reason: "b.csv has no unit",
        file: "b.csv",
      },
      logs: [{ level: "info", message: "header written", context: { file: "a.csv" } }],
      reports: [{ path: "a.csv", status: "modified", detail: "a header" }],
      changes: [{ path: "a.csv", kind: "modified", text: "Ada undefined\n1" }],
      errors: [],
      error: null,
      message: null,
    })
  })

  it("goes on with the files as they were left, and an answer", async () => {
    const asked = await testPlugin(header, { files, variables })
    const run = await testPlugin(header, {
      files: asked.files,
      variables,
      extraInputs: { unit: "mV" },
      resumeFile: asked.prompt?.file,
    })
    expect(run.outcome).toBe("success")
    expect(run.prompt).toBeNull()
    expect(run.changes).toEqual([{ path: "b.csv", kind: "modified", text: "Ada mV\n2" }])
    expect(Buffer.from(run.files["a.csv"] ?? []).toString()).toBe("Ada undefined\n1")
  })

  it("variables that are refused end it before anything is changed", async () => {
    const run = await testPlugin(header, { files, variables: { operator: "nobody" } })
    expect(run).toMatchObject({
      outcome: "variables_refused",
      errors: ["nobody is no operator"],
      changes: [],
    })
  })

  it("describes without changing", async () => {
    const run = await testPlugin(header, { files, mode: "describe", dryRun: true })
    expect(run).toMatchObject({ outcome: "success", changes: [] })
    expect(run.reports).toEqual([
      { path: "a.csv", status: "modified", detail: "a.csv gets a header" },
      { path: "b.csv", status: "modified", detail: "b.csv gets a header" },
    ])
  })

  it("a plugin that fails leaves nothing, and its error is there to look at", async () => {
    const oh = new Error("oh")
    const plugin = definePlugin({
      transform(file, { root }) {
        rmSync(join(root, file))
        throw oh
      },
    })
    const run = await testPlugin(plugin, { files })
    expect(run).toMatchObject({ outcome: "failed", message: "a.csv: oh", changes: [] })
    expect(run.error).toBe(oh)
    expect(Object.keys(run.files)).toEqual(Object.keys(files))
  })

  it("one that fails while it checks the variables has failed, too", async () => {
    const plugin = definePlugin({
      validateVariables: () => {
        throw new Error("oh")
      },
      transform: () => undefined,
    })
    expect(await testPlugin(plugin, { files })).toMatchObject({ outcome: "failed", message: "oh" })
  })

  it("sees what was created, renamed and deleted, in bytes that are no text, too", async () => {
    const bytes = new Uint8Array([0, 255, 254, 13])
    const plugin = definePlugin({
      transform: (_, { root }) => renameSync(join(root, "raw.bin"), join(root, "moved.bin")),
      after: ({ destination, root }) => writeFileSync(join(root, "where.txt"), destination),
    })
    const run = await testPlugin(plugin, { files: { "raw.bin": bytes }, destination: "/data/run" })
    expect(run.changes.map(({ kind, path }) => [path, kind])).toEqual([
      ["moved.bin", "created"],
      ["raw.bin", "deleted"],
      ["where.txt", "created"],
    ])
    expect(run.changes[2]?.text).toBe("/data/run")
    expect(run.files["moved.bin"]).toEqual(bytes)
  })

  it("gives only the files that it is told to, and takes its folder away", async () => {
    const seen: Array<string> = []
    let folder = ""
    const plugin = definePlugin({
      transform(file, { root }) {
        seen.push(file)
        folder = root
      },
    })
    const run = await testPlugin(plugin, { files, matching: ["notes/c.txt"] })
    expect(seen).toEqual(["notes/c.txt"])
    expect(run.changes).toEqual([])
    expect(folder).not.toBe("")
    expect(existsSync(folder)).toBe(false)
  })
})

const fieldTypes = ["string", "text", "number", "integer", "boolean", "date", "choice"] as const

const fieldArbitrary: fc.Arbitrary<PluginField> = fc.record(
  {
    id: fc.oneof(fc.constantFrom("a", "_b1", "1a", "a b", "", "ä"), fc.string()),
    label: fc.string(),
    type: fc.constantFrom(...fieldTypes),
    options: fc.uniqueArray(fc.string(), { maxLength: 2 }),
    pattern: fc.constantFrom("^a+$", "(", "\\p{L}", "[b-a]", ""),
    hint: fc.string(),
    required: fc.boolean(),
  },
  { requiredKeys: ["id", "label", "type"] },
)

const askFor = (fields: ReadonlyArray<PluginField>, reason: string) =>
  testPlugin(
    definePlugin({
      before: (ctx) => ctx.requestInput(fields, reason),
      transform: () => undefined,
    }),
  )

describe("requestInput", () => {
  it("lets through what the host accepts, and nothing else", async () => {
    const asked = fc.tuple(
      fc.array(fieldArbitrary, { maxLength: 3 }),
      fc.constantFrom("why", " ", "x".repeat(2001)),
    )
    await fc.assert(
      fc.asyncProperty(asked, async ([fields, reason]) => {
        const { outcome } = await askFor(fields, reason)
        const isAccepted = Either.isRight(toQuestion({ fields, reason }))
        expect(outcome).toBe(isAccepted ? "asked" : "failed")
      }),
      { numRuns: 200 },
    )
  })

  it("refuses options where there is nothing to choose, as the host does", async () => {
    const fields = [{ id: "a", label: "l", type: "string" as const, options: [] }]
    expect((await askFor(fields, "why")).outcome).toBe("failed")
  })

  it("as many fields as the host takes, and not one more", async () => {
    const fields = Array.from({ length: 51 }, (_, at) => ({
      id: `f${at}`,
      label: "l",
      type: "date" as const,
    }))
    expect((await askFor(fields.slice(1), "why")).outcome).toBe("asked")
    expect(await askFor(fields, "why")).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("50"),
    })
  })
})
