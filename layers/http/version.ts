import { createRequire } from "node:module"
import { join } from "node:path"
import { Schema } from "effect"
import { packageRoot } from "../EmbeddedSettings.ts"

const read: unknown = createRequire(import.meta.url)(join(packageRoot, "package.json"))

/** This package's. */
export const { version } = Schema.decodeUnknownSync(Schema.Struct({ version: Schema.String }))(read)
