import type { ExportedFile } from "./Export.ts"

/** The folder of a bag that holds what was put into it. */
export const payloadFolder = "data"

export const bagDeclarationName = "bagit.txt"
export const bagInfoName = "bag-info.txt"
export const manifestName = "manifest-sha256.txt"
export const tagManifestName = "tagmanifest-sha256.txt"

/** RFC 8493, section 2.1.1. */
export const bagDeclaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

type Summed = Pick<ExportedFile, "path" | "sha256">

const escapes: Readonly<Record<string, string>> = { "%": "%25", "\n": "%0A", "\r": "%0D" }

/** These characters, and no others, are encoded: RFC 8493, section 2.1.3. */
const manifestPath = (path: string): string => path.replaceAll(/[%\n\r]/g, (char) => escapes[char] ?? char)

/** A manifest of SHA-256 digests, sorted by path. Paths are relative to the bag. */
export const manifestText = (files: ReadonlyArray<Summed>): string =>
  files
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, sha256 }) => `${sha256}  ${manifestPath(path)}\n`)
    .join("")

/** One line each, as a reader that knows nothing of continued lines takes it. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

/** What is known of a bag; empty texts are left out. */
export interface BagFacts {
  readonly organization: string | null
  /** Who to ask. */
  readonly contact: string
  readonly description: string
  readonly identifier: string
  /** The project, which other bags may come from, too. */
  readonly group: string
  readonly license: string | null
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly payload: ReadonlyArray<Pick<ExportedFile, "size">>
  /** What made the bag. */
  readonly software: string
}

/** RFC 8493, section 2.2.2. */
export const bagInfoText = (facts: BagFacts): string => {
  const bytes = facts.payload.reduce((sum, { size }) => sum + size, 0)
  const elements: ReadonlyArray<readonly [string, string]> = [
    ["Source-Organization", facts.organization ?? ""],
    ["Contact-Name", facts.contact],
    ["External-Description", facts.description],
    ["External-Identifier", facts.identifier],
    ["Bag-Group-Identifier", facts.group],
    ["Bagging-Date", facts.date],
    ["Payload-Oxum", `${bytes}.${facts.payload.length}`],
    ["License", facts.license ?? ""],
    ["Bag-Software-Agent", facts.software],
  ]
  return elements
    .map(([label, value]) => [label, oneLine(value)] as const)
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `${label}: ${value}\n`)
    .join("")
}
