import type { RecordDigests } from "../../domain/CreationFacts.ts"
import type { FileDigest, FileEntry } from "../../domain/CreationRecord.ts"
import { metadataFolder } from "../../domain/Destination.ts"
import type { DriftOrigin, DriftSource } from "../../domain/Drift.ts"
import { isLate, isPassing, notItsOwn } from "../../domain/PublishedTree.ts"
import type { RenderedFile } from "../../domain/Template.ts"
import type { Reproduction } from "./reproducing.ts"

/** Everything that is on record of a directory's files. */
export interface OnRecord {
  readonly level: "project" | "run"
  /** Null where `files.json` isn't there or can't be read. */
  readonly published: ReadonlyArray<FileEntry> | null
  readonly reproduction: Reproduction | null
  /** Whether plugins had the files after they were rendered. */
  readonly withPlugins: boolean
  readonly readme: { readonly digest: FileDigest; readonly body: string } | null
  readonly records: RecordDigests | null
  /** By path; null before the first sync. */
  readonly synced: ReadonlyMap<string, string> | null
}

interface Expectation {
  readonly source: DriftSource
  readonly sha256: string
  readonly size: number | null
}

export interface Expected {
  readonly path: string
  readonly origin: DriftOrigin
  readonly expectations: Array<Expectation>
  /** Why the template and the answers don't give this file again, although it may be as it was. */
  doubt: string | null
  /** Why it proves nothing when it is not as expected; null where it does. */
  readonly unproven: string | null
}

const readmePath = "README.md"
const readmeFieldsPath = `${metadataFolder}/readme_fields.json`
const filesPath = `${metadataFolder}/files.json`

/** Records that are checked only where something is on record of them: their contents were read anyway. */
export const isSourceItself = (path: string): boolean => path === readmeFieldsPath || path === filesPath

const rendered = ({ sha256, size }: RenderedFile): Expectation => ({ source: "rendered", sha256, size })

/** By what a file was made from: its path in the template. One has none there, that of the answers. */
const keyOf = ({ source }: Pick<RenderedFile, "source">): string => source ?? ""

const doubtOf = ({ path }: FileEntry, now: RenderedFile | undefined, withPlugins: boolean): string | null => {
  if (now === undefined) return "the template doesn't give it with the recorded answers"
  return withPlugins || now.path === path
    ? null
    : `the template calls it ${now.path} with the recorded answers`
}

/** What was published; what no plugin changed, the rendering says, too. */
const fromPublished = (
  entry: FileEntry,
  now: RenderedFile | undefined,
  { reproduction, withPlugins }: OnRecord,
): Expected => {
  const { origin, path, sha256, sha256Rendered, size } = entry
  const expected: Expected = {
    path,
    origin,
    expectations: [{ source: "published", sha256, size }],
    doubt: null,
    unproven: null,
  }
  if (reproduction === null || origin === "plugin" || sha256Rendered !== sha256) return expected
  if (!reproduction.isExact) {
    return now?.sha256 === sha256
      ? { ...expected, expectations: [...expected.expectations, rendered(now)] }
      : expected
  }
  return {
    ...expected,
    expectations: now === undefined ? expected.expectations : [...expected.expectations, rendered(now)],
    doubt: doubtOf(entry, now, withPlugins),
  }
}

const unprovenBy = ({ published, withPlugins }: OnRecord, { isExact }: Reproduction): string | null => {
  if (published !== null || (isExact && !withPlugins)) return null
  return isExact
    ? "a plugin may have changed it, and files.json doesn't tell"
    : "the record lacks some of what it was rendered with, and files.json doesn't tell"
}

/** What the template gives and `files.json` doesn't know. */
const fromRendering = (file: RenderedFile, recorded: OnRecord, reproduction: Reproduction): Expected => ({
  path: file.path,
  origin: file.origin,
  expectations: [rendered(file)],
  doubt: recorded.published === null ? null : "the template gives it, and files.json doesn't know it",
  unproven: unprovenBy(recorded, reproduction),
})

