/** One thing that is wrong with settings: its place, by the names of `Settings`, and what it has to be. */
export interface SettingsProblem {
  readonly key: ReadonlyArray<string | number>
  readonly message: string
}

/** As people read it: `sessions.maxOpen must be …`. */
export const settingsSentence = ({ key, message }: SettingsProblem): string => `${key.join(".")} ${message}`
