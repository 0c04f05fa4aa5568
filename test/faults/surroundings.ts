import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Either } from "effect"
import type { Disk } from "../../src/ports/Disk.ts"

interface Entry {
  readonly type: "directory" | "file" | "other"
  readonly content: Buffer
  /** Mode and time of the last change of the content; empty for a directory. */
  readonly stamp: string
  /** Differs whenever anything about the file was changed. */
  readonly version: string
}

/** Every entry below a root, by relative path. */
export type Picture = ReadonlyMap<string, Entry>

const nothing = Buffer.alloc(0)
const directory: Entry = { type: "directory", content: nothing, stamp: "", version: "" }

const entryAt = (path: string, known: Entry | undefined): Entry => {
  const info = lstatSync(path, { bigint: true })
  const stamp = `${info.mode} ${info.mtimeNs}`
  const version = `${stamp} ${info.ino} ${info.size} ${info.ctimeNs}`
  if (known?.version === version) return known
  return info.isFile()
    ? { type: "file", content: readFileSync(path), stamp, version }
    : {
        type: "other",
        content: info.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : nothing,
        stamp,
        version,
      }
}

/** Relative paths, directories before what is in them. */
const walk = (root: string, below = ""): ReadonlyArray<readonly [path: string, isDirectory: boolean]> =>
  readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`
    return entry.isDirectory() ? [[path, true] as const, ...walk(root, path)] : [[path, false] as const]
  })

/** With an earlier picture, only what has changed since is read. */
export const pictureOf = (root: string, earlier?: Picture): Picture =>
  new Map(
    walk(root).map(([path, isDirectory]) => [
      path,
      isDirectory ? directory : entryAt(join(root, path), earlier?.get(path)),
    ]),
  )

/** What is in the staging areas below a root. */
export const leftInStaging = (root: string): ReadonlyArray<string> =>
  walk(root).flatMap(([path]) => (/(^|\/)staging\/./.test(path) ? [`${path} is left`] : []))

/** What every creation may add to or bring up to date. */
const shared = /\/\.exlab-wizard\/(wizard\.[^/]*\.log|equipment\.json)$/

const isAsBefore = (was: Entry, now: Entry | undefined): boolean =>
  now !== undefined && now.type === was.type && now.stamp === was.stamp && now.content.equals(was.content)

/** Ways in which what stood in a root has changed. */
export const damage = (before: Picture, now: Picture): ReadonlyArray<string> =>
  [...before].flatMap(([path, was]) =>
    isAsBefore(was, now.get(path)) || (shared.test(path) && now.has(path)) ? [] : [`${path} has changed`],
  )

/** What a creation leaves beside its directory: markers and locks of records, logs, folders. */
const expected =
  /^local\/[^/]+\/(.*\/)?\.exlab-wizard\/(wizard\.[^/]*\.log|(equipment|runs|test_runs)\.json(\.lock)?)$/

/** What is new in a root that no creation should leave, other than below `destination`. */
export const litter = (before: Picture, now: Picture, destination: string): ReadonlyArray<string> =>
  [...now]
    .filter(([path, { type }]) => !before.has(path) && (type !== "directory" || /\/staging\/./.test(path)))
    .map(([path]) => path)
    .filter((path) => !path.startsWith(`${destination}/`) && !expected.test(path))
    .map((path) => `${path} is left`)

/** Makes a root what it was, as far as creations may change it. */
export const restore = (root: string, before: Picture, now: Picture): void => {
  for (const path of now.keys()) {
    if (!before.has(path)) rmSync(join(root, path), { recursive: true, force: true })
  }
  for (const [path, was] of before) {
    if (shared.test(path) && !isAsBefore(was, now.get(path))) writeFileSync(join(root, path), was.content)
  }
}

/** Lock files below a root whose lock somebody holds. */
export const heldLocks = (disk: typeof Disk.Service, root: string, now: Picture) =>
  Effect.filter(
    [...now.keys()].filter((path) => path.endsWith(".lock")),
    (path) => Effect.scoped(Effect.negate(Effect.orDie(disk.tryLock(join(root, path))))),
  ).pipe(Effect.map((paths) => paths.map((path) => `${path} is still locked`)))

const listed = (path: string): ReadonlyArray<string> =>
  Either.getOrElse(
    Either.try(() => readdirSync(path)),
    () => [],
  )

const target = (path: string): string =>
  Either.getOrElse(
    Either.try(() => readlinkSync(path)),
    () => "",
  )

/** Files below a root that this process has open; only Linux tells. */
export const openFiles = (root: string): ReadonlyArray<string> =>
  listed("/proc/self/fd")
    .map((fd) => target(`/proc/self/fd/${fd}`))
    .filter((path) => path.startsWith(`${root}/`))
    .map((path) => `${path} is still open`)
