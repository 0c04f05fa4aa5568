import { Effect, Either } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { LintFinding } from "../../../src/domain/Template.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { checkTemplate, usedPartials } from "../checkTemplate.ts"
import { manifestFile } from "../manifest/decodeManifest.ts"
import { byPlace, type Problem, problem, warning } from "../problems.ts"
import { nameOf, partialsFolder, type TemplateTree } from "../tree/TemplateTree.ts"
import type { TemplateTrees } from "../tree/TemplateTrees.ts"
import { findTemplates } from "./findTemplates.ts"

/** What file managers and version control leave behind, and nobody wants in every run. */
const stray = /(?:^|\/)(?:\.git|\.svn|\.DS_Store|Thumbs\.db|desktop\.ini|[^/]*~)$/

const strayFiles = ({ directories, files }: TemplateTree): ReadonlyArray<Problem> =>
  [...directories, ...files]
    .filter(({ path }) => stray.test(path))
    .map(({ path }) =>
      warning("stray_file", path, 0, "is copied into every directory; list it under exclude"),
    )

const nameMismatch = (tree: TemplateTree): ReadonlyArray<Problem> => {
  const { manifest, lineOf } = tree.source
  const folder = nameOf(tree.root)
  return folder === manifest.name
    ? []
    : [
        warning(
          "name_mismatch",
          manifestFile,
          lineOf(["name"]),
          `is asked for by its folder's name, ${folder}`,
        ),
      ]
}

const partialWarnings = (tree: TemplateTree): ReadonlyArray<Problem> => {
  const used = usedPartials(tree)
  const unused = [...tree.partials]
    .filter(([name]) => !used.has(name))
    .map(([, { path }]) => warning("partial_unused", path, 0, "is printed by nothing"))
  const others = tree.files
    .filter(({ role, path }) => role === "partial" && !path.endsWith(".hbs"))
    .map(({ path }) =>
      warning("stray_file", path, 0, `is not a partial: their names end in .hbs (in ${partialsFolder})`),
    )
  return [...unused, ...others]
}

/** What a plugin declares isn't known here; questions are asked before any plugin is. */
const unlessByPlugin =
  (tree: TemplateTree) =>
  (found: Problem): Problem =>
    found.code === "unknown_variable" &&
    found.file !== manifestFile &&
    (tree.source.manifest.plugins ?? []).length > 0
      ? {
          ...found,
          severity: "warning",
          message: `${found.message}; one of the plugins would have to declare it`,
        }
      : found

const lintTree = (tree: TemplateTree): ReadonlyArray<Problem> => [
  ...checkTemplate(tree, []).map(unlessByPlugin(tree)),
  ...nameMismatch(tree),
  ...partialWarnings(tree),
  ...strayFiles(tree),
]

const toFinding =
  (folder: string) =>
  ({ file, line, severity, code, message }: Problem): LintFinding => ({
    file: [folder, file].filter((part) => part !== "").join("/"),
    line,
    severity,
    code,
    message,
  })

/** Checks one template, or every template of a folder. */
export const lintTemplates = (disk: typeof Disk.Service, trees: TemplateTrees) =>
  Effect.fnUntraced(function* (path: string): Effect.fn.Return<ReadonlyArray<LintFinding>, DiskError> {
    const root = yield* disk.realPath(path)
    const folders = yield* findTemplates(disk, root)
    const findings = yield* Effect.forEach(folders, (folder) =>
      Effect.map(trees.load(folder === "" ? root : joinPath(root, folder)), (loaded) =>
        (Either.isRight(loaded) ? lintTree(loaded.right) : loaded.left)
          .toSorted(byPlace)
          .map(toFinding(folder)),
      ),
    )
    if (folders.length > 0) return findings.flat()
    return [
      toFinding("")(
        problem("no_template", "", 0, `there is no ${manifestFile} in it, nor in the folders in it`),
      ),
    ]
  })
