import { createHash } from "node:crypto"
import { DateTime, Effect } from "effect"
import { type FileDigest, type ReadmeFields, schemaVersions } from "../../src/domain/CreationRecord.ts"
import { joinPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import type { ReadmeContext } from "../../src/ports/ReadmeGenerator.ts"
import { writeUnpublished } from "../records/recordFolder.ts"
import { renderReadme } from "./renderReadme.ts"

/** The prose of a README whose template has none. */
const noProse = "## Notes\n*(none)*\n"

/** What every README has: the core fields. */
export const coreReadme = (
  { label, objective, operator }: ReadmeContext,
  now: DateTime.Utc,
): ReadmeFields => ({
  schemaVersion: schemaVersions.readmeFields,
  generatedAt: recordTime(now),
  coreFields: { label, operator, objective },
  templateFields: {},
  configFields: {},
  customFields: [],
  systemFields: {},
  body: noProse,
})

export const readmeDigest = (fields: ReadmeFields): FileDigest => {
  const bytes = Buffer.from(renderReadme(fields), "utf8")
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
}

/** Writes the README of these fields and gives them back. */
export const writeReadme = (
  disk: typeof Disk.Service,
  directory: string,
  fieldsAt: (now: DateTime.Utc) => ReadmeFields,
): Effect.Effect<ReadmeFields, DiskError> =>
  Effect.gen(function* () {
    const fields = fieldsAt(yield* DateTime.now)
    yield* writeUnpublished(disk, joinPath(directory, "README.md"), renderReadme(fields))
    return fields
  })
