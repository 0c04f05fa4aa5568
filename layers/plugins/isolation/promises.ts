import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"

/** What a plugin might try, as the canary tries it, and how a person would call it. */
export const escapes = {
  readsOutside: "reading a file outside its folders",
  writesOutside: "writing outside its folders",
  readsThroughLink: "reading through a link that was there before",
  writesThroughLink: "writing through a link that was there before",
  readsEnvironment: "reading the environment of the service",
  connects: "connecting to a port of this machine",
  signals: "sending signals to the service",
  startsPrograms: "starting programs",
} as const
export type Escape = keyof typeof escapes

/** What each tier stops. A tier counts where none of what it promises to stop comes through. */
export const stops: Readonly<Record<IsolationTier, ReadonlyArray<Escape>>> = {
  // It may start programs: they live in the same small world, and die with it.
  os: [
    "readsOutside",
    "writesOutside",
    "readsThroughLink",
    "writesThroughLink",
    "readsEnvironment",
    "connects",
    "signals",
  ],
  permission: ["readsOutside", "writesOutside", "readsEnvironment", "startsPrograms"],
  none: [],
}
