import { Effect } from "effect"
import type { FileDrift } from "../../domain/Drift.ts"
import { type Expected, expectationsFrom, isComplete, isSourceItself, type OnRecord } from "./expectations.ts"
import { driftOf, unexpected, unlisted } from "./judging.ts"
import { type Found, listDirectory, type Listing, lookAt } from "./observing.ts"

/** As many as the disk works on at a time. */
const atATime = 4

const gone: Found = { _tag: "Gone", detail: null }

/** The directory around a path that couldn't be looked into. */
const isHidden = (path: string, { unlisted }: Listing): boolean => {
  if (unlisted.size === 0) return false
  if (unlisted.has("")) return true
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    if (unlisted.has(path.slice(0, at))) return true
  }
  return false
}

/** What a listing alone says of a path; null for a file, which has to be looked at. */
const inListing = (path: string, listing: Listing, files: ReadonlySet<string>): Found | null => {
  if (files.has(path)) return null
  const type = listing.directories.has(path) ? "directory" : listing.others.get(path)
  if (type !== undefined) return { _tag: "Other", type }
  return isHidden(path, listing)
    ? { _tag: "Unread", reason: "lies in a directory that can't be listed" }
    : gone
}

const withoutSlash = ({ origin, path }: Expected): string =>
  origin === "directory" ? path.slice(0, -1) : path

const byPath = (a: FileDrift, b: FileDrift): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/** Compares what is there with what is on record, file by file. */
export const compareFiles = Effect.fn("DriftCheck.compare")(function* (
  root: string,
  onRecord: OnRecord,
  isCleaned: boolean,
) {
  const listing = yield* listDirectory(root, onRecord.level)
  const files = new Set(listing.files)
  const expected = expectationsFrom(onRecord)
  const complete = isComplete(onRecord)
  const drifts: Array<FileDrift> = []
  const compare = Effect.fnUntraced(function* (one: Expected) {
    const path = withoutSlash(one)
    const withContent = one.expectations.length > 0
    const found = inListing(path, listing, files) ?? (yield* lookAt(root, path, { withContent }))
    drifts.push(driftOf(one, found, isCleaned))
  })
  const meet = Effect.fnUntraced(function* (path: string) {
    const found = yield* lookAt(root, path, { withContent: false })
    if (found._tag !== "Gone") drifts.push(unexpected(path, found, complete))
  })
  yield* Effect.forEach(expected.values(), compare, { concurrency: atATime, discard: true })
  const strangers = [...listing.files, ...listing.others.keys()].filter(
    (path) => !expected.has(path) && !isSourceItself(path),
  )
  yield* Effect.forEach(strangers, meet, { concurrency: atATime, discard: true })
  for (const [path, reason] of listing.unlisted) drifts.push(unlisted(path, reason))
  return drifts.toSorted(byPath)
})
