const breaks = /[\p{Cc}\s]+/gu
const reordering = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/**
 * A text as the heading of a Markdown page: on one line, and read as it is written. Only what Markdown
 * would take for markup is escaped, so that ordinary labels stay as they are.
 */
export const markdownHeading = (text: string): string =>
  text
    .replaceAll(reordering, "")
    .replaceAll(breaks, " ")
    .trim()
    .replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "\\\\")
    .replaceAll(/[`*[\]<~]|&(?=#?\w+;)/g, "\\$&")
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replace(/(^|\s)(#+)$/, "$1\\$2")
