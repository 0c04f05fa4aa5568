import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"

/** Puts a mark at the end of a file: what plugins do here, and the bare program. */
export const markSource = `import { appendFileSync } from "node:fs"
export const mark = (path) => appendFileSync(path, "measured\\n")
`

const idle = `import { definePlugin } from "exlab-wizard/plugin"
export default definePlugin({ transform: () => {} })
`

const marks = `import { definePlugin } from "exlab-wizard/plugin"
import { mark } from "./mark.mjs"
export default definePlugin({ transform: (file, { root }) => mark(\`\${root}/\${file}\`) })
`

const asks = `#!/bin/sh
read -r input
case "$input" in
*'"mode":"validate"'*) echo '{"kind":"result"}' ;;
*) echo '{"kind":"input_required","reason":"Wells?","fields":[{"id":"wells","label":"Wells","type":"integer","required":true}]}' ;;
esac
`

const manifest = (name: string, runtime: string): string => `name: ${name}
version: "1.0.0"
api_version: "1"
${runtime}
`

const node = "runtime: node\nentry: plugin.mjs"
const command = "runtime: command\ncommand: [./ask.sh]"

/** Plugins that do nothing, mark each file, and ask. */
export const writePlugins = (root: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const plugins = {
      idle: { "manifest.yaml": manifest("idle", node), "plugin.mjs": idle },
      marks: { "manifest.yaml": manifest("marks", node), "plugin.mjs": marks, "mark.mjs": markSource },
      asks: { "manifest.yaml": manifest("asks", command), "ask.sh": asks },
    }
    for (const [name, files] of Object.entries(plugins)) {
      await mkdir(join(root, name), { recursive: true })
      for (const [file, content] of Object.entries(files)) {
        await writeFile(join(root, name, file), content)
        if (file.endsWith(".sh")) await chmod(join(root, name, file), 0o755)
      }
    }
  })
