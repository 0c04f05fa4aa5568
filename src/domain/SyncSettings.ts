import type { SettingsProblem } from "./SettingsProblem.ts"

/** When a run is taken to be whole, for an instrument that writes into it after it was created. */
export type Completeness =
  /** A file of that name is in the run, relative. */
  | { readonly type: "sentinel_file"; readonly name: string }
  /** A JSON list of `{path, size}` in the run, relative; all of them are there in that size. */
  | { readonly type: "manifest"; readonly name: string }
  /** Nothing changed for so long. */
  | { readonly type: "quiet"; readonly minutes: number }

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
export type Weekday = (typeof weekdays)[number]

/** Hours of the day on some days, in the settings' time zone; `to` before `from` ends on the next day. */
export interface TimeWindow {
  readonly days: ReadonlyArray<Weekday>
  /** `HH:MM` */
  readonly from: string
  readonly to: string
}

/** How fast files may be sent. */
interface Pace {
  /** Megabits a second; null: as fast as it goes. */
  readonly uploadMbps: number | null
  /** When the limit is in force; empty: always. */
  readonly schedule: ReadonlyArray<TimeWindow>
}

/** How an equipment's directories get to its `nasRoot`. See `docs/sync.md`. */
export type TransportSettings = Pace &
  (
    | { readonly type: "mounted" }
    | {
        readonly type: "rsync_ssh"
        readonly host: string
        readonly port: number
        /** Null: as ssh's own configuration says. */
        readonly user: string | null
        /** Absolute paths; null: ssh's own. */
        readonly identityFile: string | null
        readonly knownHostsFile: string | null
        /** False: the account runs nothing but rsync, and files are read back to be checked. */
        readonly hasShell: boolean
      }
    | {
        readonly type: "rclone"
        /** A remote's name in rclone's configuration, without the colon. */
        readonly remote: string
        /** Absolute; null: rclone's own. */
        readonly configFile: string | null
      }
  )

export interface SyncSettings {
  /** False: nothing is queued and nothing copied. */
  readonly enabled: boolean
  /** Jobs that are worked on at the same time, in all and of one equipment. */
  readonly workers: number
  readonly perEquipment: number
  /** How long a job belongs to a worker that gives no sign of life. */
  readonly leaseSeconds: number
  /** How often runs that wait for data are looked at. */
  readonly dataPollSeconds: number
  /** How long a tool may be silent before it is taken for dead. */
  readonly silenceSeconds: number
}

export interface CleanupSettings {
  readonly enabled: boolean
  readonly minVerifyPasses: number
  /** Since the last verification. */
  readonly minAgeHours: number
  /** How long what was taken away stays in the trash. */
  readonly trashHours: number
  /** Whether the folder `.exlab-wizard` of a cleaned run stays. */
  readonly retainCache: boolean
}

const at = (message: string, ...key: SettingsProblem["key"]): SettingsProblem => ({ key, message })

const isRelative = (path: string): boolean =>
  path !== "" &&
  !path.startsWith("/") &&
  !path.includes("\u0000") &&
  !path.split("/").some((segment) => segment === "" || segment === "." || segment === "..")

const isTime = (time: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)

const isAbsolute = (path: string): boolean => path.startsWith("/") && !path.includes("\u0000")

/** What begins with a dash would be an option. */
const isHost = (host: string): boolean => /^[A-Za-z0-9[][A-Za-z0-9._:\]-]{0,252}$/.test(host)
const isUser = (user: string): boolean => /^[A-Za-z_][A-Za-z0-9._-]{0,31}$/.test(user)
const isRemote = (remote: string): boolean => /^[\p{L}\p{N}_][\p{L}\p{N}_.+@ -]{0,100}$/u.test(remote)

const completenessProblems = (completeness: Completeness): ReadonlyArray<SettingsProblem> => {
  if (completeness.type === "quiet") {
    return completeness.minutes > 0 ? [] : [at("must be more than 0", "minutes")]
  }
  return isRelative(completeness.name) ? [] : [at("must be a relative path inside the run", "name")]
}

