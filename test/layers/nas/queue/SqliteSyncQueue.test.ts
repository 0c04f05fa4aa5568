import { syncQueueContract } from "../../../contract/syncQueue.ts"
import { fresh } from "./support.ts"

syncQueueContract("SqliteSyncQueue", fresh)
