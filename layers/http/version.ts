import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { packageRoot } from "../EmbeddedSettings.ts"

const decode = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ version: Schema.String })))

/** This package's. */
export const { version } = decode(readFileSync(join(packageRoot, "package.json"), "utf8"))
