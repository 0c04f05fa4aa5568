import type { PluginStatus } from "../../../../src/domain/Plugin.ts"
import type { IsolationTier, RegisteredPlugin } from "../../../../src/domain/PluginCatalog.ts"

export type Runtime = RegisteredPlugin["manifest"]["runtime"]

/** What may come of an attack that wasn't contained, as seen from outside. */
export type Harm =
  | "saw what isn't its own"
  | "wrote outside"
  | "changed the tree"
  | "changed code"
  | "left files"
  | "reached the network"
  | "was called"
  | "left a process"
  | "killed a process"
  | "killed the service"
  | "took the memory"

/** How its plugin is recorded, and what got through: nothing, or this gap, which `docs/plugins.md` tells. */
export type Outcome =
  PluginStatus | `gap: ${Harm}` | `${PluginStatus}; gap: ${Harm}` | `${PluginStatus}; gap: ${Harm}, ${Harm}`

/** For all tiers, or by tier, or by tier and runtime. */
export type Expected =
  Outcome | Readonly<Partial<Record<IsolationTier | `${IsolationTier} ${Runtime}`, Outcome>>>

export interface Attack {
  /** The fixture's file. */
  readonly family: string
  /** What it does of all that it can. */
  readonly how: string
  /** Both, unless it says otherwise. */
  readonly runtimes: ReadonlyArray<Runtime>
  readonly expected: Expected
  readonly timeoutSeconds: number
  readonly memoryMb: number
}

const both: ReadonlyArray<Runtime> = ["node", "command"]

const attacks = (
  family: string,
  expected: Readonly<Record<string, Expected>>,
  { memoryMb = 512, runtimes = both, timeoutSeconds = 20 }: Partial<Attack> = {},
): ReadonlyArray<Attack> =>
  Object.entries(expected).map(([how, one]) => ({
    ...{ family, how, runtimes, expected: one, timeoutSeconds, memoryMb },
  }))

const commandOnly = { runtimes: ["command"] } as const

const reading: Expected = { os: "failed", permission: "failed", none: "failed; gap: saw what isn't its own" }

const writing: Expected = { os: "failed", permission: "failed", none: "skipped; gap: wrote outside" }

/** Node's permission model makes no links and starts no programs. */
const notWithPermission: Expected = {
  os: "policy_violation",
  permission: "failed",
  none: "policy_violation",
}

/** What it did before it was killed is kept like any other work. */
const outliving: Expected = { os: "success", permission: "failed", none: "success" }

const connecting: Expected = {
  os: "failed",
  permission: "skipped; gap: reached the network",
  none: "skipped; gap: reached the network",
}

const codes = [2, 3, 77, 126, 127, 128, 130, 137, 139, 143]

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGPIPE", "SIGXCPU", "SIGSYS"]

const failing = (all: ReadonlyArray<string>): Readonly<Record<string, Expected>> =>
  Object.fromEntries(all.map((how) => [how, "failed"]))

