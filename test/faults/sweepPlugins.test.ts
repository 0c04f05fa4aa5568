import { sweepCancel } from "./cancelling.ts"
import { askingRun, firstProject } from "./creation.ts"
import { disturbances } from "./disturbances.ts"
import { sweep } from "./sweep.ts"
import { testSweep } from "./sweepTests.ts"

testSweep(`${askingRun.name}: whole or absent, whatever happens when`, 700, sweep(askingRun, disturbances))

testSweep(
  "a broken adapter fails a session at most: never one whose directory is published",
  80,
  sweep(firstProject, ["breaks"]),
)

testSweep(
  "the clean-up of a cancelled session: what fails is told, and goes with the next start",
  100,
  sweepCancel(askingRun),
)
