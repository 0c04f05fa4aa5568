import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Option, Schema } from "effect"
import { CreationRecord, FilesRecord, ReadmeFields } from "../../src/domain/CreationRecord.ts"
import type { SyncStatus } from "../../src/domain/SyncJob.ts"

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")

/** Regular files below a directory, relative, sorted. */
const filesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()

const records = ["creation.json", "files.json", "readme_fields.json", "wizard.labpc-01.log"]

const read = <A, I>(schema: Schema.Schema<A, I>, path: string): Option.Option<A> =>
  Option.liftThrowable(() => readFileSync(path, "utf8"))().pipe(
    Option.flatMap(Schema.decodeOption(Schema.parseJson(schema), { onExcessProperty: "error" })),
  )

const fileProblems = (directory: string, { files }: FilesRecord): ReadonlyArray<string> => {
  const wanted = [
    ...files.map(({ path }) => path),
    "README.md",
    ...records.map((name) => `.exlab-wizard/${name}`),
  ]
  const found = filesIn(directory)
  const missing = wanted.filter((path) => !found.includes(path)).map((path) => `${path} is missing`)
  const strange = found.filter((path) => !wanted.includes(path)).map((path) => `${path} is in no record`)
  const other = files
    .filter(({ path, sha256: hash }) => found.includes(path) && sha256(join(directory, path)) !== hash)
    .map(({ path }) => `${path} is not what its record says`)
  return [...missing, ...strange, ...other]
}

/** What keeps a directory from being a whole creation with this status. */
export const wholenessProblems = (directory: string, syncStatus: SyncStatus): ReadonlyArray<string> => {
  if (!existsSync(directory)) return [`${directory} isn't there`]
  const metadata = (name: string) => join(directory, ".exlab-wizard", name)
  const creation = read(CreationRecord, metadata("creation.json"))
  const files = read(FilesRecord, metadata("files.json"))
  const readme = read(ReadmeFields, metadata("readme_fields.json"))
  return [
    ...(Option.isSome(readme) ? [] : ["its readme_fields.json can't be read"]),
    ...Option.match(creation, {
      onNone: () => ["its creation.json can't be read"],
      onSome: (record) =>
        record.syncStatus === syncStatus
          ? []
          : [`its sync_status is ${record.syncStatus}, not ${syncStatus}`],
    }),
    ...Option.match(files, {
      onNone: () => ["its files.json can't be read"],
      onSome: (record) => fileProblems(directory, record),
    }),
  ]
}

/** Whose content tells the time, or what this process is called. */
const differs = new Set(["README.md"])

/** What keeps a directory from being a part of a whole creation, without records. */
export const orphanProblems = (directory: string, whole: string): ReadonlyArray<string> =>
  filesIn(directory).flatMap((path) => {
    if (path.startsWith(".exlab-wizard/")) return [`an orphan holds ${path}`]
    if (!existsSync(join(whole, path))) return [`an orphan holds ${path}, which no creation makes`]
    return differs.has(path) || sha256(join(directory, path)) === sha256(join(whole, path))
      ? []
      : [`an orphan's ${path} is not what a creation makes`]
  })
