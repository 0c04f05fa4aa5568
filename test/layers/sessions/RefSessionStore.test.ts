import { layer } from "../../../layers/sessions/RefSessionStore.ts"
import { sessionStoreContract } from "../../contract/SessionStore.ts"

sessionStoreContract(layer)
