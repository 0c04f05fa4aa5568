import * as fs from "node:fs"
import { dirname } from "node:path"
import { Either } from "effect"
import { encodePath } from "../../layers/disk/nativePath.ts"
import { Action, type Operation, type Plan } from "./FaultDisk.ts"

const modeOf = (path: string): number => {
  const encoded = encodePath(path)
  if ("errno" in encoded) return 0o777
  // What can't be looked at here is refused by the disk itself.
  return Either.getOrElse(
    Either.try(() => fs.lstatSync(encoded.native).mode),
    () => 0o777,
  )
}

const lacks = (path: string, bits: number): boolean => (modeOf(path) & bits) !== bits

/** The directories around a path, up to `root`. */
const around = (root: string, path: string): ReadonlyArray<string> =>
  path.length <= root.length ? [] : [dirname(path), ...around(root, dirname(path))]

const reading = new Set<Operation["name"]>(["list", "readFile", "hashFile", "copyFile"])
const changing = new Set<Operation["name"]>([
  "copyFile",
  "createFile",
  "makeDirectory",
  "makeLink",
  "removeDirectory",
  "removeFile",
  "rename",
  "renameNew",
])

const moving = new Set<Operation["name"]>(["rename", "renameNew"])

const isDirectory = (path: string): boolean => (modeOf(path) & fs.constants.S_IFMT) === fs.constants.S_IFDIR

const refuses = (root: string, { name, paths }: Operation): boolean => {
  const inside = (path: string): boolean => path === root || path.startsWith(`${root}/`)
  const sources = paths.slice(0, 1).filter(inside)
  const changed = (name === "copyFile" ? paths.slice(1) : paths).filter(inside)
  return (
    paths.filter(inside).some((path) => around(root, path).some((directory) => lacks(directory, 0o100))) ||
    (reading.has(name) && sources.some((path) => lacks(path, 0o400))) ||
    (changing.has(name) && changed.some((path) => path !== root && lacks(dirname(path), 0o300))) ||
    (moving.has(name) && sources.some((path) => isDirectory(path) && lacks(path, 0o200)))
  )
}

/** Below `root` the files' own modes count, as they do for owners; root may do everything, and tests may run as root. */
export const ownersRights =
  (root: string): Plan =>
  (operation) =>
    refuses(root, operation) ? Action.FailBefore({ errno: "EACCES" }) : Action.Pass()
