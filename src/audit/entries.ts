import { DateTime, Effect, Either, Option } from "effect"
import { joinPath, kindOfFolder } from "../domain/Destination.ts"
import { textProblem } from "../domain/Json.ts"
import { printable } from "../domain/NameRules.ts"
import type { EquipmentSettings } from "../domain/Settings.ts"
import type { TreeEntry } from "../domain/Tree.ts"
import { Disk, type FileInfo, type FileType } from "../ports/Disk.ts"
import type { Listed } from "./listing.ts"
import type { Found } from "./places.ts"
import { summarise } from "./records.ts"

const kindOf = ({ holder, name }: Listed, type: FileType): TreeEntry["kind"] => {
  if (type === "symlink") return "link"
  if (type !== "directory") return type
  switch (holder) {
    case "root":
      return "equipment"
    case "equipment":
      return "project"
    case "runs":
      return "run"
    case "project":
      return kindOfFolder(name) === undefined ? "folder" : "runs"
    default:
      return "folder"
  }
}

/** A file system may keep times that no calendar has. */
const timeOf = ({ modifiedMillis }: FileInfo): string | null =>
  Option.getOrNull(Option.map(DateTime.make(modifiedMillis), DateTime.formatIso))

/** One of these holds a page up no longer than the slowest of its neighbours. */
const atOnce = 8

/** What is to be said of the names on a page. What vanished meanwhile is left out. */
export const entriesOf = (
  found: Found,
  shown: ReadonlyArray<Listed>,
  equipment: ReadonlyArray<EquipmentSettings>,
) => {
  const known = new Map(equipment.map(({ id, label }) => [id, label]))

  const base = (listed: Listed, kind: TreeEntry["kind"]) => {
    const below = found.path === "" ? listed.below : `${found.path}/${listed.below}`
    const label = known.get(listed.name)
    const isEquipment = listed.holder === "root" && (kind === "equipment" || label !== undefined)
    return {
      name: printable(listed.name),
      path: textProblem(below) === null ? below : null,
      kind,
      size: null,
      modifiedAt: null,
      ...(isEquipment ? { equipment: { label: label ?? "", registered: label !== undefined } } : {}),
      ...(listed.problem === undefined ? {} : { problem: listed.problem }),
    } satisfies TreeEntry
  }

  const seen = Effect.fnUntraced(function* (listed: Listed, path: string, info: FileInfo) {
    const entry = base(listed, kindOf(listed, info.type))
    const { kind } = entry
    return {
      ...entry,
      size: kind === "file" ? info.size : null,
      modifiedAt: timeOf(info),
      ...(kind === "project" || kind === "run" ? { record: yield* summarise(path) } : {}),
    } satisfies TreeEntry
  })

  const entryOf = Effect.fnUntraced(function* (listed: Listed) {
    const path = joinPath(found.directory, listed.below)
    const info = yield* Effect.either(Effect.flatMap(Disk, (disk) => disk.lstat(path)))
    const unseen = base(listed, kindOf(listed, listed.type))
    if (Either.isLeft(info)) return Option.some<TreeEntry>({ ...unseen, problem: info.left.message })
    if (Option.isSome(info.right)) return Option.some<TreeEntry>(yield* seen(listed, path, info.right.value))
    return unseen.equipment?.registered === true ? Option.some<TreeEntry>(unseen) : Option.none<TreeEntry>()
  })

  return Effect.map(Effect.forEach(shown, entryOf, { concurrency: atOnce }), (entries) =>
    entries.flatMap(Option.toArray),
  )
}
