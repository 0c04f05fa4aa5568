import { expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { encodeInput, type WorkerInput } from "../../../../layers/plugins/protocol/messages.ts"
import type { Json } from "../../../../src/domain/Json.ts"

const input: WorkerInput = {
  v: 1,
  mode: "transform",
  context: {
    variables: { sampleType: "a\nb", "": { innerKey: [1] } },
    root: "/copies/0",
    destination: "/data/run",
    template: { name: "confocal_run", version: "2.1" },
    runKind: "test",
    equipmentId: "DEMO_01",
    project: "PROJ-0042",
    dryRun: false,
  },
  files: ["a\r\n.csv"],
  extraInputs: { unitName: "mV" },
  resumeFile: null,
}

it("the input is spelled as the protocol says; the names that people chose stay", () => {
  expect(JSON.parse(encodeInput(input))).toEqual({
    v: 1,
    mode: "transform",
    context: {
      variables: { sampleType: "a\nb", "": { innerKey: [1] } },
      root: "/copies/0",
      destination: "/data/run",
      template: { name: "confocal_run", version: "2.1" },
      run_kind: "test",
      equipment_id: "DEMO_01",
      project: "PROJ-0042",
      dry_run: false,
    },
    files: ["a\r\n.csv"],
    extra_inputs: { unitName: "mV" },
    resume_file: null,
  })
})

it("the input is one line, whatever the values", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
      const variables = { [text]: value as Json }
      const line = encodeInput({ ...input, files: [text], context: { ...input.context, variables } })
      expect(line.indexOf("\n")).toBe(line.length - 1)
      expect(JSON.parse(line)).toHaveProperty("files", [text])
    }),
  )
})