const filesOf = (recorded: OnRecord): ReadonlyArray<Expected> => {
  const { published, reproduction, withPlugins } = recorded
  const now = new Map(reproduction?.files.map((file) => [keyOf(file), file]))
  const entries = (published ?? []).map((entry) => fromPublished(entry, now.get(keyOf(entry)), recorded))
  if (reproduction === null || (published !== null && (withPlugins || !reproduction.isExact))) return entries
  const known = new Set(published?.filter(({ origin }) => origin !== "plugin").map(keyOf))
  const unknown = reproduction.files.filter((file) => !known.has(keyOf(file)))
  return [...entries, ...unknown.map((file) => fromRendering(file, recorded, reproduction))]
}

/** Directories that nothing was rendered into; those around files are missed with them. */
const directoriesOf = ({ reproduction, withPlugins }: OnRecord): ReadonlyArray<Expected> => {
  if (reproduction === null || !reproduction.isExact || withPlugins) return []
  const filled = new Set<string>()
  for (const path of [...reproduction.files.map((file) => file.path), ...reproduction.directories]) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
      filled.add(path.slice(0, at))
  }
  return reproduction.directories
    .filter((path) => !filled.has(path))
    .map((path) => ({ path: `${path}/`, origin: "directory", expectations: [], doubt: null, unproven: null }))
}

const readmeOf = ({ readme }: OnRecord): Expected => ({
  path: readmePath,
  origin: "readme",
  expectations: readme === null ? [] : [{ source: "readme", ...readme.digest }],
  doubt: null,
  unproven: null,
})

const recordsOf = ({ readme, records, reproduction }: OnRecord): ReadonlyArray<Expected> => {
  const prose = reproduction?.isExact === true ? reproduction.readmeBody : null
  const fieldsDoubt =
    prose === null || readme === null || prose === readme.body
      ? null
      : "the README's prose in it isn't what the template gives with the recorded answers"
  const record = (path: string, sha256: string | undefined, doubt: string | null): Expected => ({
    path,
    origin: "record",
    expectations: sha256 === undefined ? [] : [{ source: "recorded", sha256, size: null }],
    doubt,
    unproven: null,
  })
  return [
    record(readmeFieldsPath, records?.readmeFields, fieldsDoubt),
    record(filesPath, records?.files, null),
  ].filter(({ doubt, expectations }) => doubt !== null || expectations.length > 0)
}

const isChecked = (path: string, level: OnRecord["level"]): boolean =>
  !isLate(path) && !isPassing(path) && !notItsOwn[level].includes(path.split("/")[0] ?? "")

/**
 * What every file of a directory should be, by path, from everything that is on record: what was published, what the
 * template and the answers give, what the README is made of, what was synced.
 */
export const expectationsFrom = (recorded: OnRecord): ReadonlyMap<string, Expected> => {
  const expected = new Map<string, Expected>()
  const all = [...filesOf(recorded), readmeOf(recorded), ...recordsOf(recorded)]
  for (const one of all) expected.set(one.path, one)
  // Where names come out otherwise than they were published, so may those of directories.
  if (!all.some(({ doubt }) => doubt !== null))
    for (const one of directoriesOf(recorded)) expected.set(one.path, one)
  for (const [path, sha256] of recorded.synced ?? []) {
    if (!isChecked(path, recorded.level)) continue
    const one = expected.get(path) ?? { path, origin: "other", expectations: [], doubt: null, unproven: null }
    one.expectations.push({ source: "synced", sha256, size: null })
    expected.set(path, one)
  }
  return expected
}

/** Whether something tells all the files that there were: what it doesn't name came later. */
export const isComplete = ({ published, reproduction, synced, withPlugins }: OnRecord): boolean =>
  published !== null || synced !== null || (reproduction?.isExact === true && !withPlugins)
