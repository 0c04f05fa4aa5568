import { Array, type Either } from "effect"
import type { ExcludedPlugin, PluginSource, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"

/** A folder of plugins. */
export interface PluginRoot {
  readonly source: PluginSource
  /** Absolute. */
  readonly path: string
}

/** A folder that was looked at: a plugin, or why it can't be one. */
export type FoundPlugin = Either.Either<RegisteredPlugin, ExcludedPlugin>

/** More reasons than anybody reads at once. */
const maxReasons = 50

/** For people to read, and for files and answers of a server to hold. */
const printable = (text: string): string => text.replace(/\p{Cc}|\p{Surrogate}/gu, "\ufffd")

/** A folder with the reasons for which it is left out. */
export const exclude = (
  place: Pick<ExcludedPlugin, "name" | "directory" | "source">,
  reasons: Array.NonEmptyReadonlyArray<string>,
): ExcludedPlugin => {
  const more = reasons.length - maxReasons
  const told = Array.take(reasons, maxReasons)
  return {
    name: printable(place.name),
    directory: printable(place.directory),
    source: place.source,
    reasons: Array.map(more > 0 ? Array.append(told, `and ${more} more`) : reasons, printable),
  }
}
