import type { Settings } from "./Settings.ts"
import { toSnake } from "./wire.ts"

/** A setting by the name that it has in a file of settings, `plugins.readable_paths`, for messages. */
export const settingName = <Group extends keyof Settings>(
  group: Group,
  key: keyof Settings[Group] & string,
): string => `${toSnake(group)}.${toSnake(key)}`
