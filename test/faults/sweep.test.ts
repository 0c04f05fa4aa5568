import { blockedRun, firstProject } from "./creation.ts"
import { disturbances } from "./disturbances.ts"
import { sweep } from "./sweep.ts"
import { testSweep } from "./sweepTests.ts"

for (const scenario of [firstProject, blockedRun]) {
  testSweep(`${scenario.name}: whole or absent, whatever happens when`, 500, sweep(scenario, disturbances))
}
