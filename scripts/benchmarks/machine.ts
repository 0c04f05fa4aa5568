import { statfs } from "node:fs/promises"
import { arch, availableParallelism, platform, totalmem } from "node:os"
import { Effect } from "effect"

const fileSystems: Readonly<Record<number, string>> = {
  0x01021994: "tmpfs",
  0x2fc12fc1: "zfs",
  0x58465342: "xfs",
  0x794c7630: "overlayfs",
  0x9123683e: "btrfs",
  0xef53: "ext",
}

const nameOf = (type: number): string => fileSystems[type] ?? `0x${type.toString(16)}`

/** What of this computer the figures depend on. */
export const machine = {
  node: process.version,
  platform: `${platform()} ${arch()}`,
  cores: availableParallelism(),
  memory_gib: Math.round(totalmem() / 2 ** 30),
} as const

/** The kind of file system that a folder is on. */
export const fileSystemOf = (folder: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => statfs(folder)),
    ({ type }) => nameOf(type),
  )
