import { Context, Layer } from "effect"
import { SettingsInvalid } from "../domain/Errors.ts"
import { type Settings as SettingsShape, settingsProblems } from "../domain/Settings.ts"
import { settingsSentence } from "../domain/SettingsProblem.ts"

/** The settings that are in force. Layers read them once, when they are built. */
export class Settings extends Context.Tag("exlab-wizard/Settings")<Settings, SettingsShape>() {
  /** As they are: for settings that were checked, or are meant to be wrong. */
  static readonly layer = (settings: SettingsShape): Layer.Layer<Settings> =>
    Layer.succeed(Settings, settings)

  /** Says everything that is wrong with them instead of starting. */
  static readonly layerChecked = (settings: SettingsShape): Layer.Layer<Settings, SettingsInvalid> => {
    const [first, ...others] = settingsProblems(settings).map(settingsSentence)
    return first === undefined
      ? Settings.layer(settings)
      : Layer.fail(new SettingsInvalid({ problems: [first, ...others] }))
  }
}
