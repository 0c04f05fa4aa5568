import { Effect, Option } from "effect"
import { joinPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { TargetEntry, TargetTransport } from "../../../../src/ports/SyncTransport.ts"
import { nameOfRclone } from "./names.ts"
import type { Rclone } from "./Rclone.ts"
import { fileList } from "./sending.ts"

/** A name in one of rclone's patterns. */
const inPattern = (name: string): string => name.replaceAll(/[*?[\]{}\\]/g, String.raw`\$&`)

const entryOf = (name: string): TargetEntry => ({
  path: nameOfRclone(name.replace(/\/$/, "")),
  isFolder: name.endsWith("/"),
})

/** Looks at what is on a remote, and takes away from it. */
export const makeListing = (
  rclone: Rclone,
  removeFolder: (place: string) => Effect.Effect<unknown, SyncFailure>,
): Pick<TargetTransport, "list"> & { readonly removeEntries: TargetTransport["remove"] } => {
  const list: TargetTransport["list"] = (place, except) =>
    Effect.map(
      rclone.find([
        "lsf",
        "--recursive",
        ...except.map((name) => `--exclude=/${inPattern(name)}/**`),
        "--",
        rclone.there(place),
      ]),
      Option.match({
        onNone: () => [],
        onSome: (output) =>
          output
            .toString()
            .split("\n")
            .flatMap((name) => (name === "" ? [] : [entryOf(name)])),
      }),
    )

  const removeEntries: TargetTransport["remove"] = (place, entries) =>
    Effect.gen(function* () {
      const folders = entries.filter(({ isFolder }) => isFolder)
      yield* Effect.forEach(folders, ({ path }) => removeFolder(joinPath(place, path)), { discard: true })
      const files = entries.filter(({ isFolder }) => !isFolder)
      if (files.length === 0) return
      const stdin = yield* fileList(files.map(({ path }) => path))
      yield* rclone.run(["delete", "--files-from-raw=-", "--", rclone.there(place)], {
        stdin,
        accepts: [3],
      })
    })

  return { list, removeEntries }
}
