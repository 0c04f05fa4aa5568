import type { DriftSource, DriftStatus, FileDrift } from "../../domain/Drift.ts"
import { printable } from "../../domain/NameRules.ts"
import { isMetadata } from "../../domain/PublishedTree.ts"
import type { Expected } from "./expectations.ts"
import type { Found } from "./observing.ts"

interface Verdict {
  readonly status: DriftStatus
  readonly detail: string | null
}

const verdict = (status: DriftStatus, detail: string | null = null): Verdict => ({ status, detail })

const words: Readonly<Record<DriftSource, string>> = {
  published: "what was published",
  rendered: "what the template and the recorded answers give",
  readme: "what readme_fields.json gives",
  recorded: "what its creation recorded",
  synced: "what was synced",
}

const what: Readonly<Record<string, string>> = {
  directory: "is a directory",
  symlink: "is a symlink",
  other: "is a special file",
}

const ofContent = ({ doubt, expectations, unproven }: Expected, sha256: string | null): Verdict => {
  if (expectations.length === 0) return verdict("not_verifiable", "nothing on record says what it held")
  const wrong = expectations.filter((one) => one.sha256 !== sha256).map(({ source }) => source)
  if (wrong.length === 0) return doubt === null ? verdict("same") : verdict("not_reproduced", doubt)
  if (unproven !== null) return verdict("not_verifiable", unproven)
  const isPublished = expectations.some((one) => one.source === "published" && one.sha256 === sha256)
  return isPublished && wrong.every((source) => source === "rendered")
    ? verdict(
        "not_reproduced",
        "the template and the recorded answers give something else than was published",
      )
    : verdict("changed", `differs from ${wrong.map((source) => words[source]).join(", and from ")}`)
}

const ofGone = (expected: Expected, detail: string | null, isCleaned: boolean): Verdict => {
  const { doubt, expectations, path, unproven } = expected
  if (isCleaned && !isMetadata(path)) return verdict("cleaned")
  if (unproven !== null) return verdict("not_verifiable", unproven)
  const isOnlyRendered = expectations.every(({ source }) => source === "rendered")
  return doubt !== null && isOnlyRendered ? verdict("not_reproduced", doubt) : verdict("missing", detail)
}

const verdictOn = (expected: Expected, found: Found, isCleaned: boolean): Verdict => {
  switch (found._tag) {
    case "File":
      return expected.origin === "directory"
        ? verdict("changed", "is a file")
        : ofContent(expected, found.sha256)
    case "Other":
      return expected.origin === "directory" && found.type === "directory"
        ? verdict("same")
        : verdict("changed", what[found.type] ?? null)
    case "Gone":
      return ofGone(expected, found.detail, isCleaned)
    case "Unread":
      return verdict("not_verifiable", found.reason)
  }
}

const contentOf = (found: Found): FileDrift["found"] =>
  found._tag === "File" ? { size: found.size, sha256: found.sha256 } : null

/** How what is there stands to what is on record of it. */
export const driftOf = (expected: Expected, found: Found, isCleaned: boolean): FileDrift => ({
  path: printable(expected.path),
  origin: expected.origin,
  ...verdictOn(expected, found, isCleaned),
  expected: expected.expectations.map((one) => ({
    ...one,
    agrees: found._tag === "File" ? found.sha256 === one.sha256 : null,
  })),
  found: contentOf(found),
})

/** What nothing on record names: it came later, if the records are complete. */
export const unexpected = (path: string, found: Found, isComplete: boolean): FileDrift => ({
  path: printable(path),
  origin: "other",
  ...(isComplete
    ? verdict("added", found._tag === "Other" ? (what[found.type] ?? null) : null)
    : verdict("not_verifiable", "nothing on record says what it held")),
  expected: [],
  found: contentOf(found),
})

/** A directory that can't be looked into. */
export const unlisted = (path: string, reason: string): FileDrift => ({
  path: `${printable(path === "" ? "." : path)}/`,
  origin: "directory",
  status: "not_verifiable",
  detail: reason,
  expected: [],
  found: null,
})
