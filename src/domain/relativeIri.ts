/** What RFC 3987 lets stand in a path, but for `:`, which makes a scheme of what is before it, and `'()*`. */
const inPath =
  /^[\w\-.~!$&+,;=@/\u{A0}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFEF}\u{10000}-\u{1FFFD}\u{20000}-\u{2FFFD}\u{30000}-\u{3FFFD}]$/u

// Spaces, and marks that nobody sees or that reorder what is read: RFC 3987, sections 4.1 and 6.2.
const unseen = /^[\p{Z}\p{C}]$/u

const encoder = new TextEncoder()

const percentEncoded = (char: string): string =>
  [...encoder.encode(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("")

/**
 * A relative path, `/` between its segments, as a relative reference of RFC 3987: letters of every script stay
 * readable, what has a meaning of its own is percent-encoded.
 */
export const relativeIri = (path: string): string =>
  [...path].map((char) => (inPath.test(char) && !unseen.test(char) ? char : percentEncoded(char))).join("")

const purlPart = (text: string): string =>
  [...text].map((char) => (/^[\w\-.~]$/.test(char) ? char : percentEncoded(char))).join("")

/** A package URL, https://github.com/package-url/purl-spec: a name for software that needn't have a page. */
export const packageUrl = (type: "npm" | "generic", name: string, version: string): string =>
  `pkg:${type}/${purlPart(name)}${version === "" ? "" : `@${purlPart(version)}`}`
