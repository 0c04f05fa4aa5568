import type { SyncFailure, SyncFailureClass } from "../../../../src/domain/SyncFailure.ts"
import { failure } from "../places.ts"
import { abnormalEnd, classBySystem, type Outcome, reasonWith } from "../tools/words.ts"
import { complaintsIn, filesIn } from "./log.ts"

const signs: ReadonlyArray<readonly [RegExp, SyncFailureClass]> = [
  [/source file is being updated|can't copy - source|corrupted on transfer: sizes differ/i, "source_changed"],
  [
    /insufficient storage|\b507\b|quota.?exceeded|exceeded.{0,20}quota|not enough (?:free )?space/i,
    "target_full",
  ],
  [
    /unable to authenticate|no supported methods|knownhosts:|host key|\b401\b|\b403\b|unauthorized|forbidden|access.?denied|invalid.?(?:grant|token|access.?key)|SignatureDoesNotMatch|NoSuchBucket|didn't find section in config|couldn't find|permission denied|unknown (?:flag|command|shorthand)|failed to parse private key|x509|certificate/i,
    "permanent",
  ],
  [
    /connection (?:refused|reset|timed out)|no such host|i\/o timeout|timed? ?out|network is unreachable|no route to host|broken pipe|unexpected EOF|\b(?:429|500|502|503|504)\b|couldn't connect/i,
    "transient",
  ],
]

const classes: Readonly<Record<number, SyncFailureClass>> = {
  2: "permanent",
  3: "permanent",
  4: "permanent",
  5: "transient",
  6: "source_changed",
  7: "permanent",
  8: "transient",
  10: "transient",
}

/** How rclone failed, by its exit code and its log; see `docs/transports.md` for the table. */
export const rcloneFailure = ({ end, stderr }: Outcome): SyncFailure => {
  const abnormal = abnormalEnd("rclone", end)
  const complaints = complaintsIn(stderr)
  if (abnormal !== null || end._tag !== "Exited")
    return failure("transient", reasonWith(abnormal ?? "", complaints))
  // Exit code 1 is given for everything; others may be given for what the log knows better.
  const said = classBySystem(complaints) ?? signs.find(([sign]) => sign.test(complaints))?.[1] ?? null
  const failureClass = (end.code === 1 ? null : classes[end.code]) ?? said ?? "transient"
  const better = said !== null && said !== "transient" ? said : failureClass
  return failure(better, reasonWith(`rclone failed (exit ${end.code})`, complaints), filesIn(stderr))
}
