import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { Effect, Option } from "effect"
import { type DiskError, SettingsInvalid } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Environment } from "./variables.ts"

export const fileName = "exlab-wizard.yaml"

const isThere = (path: string): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => Effect.map(disk.lstat(path), Option.isSome))

/** The user's own configuration directory, by the XDG base directory specification: relative ones don't count. */
const userFile = ({ XDG_CONFIG_HOME: home }: Environment): string =>
  join(home?.startsWith("/") === true ? home : join(homedir(), ".config"), "exlab-wizard", fileName)

/** The file that the settings are in; none: there is no file, and defaults are in force. */
export const findFile = Effect.fnUntraced(function* (
  config: Option.Option<string>,
  environment: Environment,
): Effect.fn.Return<Option.Option<string>, SettingsInvalid | DiskError, Disk> {
  const variable = Option.liftPredicate(environment["EXLAB_WIZARD_CONFIG"] ?? "", (file) => file !== "")
  const named = Option.orElse(config, () => variable)
  if (Option.isSome(named)) {
    if (named.value === "") return yield* new SettingsInvalid({ problems: ["--config names no file"] })
    const path = resolve(named.value)
    if (yield* isThere(path)) return Option.some(path)
    const problem = `there is no settings file ${path}; \`exlab-wizard init\` writes one`
    return yield* new SettingsInvalid({ problems: [problem] })
  }
  for (const path of [resolve(fileName), userFile(environment)]) {
    if (yield* isThere(path)) return Option.some(path)
  }
  return Option.none()
})
