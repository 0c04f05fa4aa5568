import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"

/** A file of its own folder that a plugin can't do without. */
export interface NamedFile {
  /** As the manifest writes it. */
  readonly path: string
  /** Where the manifest writes it. */
  readonly key: readonly ["entry"] | readonly ["command", number]
  readonly runs: "as a program" | "as a module"
}

/** Whether a path can't be one of the plugin's folder, whatever is there. */
export const leadsOut = (path: string): boolean =>
  path.startsWith("/") || path.split("/").includes("..") || /\p{Cc}|\p{Surrogate}/u.test(path)

/** The files that a manifest names for sure: a bare first word of a command may be a program of the system. */
export const namedFiles = (manifest: PluginManifest): ReadonlyArray<NamedFile> => {
  if (manifest.runtime === "node") return [{ path: manifest.entry, key: ["entry"], runs: "as a module" }]
  const [program] = manifest.command
  return program.includes("/") && !program.startsWith("/")
    ? [{ path: program, key: ["command", 0], runs: "as a program" }]
    : []
}

/** A longer command was made by no person. */
export const maxWords = 100

/** Words of a command, by their index, that may name a file beside those. */
export const looseWords = (manifest: PluginManifest): ReadonlyArray<readonly [number, string]> => {
  if (manifest.runtime === "node") return []
  const sure = new Set(namedFiles(manifest).map(({ path }) => path))
  return [...manifest.command.slice(0, maxWords).entries()].filter(
    ([, word]) => !word.startsWith("/") && !word.startsWith("-") && !sure.has(word),
  )
}
