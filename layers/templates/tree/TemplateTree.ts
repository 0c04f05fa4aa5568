import type { Compiled } from "../language/Program.ts"
import type { ManifestSource } from "../manifest/decodeManifest.ts"
import type { Problem } from "../problems.ts"

export const partialsFolder = "_partials"

/** What becomes of a file: its text is rendered, its bytes are copied, or it only helps to render others. */
export type FileRole = "manifest" | "partial" | "body" | "text" | "copy" | "placeholder"

/** A file as a walk found it, before it is read. */
export interface WalkedFile {
  /** Relative to the template, `/` between segments. */
  readonly path: string
  /** Absolute; where the content is, every link resolved. */
  readonly realPath: string
  readonly role: FileRole
  /** Bytes. */
  readonly size: number
  readonly mode: number
  /** Changes with the file, unless it is changed twice within the clock's grain. */
  readonly stamp: string
  /** Whether that grain had passed when the stamp was taken, so that it can be trusted. */
  readonly settled: boolean
}

export interface TemplateFile extends WalkedFile {
  /** Of the content, hexadecimal. */
  readonly sha256: string
  /** The content of a file that is rendered; null for others. */
  readonly text: Compiled | null
  /** Its name as an expression, without `.hbs`. */
  readonly name: Compiled
}

export interface TemplateDirectory {
  readonly path: string
  readonly name: Compiled
}

/** Everything of a template, as it was when it was read. */
export interface TemplateTree {
  /** Absolute real path. */
  readonly root: string
  readonly source: ManifestSource
  /** Sorted by path: a directory comes before what is in it. */
  readonly directories: ReadonlyArray<TemplateDirectory>
  readonly files: ReadonlyArray<TemplateFile>
  /** By name: the path below `_partials/` without `.hbs`. */
  readonly partials: ReadonlyMap<string, TemplateFile>
  /** SHA-256 over the sorted relative paths and contents, hexadecimal. */
  readonly digest: string
  /** What is wrong with it, but for the variables that it names. */
  readonly problems: ReadonlyArray<Problem>
  /** About how many bytes of memory it takes. */
  readonly weight: number
}

export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0))

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const below = (directory: string, name: string): string =>
  directory === "" ? name : `${directory}/${name}`
