import { Effect, Layer } from "effect"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { WizardLog } from "../../src/ports/WizardLog.ts"
import { formatLogLine, logFileName } from "./logText.ts"
import { inFolder, recordPath } from "./recordFolder.ts"

/** The log as a text file beside the records. Lines that are added together are one write. */
export const layer: Layer.Layer<WizardLog, never, Disk | Settings> = Layer.effect(
  WizardLog,
  Effect.gen(function* () {
    const disk = yield* Disk
    const { host } = (yield* Settings).orchestrator
    const name = logFileName(host)
    return {
      append: Effect.fn("WizardLog.append")((directory, lines) => {
        if (lines.length === 0) return Effect.void
        const path = recordPath(directory, name)
        const text = lines.map((line) => formatLogLine(host, line)).join("")
        return inFolder(disk, path, disk.append(path, text))
      }),
    }
  }),
)
