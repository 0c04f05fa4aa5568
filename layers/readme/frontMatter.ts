/** Readers look for the closing line within so many lines, the opening one counted. */
export const maxFrontMatterLines = 200

export type FrontMatter =
  /** The text doesn't begin with `---`: it is all prose. */
  | { readonly _tag: "Absent" }
  /** It begins with `---`, and no other `---` follows within the limit. */
  | { readonly _tag: "Unclosed" }
  | {
      readonly _tag: "Present"
      /** What stands between the two lines. */
      readonly yaml: string
      /** 1-based line of the file on which `yaml` begins. */
      readonly startLine: number
      readonly prose: string
    }

const fence = /^---[ \t]*$/

/** The end of the line that begins at `from`, without its line break, and where the next one begins. */
const lineAt = (text: string, from: number): { readonly line: string; readonly next: number } => {
  const feed = text.indexOf("\n", from)
  const end = feed === -1 ? text.length : feed
  const line = text.slice(from, text[end - 1] === "\r" && end > from ? end - 1 : end)
  return { line, next: feed === -1 ? text.length : feed + 1 }
}

/** Finds the YAML front matter of a Markdown text. A byte order mark before it is skipped. */
export const parseFrontMatter = (text: string): FrontMatter => {
  const opening = lineAt(text, text.startsWith("\ufeff") ? 1 : 0)
  if (!fence.test(opening.line)) return { _tag: "Absent" }
  let from = opening.next
  for (let number = 2; number <= maxFrontMatterLines && from < text.length; number += 1) {
    const { line, next } = lineAt(text, from)
    if (fence.test(line)) {
      return {
        _tag: "Present",
        yaml: text.slice(opening.next, from),
        startLine: 2,
        prose: text.slice(next),
      }
    }
    from = next
  }
  return { _tag: "Unclosed" }
}
