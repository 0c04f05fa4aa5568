import { Schema } from "effect"
import { CreationRecord, FileEntry, type FilesRecord, ReadmeFields } from "./CreationRecord.ts"

/** Records as the bytes that are written: UTF-8 without a byte order mark, keys in the documented order. */

const encodeCreation = Schema.encodeSync(CreationRecord)
const encodeReadmeFields = Schema.encodeSync(ReadmeFields)
const encodeFile = Schema.encodeSync(FileEntry)

export const indented = (record: object): string => `${JSON.stringify(record, null, 2)}\n`

export const creationText = (record: CreationRecord): string => indented(encodeCreation(record))

export const readmeFieldsText = (fields: ReadmeFields): string => indented(encodeReadmeFields(fields))

/** One file to a line: a tree may have a hundred thousand. */
export const filesText = ({ files, schemaVersion }: FilesRecord): string => {
  const lines = files.map((file) => `\n    ${JSON.stringify(encodeFile(file))}`)
  const end = lines.length === 0 ? "" : "\n  "
  return `{\n  "schema_version": ${JSON.stringify(schemaVersion)},\n  "files": [${lines.join(",")}${end}]\n}\n`
}
