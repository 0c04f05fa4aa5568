import { Effect } from "effect"
import { Action, DiskFaults, type Operation } from "../../../support/FaultDisk.ts"
import { exporting, exportRun, placeIn } from "../world.ts"

const [root = "", zip = "", when = ""] = process.argv.slice(2)

const kill = Effect.zipRight(
  Effect.sync(() => process.kill(process.pid, "SIGKILL")),
  Effect.never,
)

const plan = ({ name, paths }: Operation): Action => {
  const isReading = (paths[0] ?? "").endsWith("data.csv") && (name === "readPiece" || name === "copyFile")
  if (when === "reading") return isReading ? Action.RunAfter({ effect: kill }) : Action.Pass()
  if (name !== "renameNew") return Action.Pass()
  return when.endsWith("before") ? Action.RunBefore({ effect: kill }) : Action.RunAfter({ effect: kill })
}

const program = Effect.gen(function* () {
  const faults = yield* DiskFaults
  yield* faults.arm(plan)
  yield* exportRun(placeIn(root), { zip: zip === "true", format: "bagit" })
})

await Effect.runPromise(Effect.provide(program, exporting(root)))
