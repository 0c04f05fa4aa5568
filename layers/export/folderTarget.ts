import { Effect } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Target } from "./Target.ts"

/** Little enough for an interruption to be noticed soon. A file that isn't larger is copied in one step. */
const pieceBytes = 4 * 1024 * 1024

/** Who exports must be able to read it back, and to change it. */
const ownersMode = 0o600

const copyInPieces = (from: string, to: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* disk.createFile(to, "", { mode: ownersMode })
    for (let offset = 0; ;) {
      const count = yield* disk.copyPiece(from, to, { offset, length: pieceBytes })
      offset += count
      if (count < pieceBytes) return
    }
  })

/** Writes into an empty folder that nobody else knows. */
export const folderTarget = (folder: string): Target => ({
  parallel: true,
  addDirectory: (path) => Effect.flatMap(Disk, (disk) => disk.makeDirectory(joinPath(folder, path))),
  addFile: ({ from, to }, { mode, modifiedMillis, size }) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const path = joinPath(folder, to)
      yield* size > pieceBytes ? copyInPieces(from, path) : disk.copyFile(from, path)
      yield* disk.setMode(path, (mode & 0o777) | ownersMode)
      yield* disk.setModified(path, modifiedMillis)
      return yield* disk.hashFile(path)
    }),
  addText: (path, text) => Effect.flatMap(Disk, (disk) => disk.createFile(joinPath(folder, path), text)),
})
