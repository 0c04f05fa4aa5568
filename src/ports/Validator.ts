import { Context, type Effect } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import type { Finding } from "../domain/Finding.ts"

/** A tree that is about to be published, seen as it will stand at its destination. */
export interface ProposedTree {
  readonly destination: Destination
  /** Absolute path at which the files are now; findings name the destination instead. */
  readonly tree: string
  /** Files whose content came out of a template's expressions, relative: these are scanned. */
  readonly rendered: ReadonlyArray<string>
  /** Entries of the tree's top that aren't part of it: a project's runs. */
  readonly except?: ReadonlyArray<string>
}

/** The rules for names and contents. The same input gives the same findings, in the same order. */
export class Validator extends Context.Tag("exlab-wizard/Validator")<
  Validator,
  {
    /** The rules for paths over every segment of a destination. Pure: touches no disk. */
    readonly checkDestination: (destination: Destination) => ReadonlyArray<Finding>
    /** All rules over a finished tree: segments, names, and the contents of rendered files. */
    readonly checkTree: (proposed: ProposedTree) => Effect.Effect<ReadonlyArray<Finding>, DiskError>
  }
>() {}
