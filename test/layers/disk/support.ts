import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

type DiskService = typeof Disk.Service

/** A test with real files in a directory of its own. */
export const onDisk = <E>(
  name: string,
  test: (disk: DiskService, directory: string) => Effect.Effect<void, E, Disk | Scope.Scope>,
) =>
  it.scopedLive(name, () =>
    Effect.flatMap(Effect.zip(Disk, temporaryDirectory), ([disk, directory]) => test(disk, directory)).pipe(
      Effect.provide(NodeDisk.layer),
    ),
  )

/** The errno of an operation that must fail. */
export const errnoOf = <A, R>(operation: Effect.Effect<A, DiskError, R>): Effect.Effect<string, A, R> =>
  Effect.map(Effect.flip(operation), (error) => error.errno)

export const makePipe = (path: string): void => {
  execFileSync("mkfifo", [path])
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** What stands below a directory, by name and inode, without following links: to compare two moments. */
export const picture = (directory: string): ReadonlyArray<string> =>
  fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    return [`${path} ${fs.lstatSync(path).ino}`, ...(entry.isDirectory() ? picture(path) : [])]
  })
