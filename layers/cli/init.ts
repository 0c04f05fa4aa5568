import { resolve } from "node:path"
import { Args, Command } from "@effect/cli"
import { Effect, Exit, Option } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { removeAtLast } from "../disk/atomic.ts"
import * as NodeDisk from "../disk/NodeDisk.ts"
import { removeTree } from "../disk/trees.ts"
import { bundledTemplates } from "../EmbeddedSettings.ts"
import { fileName } from "../settings/findFile.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { pathArgument } from "./common.ts"
import { Output } from "./Output.ts"
import { settingsTemplate } from "./settingsTemplate.ts"

const copyInto = (from: string, to: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* disk.makeDirectory(to)
    for (const { name, type } of yield* disk.list(from)) {
      const copy = type === "directory" ? copyInto : disk.copyFile
      yield* copy(joinPath(from, name), joinPath(to, name))
    }
  })

/** The starter templates, whole or not at all. Plugins that come along needn't be copied to be used. */
const copyTemplates = (to: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const remove = removeAtLast(Effect.provideService(removeTree(to), Disk, disk))
    yield* Effect.acquireUseRelease(
      disk.makeDirectory(to),
      () =>
        Effect.forEach(["projects", "runs"], (kind) =>
          copyInto(joinPath(bundledTemplates, kind), joinPath(to, kind)),
        ),
      (_, exit) => (Exit.isSuccess(exit) ? Effect.void : remove),
    )
  })

/** Does it where nothing stands, and tells which was the case. */
const unlessThere = <E, R>(path: string, make: Effect.Effect<void, E, R>) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { note, result } = yield* Output
    if (Option.isSome(yield* disk.lstat(path))) return yield* note(`${path} is there already: left as it is`)
    yield* make
    yield* result(path)
  })

/** Settings and templates to begin with, in a folder; nothing that is there is changed. */
export const initialize = Effect.fn("Cli.init")(function* (folder: string) {
  const disk = yield* Disk
  yield* Effect.catchIf(
    disk.makeDirectories(folder),
    ({ errno }) => errno === "ENOENT",
    () => new CommandFailed({ message: `the folder ${folder} can't be made there: name another place` }),
  )
  const templates = joinPath(folder, "templates")
  yield* unlessThere(templates, copyTemplates(templates))
  const file = joinPath(folder, fileName)
  yield* unlessThere(file, disk.createFile(file, settingsTemplate, { flush: true }))
})

const folder = pathArgument("folder", "Where; default: the working directory").pipe(Args.withDefault("."))

export const init = Command.make("init", { folder }, ({ folder }) =>
  Effect.provide(initialize(resolve(folder)), NodeDisk.layer),
).pipe(
  Command.withDescription(
    "Writes a settings file with comments and copies the starter templates; overwrites nothing.",
  ),
)
