import { Layer } from "effect"
import { layerMemory } from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import { syncQueueContract } from "../../../contract/syncQueue.ts"
import { settingsIn } from "./support.ts"

syncQueueContract("MemorySyncQueue", Layer.provide(layerMemory, settingsIn("/nowhere")))
