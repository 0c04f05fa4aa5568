import { join } from "node:path"
import type { PartialSettings } from "../../../../layers/EmbeddedSettings.ts"

/** The real sync, on a mounted target beside the local root. */
export const killSettings = (root: string): PartialSettings => ({
  paths: { localRoot: join(root, "local"), stateDir: join(root, "state") },
  equipment: [
    {
      id: "DEMO_01",
      label: "Demonstration instrument",
      nasRoot: join(root, "nas"),
      transport: { type: "mounted", uploadMbps: null, schedule: [] },
    },
  ],
  sync: { workers: 2, perEquipment: 2 },
})
