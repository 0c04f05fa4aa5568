import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import { Disk } from "../../src/ports/Disk.ts"
import type { Target } from "./Target.ts"
import type { Zip } from "./zipStream.ts"

const pieceBytes = 1024 * 1024

/** What an archive can't hold under its own name: a backslash is a slash there, `C:` a drive. */
export const unfitForZip = (path: string): boolean => path.includes("\\") || /^[A-Za-z]:/.test(path)

/** Writes into a zip. What is read of a file is hashed on its way. */
export const zipTarget = (zip: Zip): Target => ({
  parallel: false,
  addDirectory: (path) =>
    Effect.flatMap(Clock.currentTimeMillis, (modifiedMillis) =>
      zip.addDirectory({ path, modifiedMillis, mode: 0o755 }),
    ),
  addFile: ({ from, to }, { mode, modifiedMillis }) =>
    zip.addFile({ path: to, modifiedMillis, mode: (mode & 0o777) | 0o600 }, (put) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        const hash = createHash("sha256")
        for (let offset = 0; ;) {
          const piece = yield* disk.readPiece(from, { offset, length: pieceBytes })
          hash.update(piece)
          if (piece.length > 0) yield* put(piece)
          offset += piece.length
          if (piece.length < pieceBytes) return hash.digest("hex")
        }
      }),
    ),
  addText: (path, text) =>
    Effect.flatMap(Clock.currentTimeMillis, (modifiedMillis) =>
      zip.addFile({ path, modifiedMillis, mode: 0o644 }, (put) => put(Buffer.from(text, "utf8"))),
    ),
})
