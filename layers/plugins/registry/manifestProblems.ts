import { settingName } from "../../../src/domain/settingName.ts"
import { type PluginManifestSource, reasonAt } from "./decodePluginManifest.ts"
import { matchProblems } from "./matching.ts"
import { leadsOut, maxWords, namedFiles } from "./namedFiles.ts"

/** What is wrong with a manifest beyond its keys and types, as far as it shows without the plugin's files. */
export const manifestProblems = (
  { lineOf, manifest }: PluginManifestSource,
  folder: string,
  allowNetwork: boolean,
): ReadonlyArray<string> => {
  const problem = (isOne: boolean, key: ReadonlyArray<PropertyKey>, message: string) =>
    isOne ? [reasonAt(lineOf(key), message)] : []
  return [
    ...problem(
      manifest.name !== folder,
      ["name"],
      `the name is ${manifest.name}, but the folder's is ${folder}: they must be the same`,
    ),
    ...problem(
      manifest.isolation.network && !allowNetwork,
      ["isolation", "network"],
      `asks for the network, which the setting ${settingName("plugins", "allowNetwork")} doesn't allow`,
    ),
    ...matchProblems(manifest.matches).flatMap(([index, message]) =>
      problem(true, ["matches", index], `matches: ${message}`),
    ),
    ...problem(
      manifest.runtime === "command" && manifest.command.length > maxWords,
      ["command"],
      `command: has more than ${maxWords} words`,
    ),
    ...namedFiles(manifest).flatMap(({ key, path }) =>
      problem(leadsOut(path), key, `${key[0]}: ${path} must be a file in the plugin's folder, without ..`),
    ),
  ]
}
