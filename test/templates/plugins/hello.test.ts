import { expect, it } from "vitest"
import { runOn, textsOf } from "./support.ts"

const files = { "notes/day.txt": "It rains.\n" }

it("writes the greeting on the first line, once", async () => {
  const variables = { hello_greeting: "Good morning", operator: "asmith" }
  const first = await runOn("hello", { files, variables })
  expect(first.outcome).toBe("success")
  expect(textsOf(first.files)).toEqual({ "notes/day.txt": "Good morning, asmith!\nIt rains.\n" })
  const second = await runOn("hello", { files: first.files, variables })
  expect(second).toMatchObject({ outcome: "success", changes: [], reports: [{ status: "skipped" }] })
})

it("refuses greetings that aren't one line of text, all at once", async () => {
  const run = await runOn("hello", { files, variables: { hello_greeting: "a\nb", hello_name: 7 } })
  expect(run).toMatchObject({
    outcome: "variables_refused",
    errors: ["hello_greeting must be a single line", "hello_name must be a text"],
  })
})
