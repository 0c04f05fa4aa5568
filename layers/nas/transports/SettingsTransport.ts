import { Duration, Effect, Either, Layer, Option, Predicate } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { EquipmentSettings } from "../../../src/domain/Settings.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncTransport, type TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { removeTree } from "../../disk/trees.ts"
import * as MountedTransport from "./MountedTransport.ts"
import { targetFailure } from "./diskFailures.ts"
import { overlapOf } from "./mounted/apart.ts"
import { failure, guarded } from "./places.ts"
import * as PatientDisk from "./mounted/PatientDisk.ts"
import * as RcloneTransport from "./RcloneTransport.ts"
import * as RsyncOnlyTransport from "./RsyncOnlyTransport.ts"
import * as RsyncSshTransport from "./RsyncSshTransport.ts"
import * as Toolbox from "./tools/Toolbox.ts"

/** A mounted target whose place is looked at before each use: what leads there may be another folder by now. */
const mountedApart = (root: string, localRoot: string, silence: Duration.Duration) =>
  Effect.zipWith(MountedTransport.make(root, silence), Disk, (mounted, disk): TargetTransport => {
    const patientDisk = PatientDisk.make(disk, "/", silence)
    return {
      ...mounted,
      check: overlapOf(root, localRoot).pipe(
        Effect.mapError((error) => targetFailure(error)),
        Effect.flatMap((problem) => (problem === null ? Effect.void : failure("permanent", problem))),
        Effect.zipRight(mounted.check),
        Effect.provideService(Disk, patientDisk),
      ),
    }
  })

const transportOf = (
  { nasRoot, transport }: EquipmentSettings,
  localRoot: string,
  toolbox: Toolbox.Toolbox,
  scratch: string,
): Effect.Effect<Option.Option<TargetTransport>, never, Disk> => {
  // A slash at the end says nothing; the root of a file system is one.
  const root = nasRoot.length > 1 ? nasRoot.replace(/\/+$/, "") || "/" : nasRoot
  switch (transport?.type) {
    case undefined:
      return Effect.succeedNone
    case "mounted":
      return Effect.asSome(mountedApart(root, localRoot, toolbox.silence))
    case "rsync_ssh":
      return transport.hasShell
        ? Effect.succeedSome(RsyncSshTransport.make(transport, root, toolbox))
        : Effect.asSome(RsyncOnlyTransport.make(transport, root, toolbox, scratch))
    case "rclone":
      return Effect.asSome(RcloneTransport.make(transport, root, toolbox, scratch))
  }
}

/** Whether a process is there whose folder this is; that of another user is, too. */
const isInUse = (folder: string): boolean =>
  /^[1-9]\d*$/.test(folder) &&
  folder !== String(process.pid) &&
  Either.match(Either.try({ try: () => process.kill(Number(folder), 0), catch: (cause) => cause }), {
    onLeft: (cause) => Predicate.hasProperty(cause, "code") && cause.code === "EPERM",
    onRight: () => true,
  })

/** This process's own folder, after what killed processes left was removed: others may be at work beside it. */
const ownScratch = Effect.fnUntraced(function* (stateDir: string) {
  const parent = joinPath(stateDir, "transports")
  const found = yield* Effect.orElseSucceed((yield* Disk).list(parent), () => [])
  for (const { name } of found) {
    if (!isInUse(name)) yield* Effect.ignore(removeTree(joinPath(parent, name)))
  }
  return joinPath(parent, String(process.pid))
})

/** A transport for each equipment that the settings give one. */
export const layer: Layer.Layer<SyncTransport, never, Disk | Settings> = Layer.effect(
  SyncTransport,
  Effect.gen(function* () {
    const { equipment, paths, sync } = yield* Settings
    const toolbox = yield* Toolbox.make(process.env, Duration.seconds(sync.silenceSeconds))
    const scratch = yield* ownScratch(paths.stateDir)
    const transports = new Map<string, TargetTransport>()
    for (const one of equipment) {
      const transport = yield* transportOf(one, paths.localRoot, toolbox, scratch)
      if (Option.isSome(transport)) transports.set(one.id, guarded(transport.value))
    }
    return { of: (equipmentId) => Option.fromNullable(transports.get(equipmentId)) }
  }),
)
