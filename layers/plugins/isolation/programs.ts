import { dirname, isAbsolute, join, normalize } from "node:path"
import { Effect, Option } from "effect"
import { Disk } from "../../../src/ports/Disk.ts"

/** A program by the path that was looked for, and with its links resolved. */
export interface Program {
  readonly path: string
  readonly real: string
}

/** The file at a path, when it may be run. What can't be looked at isn't there. */
const programAt = (path: string): Effect.Effect<Option.Option<Program>, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const real = yield* disk.realPath(path)
    const info = yield* disk.lstat(real)
    const runs = Option.exists(info, ({ mode, type }) => type === "file" && (mode & 0o111) !== 0)
    return runs ? Option.some({ path, real }) : Option.none()
  }).pipe(Effect.orElseSucceed(Option.none))

/** Where a name on the search path may mean. */
const candidates = (name: string, searchPath: string): ReadonlyArray<string> =>
  isAbsolute(name)
    ? [name]
    : name.includes("/")
      ? []
      : searchPath
          .split(":")
          .filter(isAbsolute)
          .map((folder) => join(folder, name))

/** All programs that a name stands for, the one that would be run first. */
export const programsNamed = (
  name: string,
  searchPath: string,
): Effect.Effect<ReadonlyArray<Program>, never, Disk> =>
  Effect.map(Effect.forEach(candidates(name, searchPath), programAt), (found) =>
    found.flatMap(Option.toArray),
  )

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** Whether both the name and the file lie in one of these places. */
export const isWithin = ({ path, real }: Program, places: ReadonlyArray<string>): boolean =>
  [path, real].every((one) => places.some((place) => isBelow(one, place)))

/** The folder that somebody would let workers read for the sake of a program: above its `bin`, where it has one. */
export const folderOf = (program: string): string => {
  const folder = dirname(program)
  return /\/(?:bin|sbin|shims)$/.test(folder) ? dirname(folder) : folder
}

/** The path in a plugin's folder that a word of its command names; none for words that name no file there. */
export const ownFile = (word: string, directory: string): Effect.Effect<Option.Option<string>, never, Disk> =>
  Effect.gen(function* () {
    const relative = normalize(word)
    if (isAbsolute(word) || relative === "." || relative.split("/")[0] === "..") return Option.none()
    const disk = yield* Disk
    const path = join(directory, relative)
    const info = yield* Effect.option(disk.lstat(path))
    return Option.exists(Option.flatten(info), ({ type }) => type === "file" || type === "symlink")
      ? Option.some(path)
      : Option.none()
  })
