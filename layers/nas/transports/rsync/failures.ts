import type { SyncFailure, SyncFailureClass } from "../../../../src/domain/SyncFailure.ts"
import { failure } from "../places.ts"
import { abnormalEnd, classBySystem, type Outcome, reasonWith } from "../tools/words.ts"
import { markerMissing } from "../marker.ts"
import { unescaped } from "./escapes.ts"
import { scriptExit } from "./scripts.ts"

const refusedForGood =
  /Permission denied \(|Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \w+ host key is known|Unable to negotiate|Too many authentication failures|Bad configuration option|UNPROTECTED PRIVATE KEY|error in libcrypto|Bad owner or permissions|no such identity|Could not open user known hosts/i

const otherKey = /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i

/** ssh's own advice is to forget the key that is known. */
const sshReason = (stderr: string): string =>
  otherKey.test(stderr)
    ? "the target shows another host key than the known one: it is another machine, or somebody is in between. Compare the key with the NAS's own before `known_hosts_file` is changed"
    : reasonWith("ssh got no connection", stderr)

/** How ssh itself failed (exit 255). Whatever isn't refused for good is the network, and passes. */
const classOfSsh = (stderr: string): SyncFailureClass =>
  refusedForGood.test(stderr) ? "permanent" : "transient"

const notThere = /No such file or directory|not found/i

/** One bad sector is no reason to leave all others alone. */
const oneFile = /^sha256sum: .*: Input\/output error/m

/** How a script on the other side failed. */
export const scriptFailure = ({ end, stderr }: Outcome): SyncFailure => {
  const abnormal = abnormalEnd("ssh", end)
  if (abnormal !== null || end._tag !== "Exited")
    return failure("transient", reasonWith(abnormal ?? "", stderr))
  switch (end.code) {
    case 0:
      return failure("transient", reasonWith("the command on the target ended without an answer", stderr))
    case 255:
      return failure(classOfSsh(stderr), sshReason(stderr))
    case scriptExit.noTarget:
      return markerMissing()
    case scriptExit.inTheWay:
      return failure("permanent", "something that is no folder is in the way on the target")
    case 126:
    case 127:
      return failure(
        "permanent",
        reasonWith("the account on the target can't run what is needed there", stderr),
      )
    default:
      return failure(
        (oneFile.test(stderr) ? "transient" : classBySystem(stderr)) ?? "permanent",
        reasonWith(`the target refused (exit ${end.code})`, stderr),
      )
  }
}

/** Files that vanished here, or changed too fast to be sent whole: their paths, as far as they are told. */
const changedHere = (stderr: string, source: string): ReadonlyArray<string> | null => {
  const signs = [
    /(?:\[sender\] )?link_stat "(.*)" failed: No such file/g,
    /file has vanished: "(.*)"/g,
    /\[sender\] .*? "(.*)" failed: No such file/g,
    /ERROR: (.*) failed verification/g,
    /\[sender\] read errors mapping "(.*)"/g,
  ]
  const found = signs.flatMap((sign) => [...stderr.matchAll(sign)].map(([, path = ""]) => unescaped(path)))
  const names = found.map((path) => (path.startsWith(`${source}/`) ? path.slice(source.length + 1) : path))
  return names.length === 0 ? null : [...new Set(names)]
}

const remedies: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /is your shell clean|protocol version mismatch/i,
    "the account's login scripts on the target print something: they must be silent when they aren't interactive",
  ],
  [/rsync: (?:command )?not found|not found: rsync/i, "rsync isn't installed on the target"],
]

const classes: Readonly<Record<number, SyncFailureClass>> = {
  1: "permanent",
  2: "permanent",
  3: "permanent",
  4: "permanent",
  5: "transient",
  6: "permanent",
  10: "transient",
  11: "permanent",
  12: "transient",
  13: "permanent",
  14: "transient",
  20: "transient",
  21: "transient",
  22: "transient",
  23: "permanent",
  24: "source_changed",
  25: "permanent",
  30: "transient",
  35: "transient",
}

/** What rsync says itself, beside its last line, which only has the code in words. */
const hasCause = (stderr: string): boolean =>
  stderr.split("\n").some((line) => line.trim() !== "" && !line.startsWith("rsync error: "))

const classOf = (code: number, stderr: string): SyncFailureClass => {
  // The other side's words may be lost when its volume is full, and the code comes alone.
  if (code === 11 && !hasCause(stderr)) return "target_full"
  if (code === 255) return classOfSsh(stderr)
  if (code === 126 || code === 127) return "permanent"
  if (code === 12 && (notThere.test(stderr) || refusedForGood.test(stderr))) return "permanent"
  if (code === 12 && /is your shell clean/.test(stderr)) return "permanent"
  // Signals, as shells tell them.
  if (code > 128) return "transient"
  return classes[code] ?? "permanent"
}

/**
 * How a transfer failed, by rsync's exit code and its last words; see `docs/transports.md` for the table.
 * `source` is the folder here that was sent; null when something was fetched.
 */
export const rsyncFailure = ({ end, stderr }: Outcome, source: string | null): SyncFailure => {
  const abnormal = abnormalEnd("rsync", end)
  if (abnormal !== null || end._tag !== "Exited")
    return failure("transient", reasonWith(abnormal ?? "", stderr))
  const changed = source === null ? null : changedHere(stderr, source)
  if (changed !== null && (end.code === 23 || end.code === 24)) {
    return failure("source_changed", reasonWith("files changed while they were sent", stderr), changed)
  }
  if (otherKey.test(stderr)) return failure("permanent", sshReason(stderr))
  const remedy = remedies.find(([sign]) => sign.test(stderr))?.[1]
  const what = remedy ?? `rsync failed (exit ${end.code})`
  const theirs = source === null ? stderr : stderr.replaceAll(/^.*\[sender\].*$/gm, "")
  const bySystem = end.code >= 10 && end.code < 126 ? classBySystem(theirs) : null
  return failure(bySystem ?? classOf(end.code, stderr), reasonWith(what, stderr))
}
