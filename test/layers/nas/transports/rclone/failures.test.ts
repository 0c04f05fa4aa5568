import { describe, expect, it } from "@effect/vitest"
import { rcloneFailure } from "../../../../../layers/nas/transports/rclone/failures.ts"
import { rcloneName } from "../../../../../layers/nas/transports/rclone/names.ts"

const logged = (msg: string, object = "a"): string =>
  `{"level":"info","msg":"Copied"}\n${JSON.stringify({ level: "error", msg, object, source: "x.go:1" })}\n`

const failureOf = (code: number, stderr: string) => rcloneFailure({ end: { _tag: "Exited", code }, stderr })

describe("rclone's exit codes", () => {
  const table: ReadonlyArray<readonly [code: number, message: string, expected: string]> = [
    [1, "Failed to copy: connection refused", "transient"],
    [1, "NewFs: couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate", "permanent"],
    [1, "NewFs: couldn't connect SSH: ssh: handshake failed: knownhosts: key mismatch", "permanent"],
    [1, "NewFs: couldn't connect SSH: dial tcp 127.0.0.1:1: connect: connection refused", "transient"],
    [1, "Failed to copy: 507 Insufficient Storage", "target_full"],
    [1, "Failed to copy: write /nas/a: no space left on device", "target_full"],
    [1, "googleapi: Error 403: storageQuotaExceeded", "target_full"],
    [1, "Unauthorized: 401 Unauthorized", "permanent"],
    [1, "Failed to copy: can't copy - source file is being updated (size changed)", "source_changed"],
    [1, "something that nobody has seen", "transient"],
    [2, "unknown flag: --x", "permanent"],
    [3, "directory not found", "permanent"],
    [4, "object not found", "permanent"],
    [5, "temporary", "transient"],
    [6, "less serious", "source_changed"],
    [7, "fatal", "permanent"],
    [8, "transfer limit", "transient"],
    [10, "duration limit", "transient"],
  ]
  for (const [code, message, expected] of table) {
    it(`${code} with «${message}» is ${expected}`, () => {
      expect(failureOf(code, logged(message)).class).toBe(expected)
    })
  }

  it("the files that errors are about are told, each once", () => {
    const stderr = logged("Failed to copy: EOF", "b") + logged("again", "b") + logged("Failed", "c d")
    expect(failureOf(1, stderr).files).toEqual(["b", "c d"])
    expect(failureOf(1, stderr).reason).toContain("b: Failed to copy: EOF")
  })

  it("what is said before there is a log is understood, too", () => {
    expect(
      failureOf(1, "2026/11/22 Failed to create file system: didn't find section in config file").class,
    ).toBe("permanent")
  })
})

describe("names as rclone calls them", () => {
  it("control characters are symbols, and symbols are quoted", () => {
    expect(rcloneName("a/new\nline\r\t\u007F")).toBe("a/new␊line␍␉␡")
    expect(rcloneName("␊␡")).toBe("\u201B␊\u201B␡")
    expect(rcloneName("a b／c．#")).toBe("a b／c．#")
  })

  it("names that it can't carry are none", () => {
    expect(rcloneName("a\u201Bb")).toBe(null)
    expect(rcloneName("a\uDC80b")).toBe(null)
  })
})
