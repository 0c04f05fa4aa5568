import { createHash } from "node:crypto"
import { Array, Effect, Either, Option } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { ManifestSource } from "../manifest/decodeManifest.ts"
import { expressionProblems, manifestProblems } from "../manifest/manifestProblems.ts"
import { type Problem, problem } from "../problems.ts"
import { nameProblems, outputs } from "./nameProblems.ts"
import { compileName, expressionsOf, isSame, readContents, textProblem } from "./readContents.ts"
import {
  partialsFolder,
  type TemplateDirectory,
  type TemplateFile,
  type TemplateTree,
} from "./TemplateTree.ts"
import { type WalkedTemplate, walkTemplate, type WalkLimits } from "./walkTemplate.ts"

/** One line for each file and directory: what the digest is made over. */
const digestOf = (
  directories: ReadonlyArray<TemplateDirectory>,
  files: ReadonlyArray<TemplateFile>,
): string => {
  const lines = [
    ...files.map(({ path, sha256 }) => ({ path, line: `${sha256}  ${path}\n` })),
    ...directories.map(({ path }) => ({ path, line: `${path}/\n` })),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const hash = createHash("sha256")
  for (const { line } of lines) hash.update(line)
  return hash.digest("hex")
}

const partialsOf = (files: ReadonlyArray<TemplateFile>): ReadonlyMap<string, TemplateFile> =>
  new Map(
    files
      .filter(({ role, path }) => role === "partial" && path.endsWith(".hbs"))
      .map((file) => [file.path.slice(partialsFolder.length + 1, -".hbs".length), file]),
  )

const bodyProblems = (
  { manifest, lineOf }: ManifestSource,
  files: ReadonlyArray<TemplateFile>,
): ReadonlyArray<Problem> => {
  const body = manifest.readme?.body
  return body === undefined || files.some(({ role }) => role === "body")
    ? []
    : [
        problem(
          "readme_body_missing",
          "template.yaml",
          lineOf(["readme", "body"]),
          `there is no file ${body}`,
        ),
      ]
}

const compiledProblems = (files: ReadonlyArray<TemplateFile>): ReadonlyArray<Problem> =>
  files.flatMap(({ text }) => (text !== null && Either.isLeft(text) ? text.left.problems : []))

const weigh = (files: ReadonlyArray<TemplateFile>): number =>
  files.reduce(
    (sum, file) => sum + 1000 + (file.text === null ? 0 : 2 * file.size) + 500 * expressionsOf(file),
    0,
  )

const assemble = (
  root: string,
  source: ManifestSource,
  walked: WalkedTemplate,
  files: ReadonlyArray<TemplateFile>,
): TemplateTree => {
  const directories = walked.directories.map((path) => ({ path, name: compileName(path, false) }))
  return {
    root,
    source,
    directories,
    files,
    partials: partialsOf(files),
    digest: digestOf(directories, files),
    problems: [
      ...walked.problems,
      ...manifestProblems(source),
      ...expressionProblems(source),
      ...bodyProblems(source, files),
      ...compiledProblems(files),
      ...nameProblems(outputs(directories, files)),
    ],
    weight: weigh(files),
  }
}

const sameList = <A, B>(
  a: ReadonlyArray<A>,
  b: ReadonlyArray<B>,
  same: (one: A, other: B) => boolean,
): boolean => a.length === b.length && Array.zip(a, b).every(([one, other]) => same(one, other))

/** Whether nothing needs to be read again, and nothing came or went. */
const isUnchanged = (before: TemplateTree, walked: WalkedTemplate): boolean =>
  walked.problems.length === 0 &&
  sameList(before.files, walked.files, isSame) &&
  sameList(before.directories, walked.directories, ({ path }, found) => path === found)

/** Whether a template still is as it was read, its manifest included: that is one of its files. */
export const isStillSame = (
  disk: typeof Disk.Service,
  before: TemplateTree,
  limits: WalkLimits,
): Effect.Effect<boolean, DiskError> =>
  Effect.map(walkTemplate(disk, before.root, before.source.manifest, limits), (walked) =>
    isUnchanged(before, walked),
  ).pipe(
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT",
      () => Effect.succeed(false),
    ),
  )

/**
 * A template as it is now. With what was known of it before, only files whose stamp has changed, or can't
 * be trusted yet, are read.
 */
export const loadTemplate = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  root: string,
  source: ManifestSource,
  limits: WalkLimits,
  before: Option.Option<TemplateTree>,
) {
  const walked = yield* walkTemplate(disk, root, source.manifest, limits)
  const tooMuch = textProblem(walked.files)
  const problems = tooMuch === null ? walked.problems : [...walked.problems, tooMuch]
  // What is refused already isn't read.
  const readable = problems.some(({ code }) => code === "limit_exceeded") ? [] : walked.files
  const known = Option.match(before, {
    onNone: () => new Map<string, TemplateFile>(),
    onSome: ({ files }) => new Map(files.map((file) => [file.path, file])),
  })
  const files = yield* readContents(disk, readable, known)
  return assemble(root, source, { ...walked, problems }, files)
})
