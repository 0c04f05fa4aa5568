import { createHash } from "node:crypto"
import { Effect } from "effect"
import mime from "mime"
import * as BagIt from "../../src/domain/BagIt.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import type { ExportedFile, ExportFormat } from "../../src/domain/Export.ts"
import type { ExportSettings } from "../../src/domain/ExportSettings.ts"
import { identifierOf, roCrateMetadata, roCrateName } from "../../src/domain/RoCrate.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { version } from "../http/version.ts"
import type { Subject } from "./subject.ts"
import type { Target } from "./Target.ts"

/** What was copied, and all that is to be said of it. */
interface Copied {
  readonly subject: Subject
  readonly settings: ExportSettings
  readonly files: ReadonlyArray<ExportedFile>
  readonly directories: ReadonlyArray<string>
  /** ISO-8601. */
  readonly exportedAt: string
}

interface Layout {
  /** Where the files of the run lie; ends with a slash, or is empty. */
  readonly payload: string
  /** Names that what describes an export has where the files of the run lie. */
  readonly reserved: ReadonlyArray<string>
  readonly describe: (copied: Copied, target: Target, base: string) => Effect.Effect<void, DiskError, Disk>
}

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex")

const mediaTypeOf = (path: string): string => mime.getType(path) ?? "application/octet-stream"

const roCrate: Layout = {
  payload: "",
  reserved: [roCrateName],
  describe: ({ settings, subject, files, ...others }, target, base) => {
    const metadata = roCrateMetadata({
      ...subject,
      ...settings,
      ...others,
      files: files.map((file) => ({ ...file, mediaType: mediaTypeOf(file.path) })),
      version,
    })
    return target.addText(`${base}${roCrateName}`, `${JSON.stringify(metadata, null, 2)}\n`)
  },
}

const payload = `${BagIt.payloadFolder}/`

const bag: Layout = {
  payload,
  reserved: [],
  describe: ({ exportedAt, files, settings, subject }, target, base) => {
    const { destination, readme, record } = subject
    const { label = "", objective = "" } = readme?.coreFields ?? {}
    const texts = [
      { path: BagIt.bagDeclarationName, text: BagIt.bagDeclaration },
      {
        path: BagIt.bagInfoName,
        text: BagIt.bagInfoText({
          ...settings,
          contact: record.createdBy,
          description: [label, objective].filter((text) => text !== "").join(": "),
          identifier: identifierOf(destination),
          group: record.limsProject?.shortId ?? destination.project,
          date: exportedAt.slice(0, 10),
          payload: files,
          software: `exlab-wizard ${version}`,
        }),
      },
      {
        path: BagIt.manifestName,
        text: BagIt.manifestText(files.map((file) => ({ ...file, path: `${payload}${file.path}` }))),
      },
    ]
    const tags = texts.map(({ path, text }) => ({ path, sha256: sha256Of(text) }))
    const all = [...texts, { path: BagIt.tagManifestName, text: BagIt.manifestText(tags) }]
    return Effect.forEach(all, ({ path, text }) => target.addText(`${base}${path}`, text), { discard: true })
  },
}

export const layouts: Readonly<Record<ExportFormat, Layout>> = { "ro-crate": roCrate, bagit: bag }
