import { Effect, HashSet, Ref, Scope, SynchronizedRef } from "effect"
import type { DiskError, LockTimeout } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { holdLockFile } from "../disk/lockFile.ts"
import { ownerId, ownerLock, type OwnerId, ownersFolder } from "./stagingLayout.ts"

/** This running service, as the owner of its claims. */
export interface StagingOwner {
  readonly id: OwnerId
  readonly localRoot: string
  /** As the settings call this computer. */
  readonly host: string
  /** Takes the lock by which others see that we live. Nothing is written before the first call. */
  readonly live: Effect.Effect<void, DiskError | LockTimeout>
  /** Names a new claim, which is alive from now on. */
  readonly begin: Effect.Effect<string>
  readonly isAlive: (claim: string) => Effect.Effect<boolean>
  /** Runs one at a time what decides about claims of ours that aren't alive any more. */
  readonly alone: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** `clean`: nothing of it is left on the disk. */
  readonly end: (claim: string, clean: boolean) => Effect.Effect<void>
}

interface Claims {
  readonly begun: number
  readonly alive: HashSet.HashSet<string>
  /** Something couldn't be removed: its next start learns from our lock file that there is work. */
  readonly littered: boolean
}

const none: Claims = { begun: 0, alive: HashSet.empty(), littered: false }

const lockPatience = "5 seconds"

export const make = (
  localRoot: string,
  host: string,
): Effect.Effect<StagingOwner, never, Disk | Scope.Scope> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const scope = yield* Effect.scope
    const id = yield* Effect.sync(() => ownerId(host, crypto.randomUUID()))
    const claims = yield* Ref.make(none)
    const held = yield* SynchronizedRef.make(false)
    /** The file stays when something of ours is left. */
    const isClean = Effect.map(
      Ref.get(claims),
      ({ alive, littered }) => !littered && HashSet.size(alive) === 0,
    )

    const take = disk
      .makeDirectories(ownersFolder(localRoot))
      .pipe(
        Effect.zipRight(holdLockFile(ownerLock(localRoot, id), lockPatience, isClean)),
        Effect.provideService(Scope.Scope, scope),
        Effect.provideService(Disk, disk),
        Effect.as(true),
      )
    const takeOnce = (already: boolean) => (already ? Effect.succeed(true) : take)
    const begin = Ref.modify(claims, ({ begun, alive, littered }) => {
      const claim = `${id}-${begun}`
      return [claim, { begun: begun + 1, alive: HashSet.add(alive, claim), littered }]
    })
    const end = (claim: string, clean: boolean) =>
      Ref.update(claims, ({ begun, alive, littered }) => ({
        begun,
        alive: HashSet.remove(alive, claim),
        littered: littered || !clean,
      }))

    return {
      id,
      localRoot,
      host,
      live: Effect.flatMap(held, (already) =>
        already ? Effect.void : SynchronizedRef.updateEffect(held, takeOnce),
      ),
      begin,
      alone: (yield* Effect.makeSemaphore(1)).withPermits(1),
      isAlive: (claim) => Effect.map(Ref.get(claims), ({ alive }) => HashSet.has(alive, claim)),
      end,
    }
  })
