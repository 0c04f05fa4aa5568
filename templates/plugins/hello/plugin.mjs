// The smallest plugin that is whole. Copy this folder, give it another name (here and in manifest.yaml),
// and change what `transform` does. docs/plugins.md explains every part, and how to try it.
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { definePlugin } from "exlab-wizard/plugin"

/** The line that is written. `variables` holds the answers that somebody gave in the form. */
const greetingOf = (variables) =>
  `${variables.hello_greeting}, ${variables.hello_name ?? variables.operator ?? "everybody"}!`

export default definePlugin({
  // Called first, before anything is changed. Give back a sentence for each thing that is wrong, in words
  // that help whoever filled in the form. An empty list means that all is well.
  validateVariables(variables) {
    const problems = []
    for (const name of ["hello_greeting", "hello_name"]) {
      const value = variables[name] ?? ""
      if (typeof value !== "string") problems.push(`${name} must be a text`)
      else if (/[\r\n]/.test(value)) problems.push(`${name} must be a single line`)
    }
    return problems
  },

  // Called for each file that matches the manifest. `file` is its path below `ctx.root`. Nothing outside of
  // `ctx.root` can be changed. If this throws, everything that the plugin did is undone.
  async transform(file, ctx) {
    const path = join(ctx.root, file)
    const text = await readFile(path, "utf8")
    const greeting = greetingOf(ctx.variables)
    if (text.startsWith(`${greeting}\n`)) return { status: "skipped", detail: "is greeted already" }
    await writeFile(path, `${greeting}\n${text}`)
    ctx.log.info("greeted", { file })
    return "modified"
  },
})