const paceProblems = ({ schedule, uploadMbps }: Pace): ReadonlyArray<SettingsProblem> => [
  ...(uploadMbps === null || uploadMbps > 0 ? [] : [at("must be more than 0", "uploadMbps")]),
  ...(uploadMbps === null && schedule.length > 0
    ? [at("says when `upload_mbps` is in force: set that, too", "schedule")]
    : []),
  ...schedule.flatMap(({ days, from, to }, index) => [
    ...(days.length > 0 ? [] : [at("must name a day, such as mon", "schedule", index, "days")]),
    ...(isTime(from) ? [] : [at("must be a time such as 08:00", "schedule", index, "from")]),
    ...(isTime(to) ? [] : [at("must be a time such as 18:30", "schedule", index, "to")]),
  ]),
]

const toolProblems = (transport: TransportSettings): ReadonlyArray<SettingsProblem> => {
  const file = (path: string | null, key: string) =>
    path === null || isAbsolute(path) ? [] : [at("must be an absolute path", key)]
  switch (transport.type) {
    case "mounted":
      return []
    case "rsync_ssh": {
      const { host, identityFile, knownHostsFile, port, user } = transport
      return [
        ...(isHost(host) ? [] : [at("must be a host's name or address", "host")]),
        ...(Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : [at("must be 1–65535", "port")]),
        ...(user === null || isUser(user) ? [] : [at("must be a user's name", "user")]),
        ...file(identityFile, "identityFile"),
        ...file(knownHostsFile, "knownHostsFile"),
      ]
    }
    case "rclone":
      return [
        ...(isRemote(transport.remote)
          ? []
          : [at("must be the name of a remote of rclone's, without the colon", "remote")]),
        ...file(transport.configFile, "configFile"),
      ]
  }
}

/** A path without what says nothing in it; it ends with a slash. */
const plain = (path: string): string => {
  const kept: Array<string> = []
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop()
    else if (segment !== "" && segment !== ".") kept.push(segment)
  }
  return kept.map((segment) => `${segment}/`).join("")
}

/** Whether one of two folders holds the other, or both are one. */
const overlap = (one: string, other: string): boolean =>
  plain(one).startsWith(plain(other)) || plain(other).startsWith(plain(one))

/** What `nasRoot` is a path on. */
const serverOf = (transport: TransportSettings): string => {
  switch (transport.type) {
    case "mounted":
      return "mounted"
    case "rsync_ssh":
      return `rsync_ssh ${transport.host}:${transport.port}`
    case "rclone":
      return `rclone ${transport.configFile ?? ""}:${transport.remote}`
  }
}

/** Whether one equipment's target is that of another, or lies in it: their directories could replace each other there. */
export const sharesTarget = (one: EquipmentSync, other: EquipmentSync): boolean =>
  one.transport !== undefined &&
  other.transport !== undefined &&
  serverOf(one.transport) === serverOf(other.transport) &&
  overlap(one.nasRoot, other.nasRoot)

const rootProblem = (nasRoot: string, { type }: TransportSettings, localRoot: string): string | null => {
  if (type !== "rclone" && !isAbsolute(nasRoot)) return "must be an absolute path: the transport copies there"
  if (type === "rclone" && (nasRoot.startsWith("-") || nasRoot.includes("\u0000"))) {
    return "must be a path on the remote"
  }
  if (type !== "mounted") return null
  return overlap(nasRoot, localRoot)
    ? "lies in the local root, or that in it: a copy needs a place of its own"
    : null
}

/** What an equipment says about its copies. */
export interface EquipmentSync {
  readonly nasRoot: string
  /** At once, or when `completeness` says that the data are there; `created` when nothing is said. */
  readonly syncWhen?: "created" | "complete"
  readonly completeness?: Completeness
  /** Without one, nothing is copied. */
  readonly transport?: TransportSettings
}

const under =
  (...key: SettingsProblem["key"]) =>
  (problem: SettingsProblem): SettingsProblem => ({ ...problem, key: [...key, ...problem.key] })

/** What is wrong with an equipment's sync, by keys below the equipment. */
export const equipmentSyncProblems = (
  { completeness, nasRoot, syncWhen, transport }: EquipmentSync,
  localRoot: string,
): ReadonlyArray<SettingsProblem> => {
  const root = transport === undefined ? null : rootProblem(nasRoot, transport, localRoot)
  return [
    ...(root === null ? [] : [at(root, "nasRoot")]),
    ...(syncWhen === "complete" && completeness === undefined
      ? [at("must say how a run is known to be complete", "completeness")]
      : []),
    ...(completeness === undefined ? [] : completenessProblems(completeness).map(under("completeness"))),
    ...(transport === undefined
      ? []
      : [...paceProblems(transport), ...toolProblems(transport)].map(under("transport"))),
  ]
}
