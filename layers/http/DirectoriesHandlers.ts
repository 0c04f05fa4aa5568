import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../../src/api/Api.ts"
import { Directories } from "../../src/audit/Directories.ts"
import { enveloped } from "./envelopes.ts"

export const layer = HttpApiBuilder.group(Api, "directories", (handlers) =>
  Effect.map(Directories, ({ browse, describe }) =>
    handlers
      .handle("tree", ({ urlParams }) => enveloped(browse(urlParams)))
      .handle("run", ({ path }) => enveloped(describe(path.path))),
  ),
)
