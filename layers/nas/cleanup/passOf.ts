import { createHash } from "node:crypto"
import { Array, Order } from "effect"
import type { VerificationPass, VerifiedFile } from "../../../src/ports/SyncLedger.ts"

const byPath = Order.mapInput(Order.string, ({ path }: VerifiedFile) => path)

/** Of what was found, wherever and whenever it was: stamps are left out. */
export const digestOf = (files: ReadonlyArray<VerifiedFile>): string => {
  const hash = createHash("sha256")
  for (const { path, sha256, size } of Array.sort(files, byPath)) {
    hash.update(`${JSON.stringify([path, size, sha256])}\n`)
  }
  return hash.digest("hex")
}

/** The pass that found these files. */
export const passOf = (pass: number, at: number, files: ReadonlyArray<VerifiedFile>): VerificationPass => ({
  pass,
  at,
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
  digest: digestOf(files),
})
