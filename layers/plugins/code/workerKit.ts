import { join } from "node:path"
import { Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"

const worker = join(import.meta.dirname, "..", "worker")

/** What makes `import { definePlugin } from "exlab-wizard/plugin"` lead to the kit beside it. */
const packageJson = JSON.stringify({
  name: "exlab-wizard",
  type: "module",
  exports: { "./plugin": "./plugin.mjs" },
})

/** Puts what a node plugin needs of this service into a stage: the runner, and the kit as a package. */
export const addWorkerKit = (stage: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const modules = joinPath(stage, "node_modules")
    const kit = joinPath(modules, "exlab-wizard")
    yield* disk.copyFile(join(worker, "runner.mjs"), joinPath(stage, "runner.mjs"))
    yield* disk.makeDirectory(modules)
    yield* disk.makeDirectory(kit)
    yield* disk.createFile(joinPath(kit, "package.json"), packageJson)
    yield* disk.copyFile(join(worker, "plugin.mjs"), joinPath(kit, "plugin.mjs"))
  })
