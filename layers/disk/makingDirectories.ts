import * as fs from "node:fs"
import { Either, Option } from "effect"
import { parentPath } from "../../src/domain/Destination.ts"
import { encodePath } from "./nativePath.ts"
import { answer, type Done, finish, onward, refused, type Target, through } from "./systemCall.ts"

type Made = Option.Option<string>

const mode = 0o755

const parentOf = (target: Target): Target | null => {
  const path = parentPath(target.path)
  const encoded = encodePath(path)
  return path === target.path || "errno" in encoded ? null : { op: target.op, path, native: encoded.native }
}

/** A link to a directory is one, too. */
const seeing = (target: Target, done: Done<Made>): void =>
  fs.stat(
    target.native,
    answer(
      target,
      onward(done, (stats) =>
        done(stats.isDirectory() ? Either.right(Option.none()) : refused(target, "EEXIST")),
      ),
    ),
  )

const makeOnce = (target: Target, done: Done<void>): void =>
  fs.mkdir(target.native, { mode }, finish(target, done))

/** Blames the path that was asked for, whichever of its parents it was. */
const blaming =
  (target: Target, done: Done<Made>): Done<Made> =>
  (outcome) =>
    done(Either.isLeft(outcome) ? refused(target, outcome.left.errno) : outcome)

/** Its parents first, then itself: where a parent is there and it can't be made, that is the answer. */
const makeBelow = (target: Target, done: Done<Made>): void => {
  const parent = parentOf(target)
  if (parent === null) return done(refused(target, "ENOENT"))
  make(
    parent,
    blaming(
      target,
      onward(done, (outermost) =>
        makeOnce(target, (outcome) => {
          if (Either.isLeft(outcome) && outcome.left.errno === "EEXIST") {
            return seeing(
              target,
              through(done, () => outermost),
            )
          }
          through(done, () => Option.orElse(outermost, () => Option.some(target.path)))(outcome)
        }),
      ),
    ),
  )
}

/**
 * Makes a directory with its parents; tells the outermost that had to be made. Node's own way goes round for
 * ever where a parent is there and nothing can be made in it, as in `/proc`.
 */
export const make = (target: Target, done: Done<Made>): void =>
  makeOnce(target, (outcome) => {
    if (Either.isRight(outcome)) return done(Either.right(Option.some(target.path)))
    switch (outcome.left.errno) {
      case "EEXIST":
        return seeing(target, done)
      case "ENOENT":
        return makeBelow(target, done)
      default:
        return done(Either.left(outcome.left))
    }
  })
