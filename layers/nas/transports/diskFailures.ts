import type { DiskError } from "../../../src/domain/Errors.ts"
import type { SyncFailure, SyncFailureClass } from "../../../src/domain/SyncFailure.ts"
import { failure } from "./places.ts"

const onTarget: Readonly<Record<string, SyncFailureClass>> = {
  ENOSPC: "target_full",
  EDQUOT: "target_full",
  EIO: "target_away",
  ESTALE: "target_away",
  ENOTCONN: "target_away",
  ENODEV: "target_away",
  ENXIO: "target_away",
  EHOSTDOWN: "target_away",
  EHOSTUNREACH: "target_away",
  ETIMEDOUT: "target_away",
  EROFS: "target_away",
  // Whoever removed what was made a moment before unmounted it, or works there, too.
  ENOENT: "transient",
  EBUSY: "transient",
  EAGAIN: "transient",
  EINTR: "transient",
  EMFILE: "transient",
  ENFILE: "transient",
  ENOMEM: "transient",
  ETXTBSY: "transient",
}

const onSource: Readonly<Record<string, SyncFailureClass>> = {
  ENOENT: "source_changed",
  ENOTDIR: "source_changed",
  EISDIR: "source_changed",
  ELOOP: "source_changed",
  EINVAL: "source_changed",
  EAGAIN: "transient",
  EINTR: "transient",
  EMFILE: "transient",
  ENFILE: "transient",
  ENOMEM: "transient",
  EIO: "transient",
}

/** What is to be done about a failed operation on the target's files. */
export const targetFailure = (error: DiskError, ...files: ReadonlyArray<string>): SyncFailure =>
  failure(onTarget[error.errno] ?? "permanent", error.message, files)

/** The same, on files that were to be sent. */
export const sourceFailure = (error: DiskError, ...files: ReadonlyArray<string>): SyncFailure =>
  failure(onSource[error.errno] ?? "permanent", error.message, files)
