import { Context, type Effect } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import type { Finding } from "../domain/Finding.ts"

/** A tree that is about to be published, seen as it will stand at its destination. */
export interface ProposedTree {
  readonly destination: Destination
  /** False when no record says of what kind the run is, and the destination only guesses. */
  readonly isKindKnown?: boolean
  /** Absolute path at which the files are now; findings name the destination instead. */
  readonly tree: string
  /** Files whose content came out of a template's expressions, relative: these are scanned. */
  readonly rendered: ReadonlyArray<string>
  /** Entries of the tree's top that aren't part of it: a project's runs. */
  readonly except?: ReadonlyArray<string>
}

/** Something in a tree, and what it looked like when it was looked at. */
export interface Seen {
  /** Absolute. */
  readonly path: string
  /** As `Disk` gives it: changes whenever the file or directory does. */
  readonly stamp: string
}

/** What was found in a tree, and what it was found in. */
export interface Inspection {
  readonly findings: ReadonlyArray<Finding>
  /** The tree's own directory and all below it. */
  readonly directories: ReadonlyArray<Seen>
  /** The files whose contents were looked at. */
  readonly contents: ReadonlyArray<Seen>
  /**
   * When something of that changed last, in milliseconds since 1970; `Infinity` when something went while it was
   * looked at.
   */
  readonly changedMillis: number
}

/** The rules for names and contents. The same input gives the same findings, in the same order. */
export class Validator extends Context.Tag("exlab-wizard/Validator")<
  Validator,
  {
    /** The rules for paths over every segment of a destination. Pure: touches no disk. */
    readonly checkDestination: (destination: Destination) => ReadonlyArray<Finding>
    /** All rules over a finished tree: segments, names, and the contents of rendered files. */
    readonly checkTree: (proposed: ProposedTree) => Effect.Effect<ReadonlyArray<Finding>, DiskError>
    /**
     * The same over a tree that stands and may change meanwhile. What can't be read is a finding, and doesn't keep
     * the rest from being looked at.
     */
    readonly inspectTree: (proposed: ProposedTree) => Effect.Effect<Inspection>
  }
>() {}
