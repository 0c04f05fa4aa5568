import { Effect, Either, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { Settings } from "../../../src/domain/Settings.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { TemplateList } from "../../../src/ports/TemplateEngine.ts"
import { manifestFile } from "../manifest/decodeManifest.ts"
import { foldersIn, isShelf, type locateTemplate, rootsOf, shelves } from "./locateTemplate.ts"

/** Folders with a manifest in a root, and in the shelves of it, by name. */
const namesIn = Effect.fnUntraced(function* (disk: typeof Disk.Service, root: string) {
  const places = [root, ...shelves.map((shelf) => joinPath(root, shelf))]
  const names = yield* Effect.forEach(places, (place) =>
    Effect.flatMap(
      foldersIn(disk, place),
      Effect.filter((name) =>
        place === root && isShelf(name)
          ? Effect.succeed(false)
          : Effect.map(disk.lstat(joinPath(place, name, manifestFile)), Option.isSome),
      ),
    ),
  )
  return names.flat()
})

/** What a request may name, found as a request would find it. */
export const listTemplates = (
  disk: typeof Disk.Service,
  locate: ReturnType<typeof locateTemplate>,
  settings: Settings,
) =>
  Effect.fnUntraced(function* (equipmentId: string | null) {
    const scope = equipmentId ?? ""
    const roots = yield* rootsOf(disk, settings, scope)
    const names = yield* Effect.forEach(roots, ({ path }) => namesIn(disk, path))
    const found = yield* Effect.forEach([...new Set(names.flat())].toSorted(), (name) =>
      Effect.map(Effect.either(locate(name, scope)), (outcome) => ({ name, outcome })),
    )
    const list: TemplateList = {
      templates: found.flatMap(({ name, outcome }) =>
        Either.isRight(outcome) ? [{ name, located: outcome.right }] : [],
      ),
      unusable: found.flatMap(({ name, outcome }) =>
        Either.isLeft(outcome) ? [{ name, error: outcome.left }] : [],
      ),
    }
    return list
  })
