/** What a worker says is shown to people and kept: it must be short, and fit every format. */

const unstorable = /\p{Surrogate}|\u0000/gu

/** Cut to a length in UTF-16 units; what no file format holds is replaced. */
export const tidy = (text: string, most: number): string =>
  (text.length <= most ? text : `${text.slice(0, most - 1)}…`).replace(unstorable, "\uFFFD")

/** The beginning of a text, in quotes and on one line. */
export const quoted = (text: string): string => tidy(JSON.stringify(text.slice(0, 150)), 200)
