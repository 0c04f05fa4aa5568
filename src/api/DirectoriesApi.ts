import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Either, ParseResult, Schema } from "effect"
import { RunDetails } from "../domain/RunDetails.ts"
import { TreePage } from "../domain/Tree.ts"
import { NotFound, Refused } from "./ApiError.ts"
import * as examples from "./directoryExamples.ts"
import { pageLimit } from "./parameters.ts"

const TreeParams = Schema.Struct({
  path: Schema.optionalWith(
    Schema.String.annotations({
      description: "A directory, absolute or below the local root. Left out: the local root.",
      examples: ["CONFOCAL_01/PROJ-0042"],
    }),
    { exact: true },
  ),
  limit: pageLimit,
  cursor: Schema.optionalWith(
    Schema.String.annotations({ description: "The page before's `next_cursor`." }),
    {
      exact: true,
    },
  ),
})

/** A path with slashes as one segment of a URL. The server has it decoded by the router. */
const InOneSegment = Schema.transformOrFail(
  Schema.String.annotations({
    description: "A project's or a run's directory, absolute or below the local root, its slashes as %2F.",
    examples: ["CONFOCAL_01%2FPROJ-0042"],
  }),
  Schema.String,
  {
    strict: true,
    decode: ParseResult.succeed,
    encode: (path, _, ast) =>
      Either.try({
        try: () => encodeURIComponent(path),
        catch: () => new ParseResult.Type(ast, path, "must be text that UTF-8 can write"),
      }),
  },
)

const tree = HttpApiEndpoint.get("tree", "/tree")
  .setUrlParams(TreeParams)
  .addSuccess(TreePage.annotations({ identifier: "TreePage", examples: examples.treePages }))
  .addError(NotFound)
  .annotate(OpenApi.Summary, "What is below the local root, one level at a time")
  .annotate(
    OpenApi.Description,
    "Without a path the equipment, that of the settings and what has a folder besides; of equipment its projects, " +
      "of a project its runs, its test runs and its own files, and of everything else what it holds. Links are told " +
      "and not followed. The service's own folders aren't shown. A path that leads out of the local root is `not_found` like one that leads to nothing.",
  )

const run = HttpApiEndpoint.get("run", "/runs/:path")
  .setPath(Schema.Struct({ path: InOneSegment }))
  .addSuccess(RunDetails.annotations({ identifier: "RunDetails", examples: [examples.runDetails] }))
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Everything about one project or run")
  .annotate(
    OpenApi.Description,
    "Its records, its README's fields, what the rules find now, who overruled what, its sync job, and what it holds. " +
      "What can't be read is named in `problems`; the answer is `record_unreadable` where nothing could be told. The " +
      "path is one segment, so its slashes are `%2F`; they may be written as they are, too.",
  )

/** The directories that there are. */
export class DirectoriesApi extends HttpApiGroup.make("directories").add(tree).add(run) {}
