import type { ErrorCode, YAMLError } from "yaml"

/** What is wrong and what to do, where the parser's own words are for those who know it. */
const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: "a backslash stands for nothing here: write \\\\ for a backslash, or use single quotes",
  BAD_INDENT: "isn't indented like what it belongs to: begin the keys of one group at the same column",
  BAD_SCALAR_START: "a text can't begin with that character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a key follows where only a value can be: put a text with a colon in quotes, and each key on a line of its own",
  BLOCK_IN_FLOW:
    "a key or a - can't be here within { } or [ ]: put a text with a colon in quotes, and commas between entries",
  KEY_OVER_1024_CHARS: "a key has more than 1024 characters: shorten it",
  MULTILINE_IMPLICIT_KEY: "there is no colon with a space behind it after the key: write `key: value`",
  MULTIPLE_ANCHORS: "a value has two anchors: leave one out",
  MULTIPLE_DOCS: "a second document begins here: leave out the line --- and what follows it",
  MULTIPLE_TAGS: "a value has two tags: leave them out",
  TAB_AS_INDENT: "is indented with a tab: use spaces",
}

/** The parser's words where a code of its stands for several things. */
const missing: ReadonlyArray<readonly [RegExp, string]> = [
  [/^Missing closing .quote/, "a quote isn't closed: end the text with the quote that it begins with"],
  [/(?:must|and) end with a ([}\]])/, "a bracket isn't closed: end it with $1, and indent the lines between"],
  [/^Implicit map keys/, "there is no colon with a space behind it after the key: write `key: value`"],
  [/^Comments must/, "there is no space before #: a comment needs one, a text with # needs quotes"],
  [/^Unexpected scalar at node end/, "something follows where the value has ended: put all of it in quotes"],
  [/^Unexpected block-seq-ind on same/, "a list begins on the line of its key: begin it on the next one"],
  [/^Missing , (?:or : )?between/, "there is no comma between what stands in the brackets"],
]

/** An error of the YAML parser in plain words; its own where we have none. */
export const syntaxSentence = ({ code, message }: YAMLError): string => {
  const found = missing.map(([words, sentence]) => {
    const match = words.exec(message)
    return match === null ? undefined : sentence.replace("$1", match[1] ?? "")
  })
  return found.find((sentence) => sentence !== undefined) ?? sentences[code] ?? message
}
