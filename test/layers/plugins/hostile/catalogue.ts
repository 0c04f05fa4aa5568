import type { Attack, Expected, Runtime } from "./attacks.ts"

const both: ReadonlyArray<Runtime> = ["node", "command"]

const usual = { runtimes: both, timeoutSeconds: 20, memoryMb: 512, isRootsGap: false, isByChance: false }

const attacks = (
  family: string,
  expected: Readonly<Record<string, Expected>>,
  options: Partial<Attack> = {},
): ReadonlyArray<Attack> =>
  Object.entries(expected).map(([how, one]) => ({ ...usual, ...options, family, how, expected: one }))

const commandOnly = { runtimes: ["command"] } as const

const reading: Expected = { os: "failed", permission: "failed", none: "failed; gap: saw what isn't its own" }

const writing: Expected = { os: "failed", permission: "failed", none: "failed; gap: wrote outside" }

/** Node's permission model makes no links and starts no programs. */
const notWithPermission: Expected = {
  os: "policy_violation",
  permission: "failed",
  none: "policy_violation",
}

/** What it did before it was killed is kept like any other work. */
const outliving: Expected = { os: "success", permission: "failed", none: "success" }

/** Who is gone before anyone looks, and has nothing to be known by, isn't found. */
const vanishing: Expected = { ...outliving, none: "success; gap: left a process" }

const connecting: Expected = {
  os: "failed",
  permission: "failed; gap: reached the network",
  none: "failed; gap: reached the network",
}

const codes = [2, 3, 77, 126, 127, 128, 130, 137, 139, 143]

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGALRM", "SIGXCPU", "SIGSYS"]

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
    "into /tmp": writing,
    anywhere: writing,
    "over what is there": writing,
    "into the real tree": { ...writing, none: "failed; gap: changed the tree" },
    "to the destination": writing,
    // The plugin whose code it changed isn't run any more: its file is missing.
    "into the lab's plugins": {
      ...writing,
      none: "failed; gap: wrote outside, changed code, changed the tree",
    },
    "into its own code": { ...writing, none: "failed; gap: changed code" },
    "into a neighbour's code": { ...writing, none: "failed; gap: changed code" },
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
    "by datagrams": connecting,
    "and waits for callers": {
      os: "failed",
      permission: "failed; gap: was called",
      none: "failed; gap: was called",
    },
  }),
  ...attacks("outlives", {
    "with its environment": outliving,
    "with its standard output": outliving,
    "without its environment, after a while": outliving,
  }),
  ...attacks("outlives", { "twice removed": "success" }, commandOnly),
  ...attacks("outlives", { "without its environment": vanishing }, { isByChance: true }),
  ...attacks(
    "outlives",
    { "without its environment, twice removed": vanishing },
    { ...commandOnly, isByChance: true },
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
  ...attacks(
    "devours",
    { "memory, by many": "failed; gap: took the memory" },
    { ...commandOnly, memoryMb: 128 },
  ),
  ...attacks(
    "devours",
    { threads: "failed; gap: took the processes" },
    { ...commandOnly, memoryMb: 1024, isRootsGap: true },
  ),
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
    "its parent": { os: "failed", permission: "gap: killed the service", none: "gap: killed the service" },
    "a process that it was told of": {
      os: "failed",
      permission: "failed; gap: killed a process",
      none: "failed; gap: killed a process",
    },
    "all that it can see": { os: "failed", permission: "failed", none: "failed; gap: killed a process" },
  }),
  ...attacks("asks", { "for ever": "failed" }),
]
