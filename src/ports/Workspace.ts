import { Context, type Effect, type Option } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DestinationExists, DiskError, LockTimeout } from "../domain/Errors.ts"
import type { SessionId } from "../domain/Session.ts"

/** A claimed place beside the destination, on the same file system, where no reader looks. */
export interface Staging {
  readonly destination: Destination
  /** `<parent>/.exlab-wizard/staging/<leaf>` */
  readonly root: string
  /** What will be published. Empty after the claim. */
  readonly tree: string
  /** Plugins' private copies. Never published. */
  readonly copies: string
  /** Tells this claim from every other, also from a later one of the same place. */
  readonly claim: string
}

/** What went wrong after the directory was already good, also when it went well when tried again. */
export interface PublishReport {
  readonly warnings: ReadonlyArray<DiskError>
}

/** Files of a cancelled session at their destination, and what went wrong after that. */
export interface Kept {
  readonly path: string
  readonly warnings: ReadonlyArray<DiskError>
}

/** What a session left that is gone. */
export interface Abandoned {
  /** The staging area, or what is on its way in or out of its place. */
  readonly path: string
  /** The destination that it was for; that of all of them for what has no place yet. */
  readonly destination: string
}

/** What is left in one folder, and what couldn't be looked at there. */
export interface Leftovers {
  readonly abandoned: ReadonlyArray<Abandoned>
  readonly unreadable: ReadonlyArray<DiskError>
}

/**
 * A directory appears whole or not at all: it is built in a staging area and renamed into place once.
 * Claims hold between processes, too; those of dead processes are cleared. See `docs/sessions.md`.
 */
export class Workspace extends Context.Tag("exlab-wizard/Workspace")<
  Workspace,
  {
    /** Takes the destination for one session, or says who has it. Leaves nothing behind when it fails. */
    readonly claim: (
      destination: Destination,
      sessionId: SessionId,
    ) => Effect.Effect<Staging, DestinationExists | DiskError | LockTimeout>
    /** Whether the area is still this session's: somebody may have deleted it while a person thought. */
    readonly confirm: (staging: Staging) => Effect.Effect<void, DestinationExists | DiskError>
    /**
     * Flushes the tree bottom-up and renames it to the destination. After the rename nothing fails any
     * more: what goes wrong then is in the report.
     */
    readonly publish: (staging: Staging) => Effect.Effect<PublishReport, DestinationExists | DiskError>
    /** Deletes the staging area, and nothing else. One that was given up or published already is left alone. */
    readonly discard: (staging: Staging) => Effect.Effect<void, DiskError>
    /**
     * Moves the tree, without its metadata folder, to the destination: an orphan that audits report.
     * None, and everything deleted, when the tree holds nothing or the destination is taken.
     */
    readonly keep: (staging: Staging) => Effect.Effect<Option.Option<Kept>, DiskError>
    /**
     * Staging areas for entries of a folder whose session is gone. Changes nothing. Of another computer's
     * nobody can tell: they are left out.
     */
    readonly leftovers: (parent: string) => Effect.Effect<Leftovers>
  }
>() {}
