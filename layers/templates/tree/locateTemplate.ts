import { Effect, Either, Option } from "effect"
import { equipmentPath, joinPath, metadataFolder } from "../../../src/domain/Destination.ts"
import { type DiskError, TemplateLoadError } from "../../../src/domain/Errors.ts"
import { isEquipmentId } from "../../../src/domain/PathSegment.ts"
import type { Settings } from "../../../src/domain/Settings.ts"
import type { LocatedTemplate } from "../../../src/domain/Template.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { sentences } from "../problems.ts"
import type { Manifests } from "./Manifests.ts"

/** The folders of a root that sort templates by their type; templates may also lie beside them. */
export const shelves = ["projects", "runs"] as const

export const isShelf = (name: string): boolean => shelves.some((shelf) => shelf === name)

const maxPathLength = 4096

interface Root {
  readonly origin: LocatedTemplate["origin"]
  /** Absolute real path. */
  readonly path: string
}

const nothingThere = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EINVAL", "EILSEQ"])

const resolvePath = (
  disk: typeof Disk.Service,
  path: string,
): Effect.Effect<Option.Option<string>, DiskError> =>
  disk.realPath(path).pipe(
    Effect.asSome,
    Effect.catchIf(
      ({ errno }) => nothingThere.has(errno),
      () => Effect.succeedNone,
    ),
  )

/** The template roots that are there, the one that goes first in front. */
export const rootsOf = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  { paths }: Settings,
  equipmentId: string,
) {
  const own = joinPath(equipmentPath(paths.localRoot, equipmentId), metadataFolder, "templates")
  const candidates = [
    // An id that isn't one names no folder: it is refused later, with its own error.
    ...(isEquipmentId(equipmentId) ? [{ origin: "equipment" as const, path: own }] : []),
    { origin: "global" as const, path: paths.templatesDir },
  ]
  const roots = yield* Effect.forEach(candidates, ({ origin, path }) =>
    Effect.map(
      resolvePath(disk, path),
      Option.map((real): Root => ({ origin, path: real })),
    ),
  )
  return roots.flatMap(Option.toArray)
})

const isBelow = (path: string, { path: root }: Root): boolean =>
  path.startsWith(root === "/" ? root : `${root}/`)

/** The places of one root at which a template may lie that is asked for so. */
const placesIn = (root: Root, templatePath: string): ReadonlyArray<string> => {
  if (templatePath.startsWith("/")) return [templatePath]
  const direct = joinPath(root.path, templatePath)
  return templatePath.includes("/")
    ? [direct]
    : [direct, ...shelves.map((shelf) => joinPath(root.path, shelf, templatePath))]
}

interface Candidate {
  readonly root: Root
  readonly path: string
}

const candidatesIn = (disk: typeof Disk.Service, root: Root, templatePath: string) =>
  Effect.forEach(placesIn(root, templatePath), (path) => resolvePath(disk, path)).pipe(
    Effect.map((found): ReadonlyArray<Candidate> => {
      const inside = found.flatMap(Option.toArray).filter((path) => isBelow(path, root))
      return [...new Set(inside)].map((path) => ({ root, path }))
    }),
  )

const refuse = (path: string, reason: string, problems: ReadonlyArray<string> = []) =>
  new TemplateLoadError({ path, reason, problems })

const shownName = 200

const notFound = (templatePath: string, seen: ReadonlyArray<string> = []) =>
  refuse(
    templatePath.length <= shownName ? templatePath : `${[...templatePath.slice(0, shownName)].join("")}…`,
    "is neither the name of a template nor a path inside a folder of templates",
    seen,
  )

/** More names than these nobody reads. */
const maxNames = 10

/** The folders in a folder, as far as they can be read. */
export const foldersIn = (disk: typeof Disk.Service, path: string): Effect.Effect<ReadonlyArray<string>> =>
  disk.list(path).pipe(
    Effect.map((entries) =>
      entries
        .filter(({ name, type }) => (type === "directory" || type === "symlink") && !name.startsWith("."))
        .map(({ name }) => name),
    ),
    Effect.orElseSucceed(() => []),
  )

/** What there is instead: for people who mistyped a name, or set another folder than they meant. */
const describeRoots = (disk: typeof Disk.Service, roots: ReadonlyArray<Root>) =>
  roots.length === 0
    ? Effect.succeed(["there is no folder of templates: see the settings"])
    : Effect.forEach(roots, ({ path }) =>
        Effect.gen(function* () {
          const direct = yield* foldersIn(disk, path)
          const shelved = yield* Effect.forEach(shelves, (shelf) => foldersIn(disk, joinPath(path, shelf)))
          const names = [...direct.filter((name) => !isShelf(name)), ...shelved.flat()].toSorted()
          const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : ""
          return `in ${path} there are ${names.slice(0, maxNames).join(", ") || "none"}${more}`
        }),
      )

const find = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  roots: ReadonlyArray<Root>,
  templatePath: string,
) {
  for (const root of roots) {
    const candidates = yield* candidatesIn(disk, root, templatePath)
    const [first, ...others] = candidates.filter(
      ({ path }) => !isShelf(templatePath) || path !== joinPath(root.path, templatePath),
    )
    if (first === undefined) continue
    if (others.length === 0) return first
    const paths = [first, ...others].map(({ path }) => path.slice(root.path.length + 1))
    return yield* refuse(templatePath, "is the name of several templates; say which", paths)
  }
  return yield* notFound(templatePath, yield* describeRoots(disk, roots))
})

/**
 * Finds a template by name, or by a path that lies inside one of the roots when every link is resolved,
 * and reads its manifest. Nothing is read of what lies elsewhere.
 */
export const locateTemplate = (disk: typeof Disk.Service, manifests: Manifests, settings: Settings) =>
  Effect.fnUntraced(
    function* (templatePath: string, equipmentId: string) {
      if (
        templatePath === "" ||
        templatePath.length > maxPathLength ||
        /\p{Cc}|\p{Surrogate}/u.test(templatePath)
      ) {
        return yield* notFound(templatePath)
      }
      const roots = yield* rootsOf(disk, settings, equipmentId)
      const { path, root } = yield* find(disk, roots, templatePath)
      const { source } = yield* manifests.read(path)
      if (Either.isLeft(source)) {
        return yield* refuse(templatePath, "has no manifest that can be used", sentences(source.left))
      }
      const located: LocatedTemplate = { manifest: source.right.manifest, root: path, origin: root.origin }
      return located
    },
    (effect, templatePath) =>
      Effect.catchTag(effect, "DiskError", (error) =>
        Effect.fail(refuse(templatePath, "can't be read", [error.message])),
      ),
  )
