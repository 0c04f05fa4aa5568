import { describe, expect, it } from "@effect/vitest"
import { rsyncFailure, scriptFailure } from "../../../../../layers/nas/transports/rsync/failures.ts"
import type { Outcome } from "../../../../../layers/nas/transports/tools/words.ts"

const exited = (code: number, stderr = ""): Outcome => ({ end: { _tag: "Exited", code }, stderr })

const refused = "user@nas: Permission denied (publickey)."
const unknownHost = "Host key verification failed."
const full = 'rsync: [receiver] write failed on "/nas/x": No space left on device (28)'

describe("rsync's exit codes", () => {
  const table: ReadonlyArray<readonly [code: number, stderr: string, expected: string]> = [
    [1, "rsync: --frobnicate: unknown option", "permanent"],
    [2, "protocol version mismatch -- is your shell clean?", "permanent"],
    [3, "", "permanent"],
    [4, "", "permanent"],
    [10, "rsync: connection reset", "transient"],
    [11, full, "target_full"],
    [11, "Disk quota exceeded (122)", "target_full"],
    [11, "", "target_full"],
    [11, "rsync error: error in file IO (code 11) at receiver.c(400)", "target_full"],
    [11, "rsync: mkdir failed: Permission denied (13)", "permanent"],
    [11, "Read-only file system (30)", "target_away"],
    [12, "rsync: connection unexpectedly closed (0 bytes received so far)", "transient"],
    [12, "bash: line 1: rsync: command not found", "permanent"],
    [12, full, "target_full"],
    [14, "", "transient"],
    [20, "", "transient"],
    [23, 'rsync: [receiver] mkstemp "/nas/x/.a" failed: Permission denied (13)', "permanent"],
    [23, 'rsync: [sender] send_files failed to open "/src/a": Permission denied (13)', "permanent"],
    [23, 'rsync: [sender] link_stat "/src/a" failed: No such file or directory (2)', "source_changed"],
    [23, "ERROR: a failed verification -- update discarded.", "source_changed"],
    [23, 'rsync: [receiver] rename "/nas/a" failed: Input/output error (5)', "target_away"],
    [23, 'rsync: [sender] read error on "/src/a": Input/output error (5)', "permanent"],
    [24, 'file has vanished: "/src/a"', "source_changed"],
    [25, "", "permanent"],
    [30, "rsync error: timeout in data send/receive", "transient"],
    [35, "", "transient"],
    [127, "setpriv: failed to execute rsync", "permanent"],
    [137, "", "transient"],
    [255, refused, "permanent"],
    [255, unknownHost, "permanent"],
    [255, "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "permanent"],
    [255, "ssh: connect to host nas port 22: Connection refused", "transient"],
    [255, "ssh: Could not resolve hostname nas: Name or service not known", "transient"],
    [255, "", "transient"],
  ]
  for (const [code, stderr, expected] of table) {
    it(`${code} with «${stderr}» is ${expected}`, () => {
      expect(rsyncFailure(exited(code, stderr), "/src").class).toBe(expected)
    })
  }

  it("files that changed are told by their paths in the parcel, whatever their names", () => {
    const stderr = [
      'rsync: [sender] link_stat "/src/a/new\\#012line" failed: No such file or directory (2)',
      'file has vanished: "/src/b"',
      'file has vanished: "/src/b"',
    ].join("\n")
    expect(rsyncFailure(exited(23, stderr), "/src").files).toEqual(["a/new\nline", "b"])
  })

  it("what is missing there when something is fetched is no file that changed here", () => {
    const stderr = 'rsync: [sender] link_stat "/nas/a" failed: No such file or directory (2)'
    expect(rsyncFailure(exited(23, stderr), null).class).toBe("permanent")
  })

  it("a tool that was silent, killed or not started passes", () => {
    const ends = [
      { _tag: "Silent" },
      { _tag: "Signalled", signal: "SIGKILL" },
      { _tag: "NotStarted", reason: "EAGAIN" },
    ] as const
    for (const end of ends) expect(rsyncFailure({ end, stderr: "" }, "/src").class).toBe("transient")
  })

  it("the reason is one short line without control characters and passwords", () => {
    const stderr = `${"x".repeat(9000)}\n\u001b[31mred\u0007\nsee https://me:secret@nas/x\r\nexlab-alive\n`
    const { reason } = rsyncFailure(exited(5, stderr), "/src")
    expect(reason.length).toBeLessThanOrEqual(500)
    expect(reason).toMatch(/^rsync failed \(exit 5\): …x+; \[31mred; see https:\/\/…@nas\/x$/)
  })

  it("a noisy login script is named, with what is to be done", () => {
    const { reason } = rsyncFailure(exited(2, "protocol version mismatch -- is your shell clean?"), "/src")
    expect(reason).toContain("login scripts")
  })
})

describe("exit codes of scripts on the target", () => {
  const table: ReadonlyArray<readonly [code: number, stderr: string, expected: string]> = [
    [1, "mkdir: cannot create directory: Permission denied", "permanent"],
    [1, "mv: cannot move: No space left on device", "target_full"],
    [0, "", "transient"],
    [1, "sha256sum: ./a: Input/output error", "transient"],
    [1, "mv: cannot move: Input/output error", "target_away"],
    [70, "", "target_away"],
    [71, "", "permanent"],
    [123, "sha256sum: ./a: Stale file handle", "target_away"],
    [127, "sh: sha256sum: not found", "permanent"],
    [255, refused, "permanent"],
    [255, unknownHost, "permanent"],
    [255, "client_loop: send disconnect: Broken pipe", "transient"],
  ]
  for (const [code, stderr, expected] of table) {
    it(`a script's ${code} with «${stderr}» is ${expected}`, () => {
      expect(scriptFailure(exited(code, stderr)).class).toBe(expected)
    })
  }
})

it("a changed host key is told as what it is, and not by ssh's advice to forget the known one", () => {
  const said = [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
    "Add correct host key in /etc/known_hosts to get rid of this message.",
    "  remove with: ssh-keygen -f /etc/known_hosts -R nas",
    "Host key for nas has changed and you have requested strict checking.",
  ].join("\n")
  for (const failure of [scriptFailure(exited(255, said)), rsyncFailure(exited(255, said), "/src")]) {
    expect(failure.class).toBe("permanent")
    expect(failure.reason).toContain("another host key than the known one")
    expect(failure.reason).not.toContain("remove with")
  }
})