/** What hostile plugins try, and what comes of it on each tier. */
export const catalogue: ReadonlyArray<Attack> = [
  ...attacks("reads", {
    passwd: reading,
    secret: reading,
    above: reading,
    "through /proc": reading,
    "through a link that it made": reading,
    "through a folder that it made a link": reading,
    "its environment": "failed",
    "its parent's environment": reading,
  }),
  ...attacks("writes", {
    "beside its tree": writing,
    "into /tmp": { ...writing, os: "skipped" },
    anywhere: writing,
    "over what is there": writing,
    "into the real tree": { ...writing, none: "skipped; gap: changed the tree" },
    "to the destination": writing,
    // Who comes later in the pass is run as it is now.
    "into the lab's plugins": { ...writing, none: "skipped; gap: wrote outside, changed code" },
    "into its own code": { ...writing, none: "skipped; gap: changed code" },
    "into a neighbour's code": { os: "skipped", permission: "failed", none: "skipped; gap: changed code" },
  }),
  ...attacks("plants", {
    "a link that leads up": notWithPermission,
    "an absolute link": notWithPermission,
    "an absolute link into the tree": notWithPermission,
    "a link out through another": notWithPermission,
    "a link that leads nowhere yet": notWithPermission,
    "a link in a file's place": notWithPermission,
    "a second name of a file outside": { os: "failed", permission: "failed", none: "policy_violation" },
    "a FIFO": notWithPermission,
    "a socket": "policy_violation",
    "a set-uid bit": "policy_violation",
    // Of directories, only the permissions are looked at, and only they are taken over.
    "a set-gid bit": "skipped",
    "a sticky bit": "skipped",
  }),
  ...attacks(
    "plants",
    {
      "a FIFO in a file's place": "policy_violation",
      "a device": { os: "failed", none: "policy_violation" },
    },
    commandOnly,
  ),
  ...attacks("edits", {
    "README.md": "policy_violation",
    "the service's folder": "policy_violation",
    "the service's folder, a link in its place": notWithPermission,
    "the answers, in other letters": "policy_violation",
  }),
  // Trees are compared in one way, whoever worked on them.
  ...attacks(
    "edits",
    {
      "README.md, taken away": "policy_violation",
      "README.md, moved away": "policy_violation",
      "README.md, a folder in its place": "policy_violation",
      "readme.md, in other letters": "policy_violation",
      "the service's folder, a new file": "policy_violation",
      "the service's folder, in other letters": "policy_violation",
      "the answers": "policy_violation",
      "the answers, with a long s": "policy_violation",
      "the answers, with a letter that isn't seen": "policy_violation",
      "the answers, with a dot behind": "policy_violation",
      "a name that is no text": "policy_violation",
      "a name of two lines": "policy_violation",
    },
    commandOnly,
  ),
  ...attacks("connects", {
    "to a service of the machine": connecting,
    "by datagrams": { ...connecting, os: "failed" },
    "and waits for callers": {
      os: "failed",
      permission: "skipped; gap: was called",
      none: "skipped; gap: was called",
    },
  }),
  ...attacks("outlives", {
    "with its environment": outliving,
    "without its environment": outliving,
    "with its standard output": outliving,
  }),
  ...attacks(
    "outlives",
    {
      "twice removed": "success",
      "without its environment, twice removed": { os: "success", none: "success; gap: left a process" },
    },
    commandOnly,
  ),
  ...attacks(
    "stays",
    {
      "and ignores SIGTERM": "timeout",
      "and loops": "timeout",
      "and loops, ignoring SIGXCPU": "timeout",
      "and stops itself": "timeout",
    },
    { timeoutSeconds: 1 },
  ),
  ...attacks("devours", { memory: "failed" }, { memoryMb: 128 }),
  ...attacks("devours", { "memory, by many": "failed" }, { ...commandOnly, memoryMb: 128 }),
  ...attacks("devours", {
    processes: "failed",
    "the disk": "failed",
    "the disk, with one hole of a file": "failed",
    names: "success",
    depth: "failed",
  }),
  ...attacks("says", {
    "a line without an end": "failed",
    "lines without an end": "failed",
    "broken JSON": "failed",
    "half a line": "failed",
    "two last lines": "failed",
    "a prototype": "failed",
    "a list": "failed",
    "a deep line": "failed",
    "bytes that are no text": "failed",
    "nothing more": "failed",
    "much on standard error": "skipped",
    "without listening": "skipped",
  }),
  ...attacks(
    "says",
    {
      "a result without a line feed": "skipped",
      "more after the last line": "failed",
      "a prototype as its last line": "failed",
      "nothing at all": "failed",
    },
    commandOnly,
  ),
  ...attacks("says", { "its result, and stays": "timeout" }, { ...commandOnly, timeoutSeconds: 1 }),
  ...attacks("ends", failing(["code 1", "code 13", "code 255", "by SIGSEGV", "by SIGTERM"])),
  ...attacks(
    "ends",
    failing([...codes.map((code) => `code ${code}`), ...signals.map((signal) => `by ${signal}`)]),
    commandOnly,
  ),
  ...attacks("kills", {
    "its parent": { os: "skipped", permission: "gap: killed the service", none: "gap: killed the service" },
    "a process that it was told of": {
      os: "failed",
      permission: "skipped; gap: killed a process",
      none: "skipped; gap: killed a process",
    },
    "all that it can see": { os: "skipped", permission: "failed", none: "skipped; gap: killed a process" },
  }),
  ...attacks("asks", { "for ever": "failed" }),
]

export const expectedOn = (
  { expected }: Attack,
  tier: IsolationTier,
  runtime: Runtime,
): Outcome | undefined =>
  typeof expected === "string" ? expected : (expected[`${tier} ${runtime}`] ?? expected[tier])

/** A plugin's name that says what it does. */
export const nameOf = ({ family, how }: Attack, runtime: Runtime): string =>
  `${runtime}-${family}-${how.replaceAll(/[^A-Za-z0-9]+/g, "-")}`.slice(0, 64)
