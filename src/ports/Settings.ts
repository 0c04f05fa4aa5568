import { Context, Layer } from "effect"
import type { Settings as SettingsShape } from "../domain/Settings.ts"

/** The settings that are in force. Layers read them once, when they are built. */
export class Settings extends Context.Tag("exlab-wizard/Settings")<Settings, SettingsShape>() {
  static readonly layer = (settings: SettingsShape): Layer.Layer<Settings> =>
    Layer.succeed(Settings, settings)
}
